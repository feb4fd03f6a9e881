"""CFG377: proposals of ESP that differ in nothing but the hash of a cipher that authenticates by itself.

VyOS renders a hash in any case (sha1 if none is written), so a single one beside such a cipher is how every
configuration looks and is not told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.rules.example import PEER
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import IPSEC, proposals
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_SECOND = PEER + "set vpn ipsec esp-group ESP proposal 2 hash sha512\n"

RULE = Rule(
    code="CFG377",
    title="proposals that differ in an unused hash",
    severity="warning",
    why=(
        "GCM, CCM, GMAC and ChaCha20-Poly1305 bring their own integrity check (RFC 4106, 4309, 4543, 7634), so the "
        "kernel's SA has no other. VyOS renders the hash all the same, sha1 if none is written, and strongSwan leaves "
        "it out of what it offers (seen with 5.9.8): the hash says nothing, and two proposals that differ in it are "
        "the same one twice. In an IKE proposal the hash is the pseudo-random function and belongs there."
    ),
    bad=_SECOND + "set vpn ipsec esp-group ESP proposal 2 encryption aes256gcm128\n",
    good=_SECOND + "set vpn ipsec esp-group ESP proposal 2 encryption aes256\n",
)

_AUTHENTICATED = re.compile(r".+(gcm|ccm)[0-9]+|aes[0-9]+gmac|chacha20poly1305")


def find(subject: Subject) -> Iterator[Finding]:
    for group in subject.top.each(*IPSEC, "esp-group"):
        offered: dict[str, tuple[str, str | None]] = {}
        for proposal in proposals(group):
            cipher, integrity = proposal.text("encryption"), proposal.text("hash")
            if cipher is None or not _AUTHENTICATED.fullmatch(cipher):
                continue
            number, other = offered.setdefault(cipher, (proposal.name, integrity))
            if other != integrity:
                message = (
                    f"{cipher} authenticates by itself: strongSwan ignores the hash that VyOS renders, and this is "
                    f"proposal {number} again"
                )
                yield RULE.finding(message, proposal.where, first_span(proposal.node))
