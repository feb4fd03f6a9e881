"""CFG364: a peer's dhcp-interface that asks nobody for a lease.

An interface that is configured nowhere is CFG312's business.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.devices import by_name
from sapper.rules.example import PEER, instead
from sapper.rules.finding import Finding, Fix
from sapper.rules.ipsec_tree import peers
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_LEASED = instead(PEER, "local-address 192.0.2.10", "dhcp-interface eth0").replace("protocol gre", "priority 1")

RULE = Rule(
    code="CFG364",
    title="a dhcp-interface that is no DHCP client",
    severity="error",
    why=(
        "VyOS refuses the commit: the peer's local address is to be that of the lease. While there is no lease "
        "yet, it leaves the peer out with a message, and the tunnel is not there at all."
    ),
    bad=_LEASED,
    good=instead(_LEASED, "address 192.0.2.10/24", "address dhcp"),
)


def find(subject: Subject) -> Iterator[Finding]:
    named = [(peer, value) for peer in peers(subject) for value in peer.texts("dhcp-interface")]
    if not named:
        return
    configured = by_name(subject.top)
    for peer, value in named:
        device = configured.get(value.word)
        if device is not None and all(node.word != "dhcp" for node in device.branch.texts("address")):
            message = f"{value.word} has no `address dhcp`: VyOS refuses it as a dhcp-interface"
            fix = Fix("lease its address", (f"set {device.where('address')} dhcp",))
            yield RULE.finding(message, f"{peer.where} dhcp-interface", value.span, fixes=(fix,))
