"""CFG315: transport mode with prefixes, or with a protocol while the local address is any.

Transport mode protects packets between the two IKE addresses, so there is no network to select. Source: the rules
of VyOS' vpn_ipsec for ESP mode transport.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch, first_span
from sapper.model.ipsec import Peer, PeerTunnel
from sapper.rules.example import PEER, instead
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import ANYBODY, is_old, may_be_anybody, peers
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG315",
    title="transport mode with selectors that it cannot have",
    severity="error",
    why=(
        "VyOS refuses the commit. Transport mode keeps the packet's own addresses, so it takes no prefixes; and a "
        "protocol can only be selected from a known address, until 1.3 to a known one too. The kernel would take a "
        "wildcard policy."
    ),
    bad=PEER + "set vpn ipsec site-to-site peer west tunnel 1 local prefix 10.10.0.1/32\n",
    good=instead(PEER, "mode transport", "mode tunnel")
    + "set vpn ipsec site-to-site peer west tunnel 1 local prefix 10.10.0.1/32\n"
    + "set vpn ipsec site-to-site peer west tunnel 1 remote prefix 10.10.0.2/32\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    local = {branch.where: branch for branch in peers(subject)}
    old = is_old(subject)
    for peer in subject.router.peers:
        branch = local[peer.origin.path]
        has_local = branch.has("local-address") or branch.has("dhcp-interface")
        for tunnel in peer.tunnels:
            message = _wrong(peer, tunnel, has_local)
            if message is None and tunnel.esp_group.mode == "transport" and tunnel.protocol is not None:
                message = _anybody(branch, old)
            number = branch.below("tunnel", tunnel.number)
            if message and number is not None:
                yield RULE.finding(message, tunnel.origin.path, first_span(number.node))


def _wrong(peer: Peer, tunnel: PeerTunnel, has_local: bool) -> str | None:
    """Without any local address at all it is CFG324's business."""
    if tunnel.esp_group.mode != "transport":
        return None
    if tunnel.local_prefixes or tunnel.remote_prefixes:
        return f"esp-group {tunnel.esp_group.name} is transport mode, which takes no prefix: VyOS refuses it"
    if tunnel.protocol is not None and peer.local_address is None and has_local:
        return "a protocol in transport mode needs a local-address that is not any: VyOS refuses it"
    return None


def _anybody(branch: Branch, old: bool) -> str | None:
    """Since 1.4 VyOS looks at the peer's name only, which is its address no longer."""
    if branch.name in ANYBODY or (old and may_be_anybody(branch)):
        return "a protocol in transport mode needs a peer with an address: VyOS refuses it"
    return None
