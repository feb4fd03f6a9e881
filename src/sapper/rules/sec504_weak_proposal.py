"""SEC504: proposals with ciphers, hashes or groups that are broken or too small.

What the far end offers may be chosen, so one weak proposal among good ones weakens the connection. Source: RFC 8221
and RFC 8247 (SHOULD NOT and MUST NOT), RFC 9395 (algorithms that were deprecated).
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.config.tree import Node
from sapper.model.branch import Branch
from sapper.rules.example import PROTECTED, instead
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import IPSEC, proposals
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="SEC504",
    title="a weak proposal",
    severity="warning",
    why=(
        "DES can be searched through, 3DES and Blowfish have blocks that repeat after some gigabytes, MD5 is broken, and "
        "Diffie-Hellman groups below 2048 bits are in reach of large attackers. One of several proposals is enough: the "
        "far end chooses."
    ),
    reference="RFC 8221 5 and 6, RFC 8247 2, RFC 9395 3",
    lab=(
        "The two first packets of the exchange are in clear and carry public values of 1024 bits. That such a value can "
        "be broken is no packet's to show."
    ),
    bad=instead(PROTECTED, "dh-group 14", "dh-group 2"),
    good=PROTECTED,
)

_CIPHERS = frozenset({"des", "3des", "blowfish128", "blowfish192", "blowfish256", "cast128"})
_HASHES = frozenset({"md5", "md5_128"})
_GROUPS = frozenset({"1", "2", "5", "22", "23", "24", "25"})


def find(subject: Subject) -> Iterator[Finding]:
    for kind in ("esp-group", "ike-group"):
        for group in subject.top.each(*IPSEC, kind):
            for proposal in proposals(group):
                yield from _of_proposal(proposal)
            pfs = group.in_force("pfs")
            if kind == "esp-group" and pfs is not None and pfs.word.removeprefix("dh-group") in _GROUPS:
                yield _weak(group, pfs, "pfs")


def _of_proposal(proposal: Branch) -> Iterator[Finding]:
    for word, weak in (("encryption", _CIPHERS), ("hash", _HASHES), ("dh-group", _GROUPS)):
        value = proposal.in_force(word)
        if value is not None and value.word in weak:
            yield _weak(proposal, value, word)


def _weak(branch: Branch, value: Node, word: str) -> Finding:
    return RULE.finding(
        f"{word} {value.word} is weak, and the far end may choose it", f"{branch.where} {word}", value.span
    )
