"""SEC506: a pre-shared key that is short enough to be guessed. Its length is counted, the key never repeated."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch
from sapper.rules.example import PROTECTED, instead
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import IPSEC, peers
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

ENOUGH_CHARACTERS = 20
"""Of random letters and digits: about 112 bits (NIST SP 800-77r1, 3.2)."""

RULE = Rule(
    code="SEC506",
    title="a short pre-shared key",
    severity="warning",
    why=(
        "The key is all that proves who the far end is, and an attacker in the middle can try keys against a recorded "
        f"exchange. Below {ENOUGH_CHARACTERS} characters it is in reach; words of a language count for less."
    ),
    reference="RFC 7296 2.15; NIST SP 800-77r1 3.2",
    lab=(
        "Somebody in the far end's place tries nine words, one exchange for each. The router refuses the wrong ones, and "
        "the right one gives an SA."
    ),
    bad=PROTECTED,
    good=instead(PROTECTED, "secret example", "secret e7Rq2mVx9TzLk4WbN8sJ"),
)

_KEYS = (*IPSEC, "authentication", "psk")


def find(subject: Subject) -> Iterator[Finding]:
    for key in subject.top.each(*_KEYS):
        yield from _short(key, "secret")
    for peer in peers(subject):
        yield from _short(peer, "authentication", "pre-shared-secret")


def _short(branch: Branch, *words: str) -> Iterator[Finding]:
    value = branch.in_force(*words)
    if value is not None and len(value.word) < ENOUGH_CHARACTERS:
        message = f"a pre-shared key of fewer than {ENOUGH_CHARACTERS} characters"
        yield RULE.finding(message, " ".join((*branch.path[:3], words[-1])), value.span)
