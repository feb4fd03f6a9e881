"""CFG357: an IKE proposal whose hash is no pseudo-random function, and that names none."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import PEER
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import IPSEC
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_GMAC = PEER + "set vpn ipsec ike-group IKE proposal 1 hash aes128gmac\n"

RULE = Rule(
    code="CFG357",
    title="an IKE proposal without pseudo-random function",
    severity="error",
    why=(
        "IKE derives its keys with a pseudo-random function, which is that of the hash unless prf names another. "
        "GMAC and the truncated sha256_96 have none, so VyOS refuses the commit unless the proposal has a prf."
    ),
    bad=_GMAC,
    good=_GMAC + "set vpn ipsec ike-group IKE proposal 1 prf prfsha256\n",
)

_NO_FUNCTION = frozenset({"aes128gmac", "aes192gmac", "aes256gmac", "sha256_96"})


def find(subject: Subject) -> Iterator[Finding]:
    for group in subject.top.each(*IPSEC, "ike-group"):
        for proposal in group.each("proposal"):
            value = proposal.in_force("hash")
            if value is not None and value.word in _NO_FUNCTION and proposal.text("prf") is None:
                message = f"hash {value.word} is no pseudo-random function: VyOS refuses it without a prf"
                yield RULE.finding(message, f"{proposal.where} hash", value.span)
