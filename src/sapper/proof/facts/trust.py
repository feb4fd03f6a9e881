"""Which interfaces an eavesdropper may sit on.

Untrusted is every interface that is not a tunnel, loopback or dummy. A directly connected network that is not an
underlay is trusted for its own prefix: a packet for a host of the LAN has to cross the LAN. An underlay carries the
default route, a tunnel's or peer's local address, or an address by DHCP or PPPoE.
"""

from __future__ import annotations

import msgspec

from sapper.address import Address
from sapper.kernel.ends import ends_of
from sapper.kernel.plan import Link, Plan
from sapper.proof.facts.policy_routing import tables_led_to

WIRED = frozenset({"ethernet", "vlan", "bridge", "pppoe"})


class Trust(msgspec.Struct, frozen=True):
    """Names of links. ``wired`` are all that lead out of the router; ``untrusted`` those that nobody says to trust.

    An underlay that is trusted still carries the tunnels, so it is an underlay, but nothing leaks there.
    """

    untrusted: frozenset[str]
    underlays: frozenset[str]
    wired: frozenset[str]

    @property
    def attacked(self) -> frozenset[str]:
        """The underlays that an attacker may send on."""
        return self.underlays & self.untrusted

    def leaks(self, link: Link, destination: Address) -> bool:
        """Whether a clear packet for that destination must not be put on this link."""
        if link.name not in self.untrusted:
            return False
        if link.name in self.underlays:
            return True
        return not any(destination in attached.prefix for attached in link.addresses)


def trust_of(plan: Plan) -> Trust:
    """The interfaces of a Plan by trust."""
    bridges = {link.name for link in plan.links if link.kind == "bridge"}
    wired = [link for link in plan.links if link.kind in WIRED and link.master not in bridges]
    tunnels = [ends for ends in map(ends_of, plan.links) if ends is not None]
    ends = {tunnel.local for tunnel in tunnels}
    ends |= {address for connection in plan.connections for address in connection.local_addrs}
    led = tables_led_to(plan)
    defaults = [route for route in plan.routes if route.prefix.length == 0 and route.table in led]
    underlays = {
        link.name
        for link in wired
        if link.dynamic
        or any(attached.address in ends for attached in link.addresses)
        or any(route.link == link.name for route in defaults)
        or any(route.via in attached.prefix for route in defaults if route.via for attached in link.addresses)
    }
    underlays |= {tunnel.link for tunnel in tunnels if tunnel.link}
    names = frozenset(link.name for link in wired)
    return Trust(names - frozenset(plan.stated.trusted), names & underlays, names)
