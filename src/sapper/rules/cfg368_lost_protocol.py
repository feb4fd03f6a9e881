"""CFG368: a protocol or port that is lost because its side has no prefix.

Until 1.3 ipsec.conf kept the protocol of such a side; the swanctl template since 1.4 writes nothing for it.
Transport mode has no prefixes and keeps the protocol. Source: the rendering of selectors in tunnel mode.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch, first_span
from sapper.rules.example import PEER, instead
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import esp_mode, is_old, rendered_peers, rendered_tunnels
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG368",
    title="a protocol or port without prefix in tunnel mode",
    severity="warning",
    why=(
        "VyOS takes it and silently leaves that side's selector out, protocol and port included. strongSwan then "
        "takes the peer's own address and every protocol: more than was written is encrypted, and a peer that "
        "asks for the protocol alone gets it narrowed."
    ),
    bad=instead(PEER, "mode transport", "mode tunnel"),
    good=PEER,
)


def find(subject: Subject) -> Iterator[Finding]:
    if is_old(subject):
        return
    for peer in rendered_peers(subject):
        for tunnel in rendered_tunnels(peer):
            lost = [side for side in ("local", "remote") if _loses(tunnel, side)]
            if lost and esp_mode(subject, peer, tunnel) == "tunnel":
                message = (
                    f"without a {' and a '.join(lost)} prefix in tunnel mode VyOS silently drops the protocol and "
                    "port of that side: everything between the peers is selected"
                )
                yield RULE.finding(message, tunnel.where, first_span(tunnel.node))


def _loses(tunnel: Branch, side: str) -> bool:
    if tunnel.texts(side, "prefix"):
        return False
    protocol = tunnel.in_force("protocol")
    return bool(tunnel.texts(side, "port")) or (protocol is not None and protocol.word != "all")
