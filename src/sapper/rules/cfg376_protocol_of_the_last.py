"""CFG376: a protocol in transport mode with several remote addresses, which reaches the last one only."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.rules.example import PEER, without
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import esp_mode, is_old, may_be_anybody, rendered_peers, rendered_tunnels
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_TWO = PEER + "set vpn ipsec site-to-site peer west remote-address 203.0.113.21\n"

RULE = Rule(
    code="CFG376",
    title="a protocol for the last of several remote addresses",
    severity="warning",
    why=(
        "VyOS joins the remote addresses by commas and puts the protocol and the port after the last one. For all "
        "others the selector silently takes every protocol."
    ),
    bad=_TWO,
    good=without(_TWO, "protocol") + "set vpn ipsec site-to-site peer west tunnel 1 priority 1\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    if is_old(subject):
        return
    for peer in rendered_peers(subject):
        remotes = peer.texts("remote-address")
        if len(remotes) < 2 or may_be_anybody(peer):
            continue
        for tunnel in rendered_tunnels(peer):
            selects = tunnel.texts("protocol") or tunnel.texts("remote", "port")
            if selects and esp_mode(subject, peer, tunnel) == "transport":
                message = (
                    f"of {len(remotes)} remote addresses only {remotes[-1].word} gets the protocol and port: VyOS "
                    "silently selects every protocol for the others"
                )
                yield RULE.finding(message, tunnel.where, first_span(tunnel.node))
