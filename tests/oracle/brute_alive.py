"""Does one packet get through, by plain code: one router that sends it, and the far one that takes it, both SAs up.

A third opinion on liveness, from the documents and the kernel's sources, without a look at the proof's own code: it
uses the second opinion's walk (:mod:`brute_force`), the Plan, and the row of the lifecycle. Sources:
net/ipv4/ip_tunnel.c (ip_tunnel_lookup), net/ipv6/sit.c, net/xfrm/xfrm_policy.c (__xfrm_policy_check), RFC 7296 2.9.
"""

from __future__ import annotations

from collections.abc import Iterator

from brute_force import Ending, Oracle
from brute_kernel import Datagram, Ip, Net, ip, net

from sapper.kernel.plan import Child, Connection, Link, Plan, Selector
from sapper.proof.states.lifecycle import TABLE
from sapper.proof.states.situation import Situation

OUTSIDE = ("ethernet", "vlan", "bridge", "pppoe")
FAMILIES = {"sit": {6}, "ipip": {4}, "gre": {4, 6}, "ip6gre": {4, 6}}


def established(plan: Plan) -> Oracle:
    """The router with every SA up, every VTI raised and the network at peace."""
    up = next(row for row in TABLE if row.state == "up")
    return Oracle(plan, Situation(up, frozenset(link.name for link in plan.links if link.raised_by)))


def leaves(oracle: Oracle, ending: Ending) -> bool:
    """Encrypted, on a wire that leads out."""
    return ending[0] == "encrypted" and (ending[1] == "?" or oracle.links[ending[1]].kind in OUTSIDE)


def gets_out(oracle: Oracle, device: str | None, packet: Datagram) -> bool:
    """Every way that the packet may take ends so; a device that is meant for the other family carries nothing."""
    if device is not None:
        link = oracle.links[device]
        meant = FAMILIES.get(link.kind, {4, 6})
        if link.kind == "ip6tnl" and link.encapsulating is not None:
            meant = {4} if link.encapsulating.payload == 4 else {6}
        if link.encapsulating is not None and packet.destination.version not in meant:
            return False
    endings = oracle.hand(device, packet) if device is not None else oracle.carry(packet, comes_in(oracle, packet))
    return all(leaves(oracle, ending) for ending in endings)


def let_pass(oracle: Oracle, packet: Datagram) -> bool:
    """Whether a bypass policy sends it in clear: the owner has said that it is none of the tunnel's."""
    return any(entry is not None and entry.mode == "pass" for entry in oracle.matching(packet))


def comes_in(oracle: Oracle, packet: Datagram) -> str:
    """By which interface, as liveness takes for granted: the sender's own network, or else the way back to it."""
    ways = oracle.ways(packet.source) if packet.source is not None else []
    return next((way.link for way in ways if way.kind == "unicast"), "eth2")


def through_the_router(plan: Plan, local: Net, remote: Net, source: Ip, destination: Ip) -> bool:
    """Whether a packet of a flow passes this router at all: from one side of it to the other."""
    own = {ip(item.address) for link in plan.links for item in link.addresses}
    if destination in own:
        return False
    if local != remote and remote.subnet_of(local) and source in remote:  # type: ignore[arg-type]
        return False
    if local != remote and local.subnet_of(remote) and destination in local:  # type: ignore[arg-type]
        return False
    behind = [net(item.prefix) for link in plan.links for item in link.addresses if link.kind in OUTSIDE]
    inside = [one for one in behind if one.version == remote.version and one != remote and one.subnet_of(remote)]  # type: ignore[arg-type]
    return not any(destination in one for one in inside)


def narrowed(ours: Connection, theirs: Connection, packet: Datagram) -> bool:
    """Whether what both ends select holds the packet that this end sends."""
    return any(_selects(child, packet.source, packet.destination, packet) for child in _sealing(ours)) and any(
        _selects(child, packet.destination, packet.source, packet) for child in _sealing(theirs)
    )


def _sealing(connection: Connection) -> Iterator[Child]:
    return (child for child in connection.children if child.mode != "pass")


def _selects(child: Child, near: Ip | None, far: Ip | None, packet: Datagram) -> bool:
    def holds(selector: Selector, address: Ip | None) -> bool:
        within = net(selector.prefix)
        fits = address is not None and address.version == within.version and address in within
        return fits and selector.protocol in (None, packet.protocol)

    return any(holds(one, near) for one in child.local_ts) and any(holds(one, far) for one in child.remote_ts)


def taken_in(plan: Plan, sender: Link, packet: Datagram) -> bool:
    """Whether a tunnel of the far router takes the packet that came out of the SA."""
    oracle = established(plan)
    assert sender.encapsulating is not None
    for link in plan.links:
        outside = link.encapsulating
        if outside is None or link.name not in oracle.up:
            continue
        same = link.kind == sender.kind and outside.key == sender.encapsulating.key
        same = same and outside.payload == sender.encapsulating.payload
        ends = (ip(outside.local) if outside.local else None, ip(outside.remote) if outside.remote else None)
        if same and ends[0] in (None, packet.destination) and ends[1] in (None, packet.source):
            return oracle.ways(packet.destination)[:1] != [] and oracle.ways(packet.destination)[0].kind == "local"
    return False
