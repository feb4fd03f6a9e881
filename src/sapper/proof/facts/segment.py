"""Which bridges lead nowhere outside: a tunnel on layer 2, and the ports of the network that it extends.

A bridge forwards a frame between its ports and routes nothing (net/bridge/br_forward.c, br_input.c). Where it has no
address and no route of its own, and no port leads outside or into another tunnel, a frame that comes in by one port
has no other way out than the tunnel. One port without an address and without an underlay on it is the network that the
tunnel extends; nothing tells that a second one is not the provider's, unless the user trusts it. Of every other
bridge nothing is said.
"""

from __future__ import annotations

from collections.abc import Set

from sapper.kernel.ends import ends_of
from sapper.kernel.plan import Link, Plan
from sapper.proof.facts.trust import trust_of

_OF_A_NETWORK = frozenset({"ethernet", "vlan"})


def closed_segments(plan: Plan) -> frozenset[str]:
    """The names of the bridges whose frames leave by their one tunnel alone; none where the Plan has a gap."""
    bridges = {link.name: link for link in plan.links if link.kind == "bridge"} if not plan.gaps else {}
    if not bridges:
        return frozenset()
    routed = {route.link for route in plan.routes}
    trust = trust_of(plan)
    bound = {ends.link for ends in map(ends_of, plan.links) if ends is not None and ends.link}
    outside = trust.underlays | bound | {link.parent for link in plan.links if link.name in trust.underlays}
    routed |= {link.parent for link in plan.links}
    ports: dict[str, list[Link]] = {name: [] for name in bridges}
    for link in plan.links:
        if link.master in bridges:
            ports[link.master].append(link)
    return frozenset(
        name
        for name, bridge in bridges.items()
        if not (bridge.addresses or bridge.master or name in routed | outside)
        and not any(_leads_outside(port, outside) for port in ports[name])
        and sum(port.kind not in _OF_A_NETWORK for port in ports[name]) == 1
        and sum(port.kind in _OF_A_NETWORK and port.name not in plan.stated.trusted for port in ports[name]) < 2
    )


def _leads_outside(port: Link, outside: Set[str | None]) -> bool:
    return bool(port.addresses) or port.dynamic or port.name in outside
