"""The walk of one packet through one kernel, from where it appears to the wire.

Linux' way out: route lookup, XFRM policy lookup (a policy without a state drops here), postrouting (where a changed
source repeats the policy lookup), then the device; a tunnel device wraps the packet and the outer packet starts over; an xfrm interface looks for a
policy with its own id and drops what finds none. The walk knows nothing of lifecycle states: it is given a kernel.

Sources: net/ipv4/ip_output.c, net/xfrm/xfrm_policy.c, net/xfrm/xfrm_interface_core.c, net/netfilter/nf_nat_core.c
(nf_xfrm_me_harder).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from sapper.address import Address
from sapper.kernel.links import record_of
from sapper.kernel.plan import Encapsulating, Link, Route
from sapper.proof.facts.over_udp import UDP, UDP_KINDS, leads_unwalked, outer_of
from sapper.proof.facts.packet import ESP, Packet
from sapper.proof.states.effective import Kernel, Policy
from sapper.proof.walk.arrival import Arrival, arrivals
from sapper.proof.walk.guard import Way, stopped_on_the_way_out, way_of
from sapper.proof.walk.nat import translations
from sapper.proof.walk.policy import contest, outbound
from sapper.proof.walk.routing import line_of, lookup, perhaps_kept, source_for
from sapper.proof.walk.wireguard import outer_packets

# The kernel gives up at the same depth (XMIT_RECURSION_LIMIT, include/linux/netdevice.h).
DEPTH_LIMIT = 8


# The first packet into a VTI is somebody's, from the second round on it is the same ESP packet.
_ROUNDS_OF_A_VTI = 2
_LOOPBACK = Link(name="lo", kind="loopback")
_NOTHING = Packet(source=None, destination=Address(4, 0), protocol=0)


class End(msgspec.Struct, frozen=True, kw_only=True):
    """Where one walk ended. ``devices`` are the tunnel devices and VTIs that the packet was handed to.

    ``doubts`` name what sapper does not model and that decided the way. ``seals`` are the children whose SA encrypted
    it, the innermost first.
    """

    kind: Literal["wire", "dropped", "delivered", "unknown"]
    packet: Packet
    trace: tuple[str, ...]
    link: str | None = None
    devices: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    seals: tuple[str, ...] = ()


class _Trail(msgspec.Struct, frozen=True):
    """``mark`` stays on a packet whatever is put around it."""

    trace: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    seals: tuple[str, ...] = ()
    mark: int = 0

    def note(self, line: str) -> _Trail:
        return msgspec.structs.replace(self, trace=(*self.trace, line))

    def through(self, device: str) -> _Trail:
        return msgspec.structs.replace(self, devices=(*self.devices, device))

    def sealed(self, child: str) -> _Trail:
        return msgspec.structs.replace(self, seals=(*self.seals, child))

    def doubt(self, name: str | None) -> _Trail:
        return self if name is None else msgspec.structs.replace(self, doubts=(*self.doubts, name))

    def end(
        self, kind: Literal["wire", "dropped", "delivered", "unknown"], packet: Packet, link: str | None = None
    ) -> End:
        return End(
            kind=kind,
            packet=packet,
            link=link,
            trace=self.trace,
            devices=self.devices,
            doubts=self.doubts,
            seals=self.seals,
        )


def walk(kernel: Kernel, packet: Packet, enters: str | None = None) -> tuple[End, ...]:
    """Every end that a packet may come to that this router sends or forwards; ``enters``: the interface, where known."""
    way = way_of(kernel, packet)
    ends: list[End] = []
    for one in arrivals(kernel, packet, enters) if way == "forward" else (Arrival(packet),):
        trail = _Trail(trace=one.trace, doubts=one.doubts, mark=one.mark)
        if one.ended is not None:
            ends.append(trail.end(one.ended, one.packet))
        else:
            ends += _route(kernel, one.packet, trail, way=way, mark=one.mark)
    return tuple(dict.fromkeys(ends))


def hand_to_device(kernel: Kernel, link: Link, inner: Packet | None) -> tuple[End, ...]:
    """Every end of a packet (None: a frame) that was handed to that tunnel device or VTI."""
    trail = _Trail()
    if inner is not None:
        return tuple(_device(kernel, inner, link, trail))
    wrap = _encapsulate if link.wireguard is None else _wireguard
    wrap = _over_udp if link.kind in UDP_KINDS else wrap
    return tuple(wrap(kernel, None, link, trail))


def _route(
    kernel: Kernel, packet: Packet, trail: _Trail, bound_to: str | None = None, way: Way = "output", mark: int = 0
) -> Iterator[End]:
    if packet.destination in kernel.local:
        yield from _to_itself(kernel, packet, trail.note(f"{packet.destination} is an address of this router"), way)
        return
    routes = lookup(kernel, packet.destination, bound_to, packet.source, mark)
    if not routes:
        yield trail.note(f"no route for {packet.destination}").end("dropped", packet)
    for route in routes:
        yield from _along(kernel, packet, route, trail.note(line_of(route)), way)


def _to_itself(kernel: Kernel, packet: Packet, trail: _Trail, way: Way) -> Iterator[End]:
    """Delivered; but of its own IPv6 packets to itself XFRM is asked (only IPv4's lo has disable_xfrm set)."""
    rivals: tuple[Policy | None, ...] = (None,)
    if packet.family == 6 and way == "output" and packet.protocol != ESP:
        packet = msgspec.structs.replace(packet, source=packet.source or packet.destination)
        rivals = outbound(kernel, packet)
    trail = trail.doubt(contest(rivals))
    for policy in rivals:
        if policy is None or policy.mode == "pass" or (policy.mode == "transport" and policy.state):
            yield trail.end("delivered", packet)
        else:
            yield from _transform(kernel, packet, policy, _LOOPBACK, trail)


def _along(kernel: Kernel, packet: Packet, route: Route, trail: _Trail, way: Way) -> Iterator[End]:
    link = kernel.links.get(route.link or "")
    if route.kind != "unicast" or link is None:
        yield trail.end("dropped", packet)
        return
    if packet.source is None:
        packet = msgspec.structs.replace(packet, source=source_for(kernel, route, packet.destination))
    if packet.protocol == ESP and packet.inner is not None:
        yield from _esp(kernel, packet, link, trail)
    else:
        yield from _postrouting(kernel, packet, link, trail, way)


def _esp(kernel: Kernel, packet: Packet, link: Link, trail: _Trail) -> Iterator[End]:
    guard = stopped_on_the_way_out(kernel, "output", packet, link.name)
    if guard is not None:
        yield trail.note(f"{packet}: dropped by {guard.name}").end("dropped", packet)
        return
    # It is a packet of its own to NAT, but none that XFRM is asked about again (IPSKB_XFRM_TRANSFORMED).
    for changed, done, doubt in translations(kernel, packet, link):
        here = trail.doubt(doubt)
        yield from _device(kernel, changed, link, here.note(done) if done is not None else here)


def _postrouting(kernel: Kernel, packet: Packet, link: Link, trail: _Trail, way: Way) -> Iterator[End]:
    rivals = outbound(kernel, packet)
    for first in rivals:
        yield from _decided(kernel, packet, first, link, trail.doubt(contest(rivals)), way)


def _decided(
    kernel: Kernel, packet: Packet, first: Policy | None, link: Link, trail: _Trail, way: Way
) -> Iterator[End]:
    guard = (
        stopped_on_the_way_out(kernel, way, packet, link.name) if first is None or first.mode == "pass" else None
    )
    if guard is not None:
        yield trail.note(f"{packet}: no XFRM policy matches, dropped by {guard.name}").end("dropped", packet)
        return
    if first is not None and first.mode != "pass" and not first.state:
        # Routing asks XFRM before postrouting: what is dropped there never meets NAT.
        yield from _transform(kernel, packet, first, link, trail)
        return
    known = first is None or first.mode != "tunnel" or first.remote_end is not None
    for out in _outbound_links(kernel, first, link):
        if out is None:
            yield trail.note(f"{packet}: no way for its ESP packet, dropped").end("dropped", packet)
        elif known and trail.devices and out.name == trail.devices[-1]:
            # ip_tunnel_xmit, ipip6_tunnel_xmit: "local routing loop", by the device of the whole bundle.
            yield trail.note(f"{packet}: leads back into {out.name}, dropped").end("dropped", packet)
        else:
            yield from _translated(kernel, packet, first, link, out, trail)


def _translated(
    kernel: Kernel, packet: Packet, first: Policy | None, link: Link, out: Link, trail: _Trail
) -> Iterator[End]:
    for changed, done, doubt in translations(kernel, packet, out):
        here = trail.doubt(doubt)
        if done is not None:
            here = here.note(done)
        rivals = outbound(kernel, changed) if changed != packet else (first,)
        here = here.doubt(contest(rivals))
        for policy in rivals:
            if policy is None or policy.mode == "pass":
                line = "no XFRM policy matches" if policy is None else f"bypass policy {policy.child}"
                yield from _device(kernel, changed, link, here.note(f"{changed}: {line}"))
            else:
                yield from _transform(kernel, changed, policy, link, here)


def _outbound_links(kernel: Kernel, policy: Policy | None, link: Link) -> tuple[Link | None, ...]:
    """The interface that postrouting sees: in tunnel mode the one that ESP leaves by (xfrm_bundle_create).

    None where ESP has no way: then there is no bundle, and the packet goes no further. Of equal routes any may be the one.
    """
    if policy is None or policy.mode != "tunnel" or policy.remote_end is None or policy.remote_end in kernel.local:
        return (link,)
    ways = [kernel.links.get(route.link or "") for route in lookup(kernel, policy.remote_end)]
    distinct = {way.name if way is not None else None: way for way in ways}
    return tuple(distinct.values()) or (None,)


def _transform(kernel: Kernel, packet: Packet, policy: Policy, link: Link, trail: _Trail) -> Iterator[End]:
    """Encrypt by that policy, or drop: a policy without a state drops (larval_drop)."""
    if not policy.state:
        line = f"{packet}: policy of {policy.child} without an SA drops it"
        yield trail.note(line).end("dropped", packet)
        return
    hidden = packet.protected or policy.conceals
    does = "encrypts it" if policy.conceals else "puts it into ESP that encrypts nothing"
    trail = trail.note(f"{packet}: policy of {policy.child} {does} ({policy.mode} mode)").sealed(policy.child)
    if policy.mode == "transport":
        encrypted = msgspec.structs.replace(packet, protocol=ESP, protected=hidden, inner=packet, key=None)
        yield from _esp(kernel, encrypted, link, trail)
        return
    if policy.remote_end is None:
        yield trail.note("ESP towards the peer that the SA belongs to").end(
            "wire", msgspec.structs.replace(packet, protocol=ESP, protected=hidden, inner=packet), link.name
        )
        return
    outer = Packet(
        source=policy.local_end, destination=policy.remote_end, protocol=ESP, protected=hidden, inner=packet
    )
    if len(trail.devices) > DEPTH_LIMIT:
        yield trail.note("nested too deeply").end("dropped", outer)
        return
    yield from _route(kernel, outer, trail)


def _device(kernel: Kernel, packet: Packet, link: Link, trail: _Trail) -> Iterator[End]:
    beyond = leads_unwalked(link, kernel.links, kernel.unwalked)
    if beyond is not None:
        line = f"{beyond}: its outer packets are not modelled"
        yield trail.doubt(line).note(line).end("unknown", packet)
    elif link.kind == "xfrm":
        yield from _xfrm_interface(kernel, packet, link, trail.through(link.name))
    elif link.wireguard is not None:
        yield from _wireguard(kernel, packet, link, trail)
    elif link.kind in UDP_KINDS:
        yield from _over_udp(kernel, packet, link, trail)
    elif link.encapsulating is not None:
        record = record_of(link)
        protocol = record.outer_protocol(packet.family) if record is not None else link.encapsulating.protocol
        if protocol is None:
            line = f"{link.name} does not carry IPv{packet.family}"
            yield trail.note(line).end("dropped", packet)
            return
        yield from _encapsulate(kernel, packet, link, trail, protocol)
    else:
        words = "encrypted" if packet.protected else "in clear"
        yield trail.note(f"on the wire at {link.name}: {packet}, {words}").end("wire", packet, link.name)


def _xfrm_interface(kernel: Kernel, packet: Packet, link: Link, trail: _Trail) -> Iterator[End]:
    if trail.devices.count(link.name) > _ROUNDS_OF_A_VTI:
        yield trail.note(f"{link.name} is routed into itself: dropped").end("dropped", packet)
        return
    rivals = outbound(kernel, packet, link.if_id)
    trail = trail.doubt(contest(rivals))
    for policy in rivals:
        if policy is None:
            yield trail.note(f"{link.name}: no policy with its interface id, dropped").end("dropped", packet)
        elif policy.mode == "transport" and policy.state:
            # Transport mode keeps the route, which is this interface again (xfrmi_xmit2: local routing loop).
            yield trail.note(f"{link.name}: transport mode leads back into it, dropped").end("dropped", packet)
        else:
            yield from _transform(kernel, packet, policy, link, trail)


def _encapsulate(
    kernel: Kernel, inner: Packet | None, link: Link, trail: _Trail, protocol: int | None = None
) -> Iterator[End]:
    wrapping = link.encapsulating
    assert wrapping is not None
    if link.name in trail.devices:
        # Its outer packet is the same each time, so every way out of here has been walked in the first round.
        yield trail.note(f"{link.name} is routed into itself: dropped").end("dropped", inner or _NOTHING)
        return
    trail = trail.through(link.name)
    if wrapping.remote is None:
        known_to = "each packet's destination" if wrapping.sixrd else "NHRP or a neighbour entry"
        line = f"{link.name} has no remote: its far end is known only to {known_to}"
        yield trail.doubt(line).note(line).end("unknown", inner or _NOTHING)
        return
    refused = _refused_over_ipv6(kernel, wrapping, inner) if wrapping.remote.family == 6 else None
    if refused is not None:
        yield trail.note(f"{link.name}: {refused}, dropped").end("dropped", inner or _NOTHING)
        return
    if wrapping.local in kernel.kept and wrapping.remote.family == 6:
        trail = trail.doubt(perhaps_kept(wrapping.local))
    outer = Packet(
        source=wrapping.local if wrapping.local and not wrapping.local.is_unspecified else None,
        destination=wrapping.remote,
        protocol=wrapping.protocol if protocol is None else protocol,
        key=wrapping.key,
        protected=inner.protected if inner else False,
        inner=inner,
    )
    if len(trail.devices) > DEPTH_LIMIT:
        yield trail.note(f"{link.name} is nested too deeply: dropped").end("dropped", outer)
        return
    yield from _route(kernel, outer, trail.note(f"{link.name} encapsulates: {outer}"), wrapping.link)


def _refused_over_ipv6(kernel: Kernel, wrapping: Encapsulating, inner: Packet | None) -> str | None:
    """Why a tunnel over IPv6 sends nothing (net/ipv6/ip6_tunnel.c: ip6_tnl_xmit_ctl, ip6_tnl_addr_conflict)."""
    if wrapping.local not in kernel.local and wrapping.local not in kernel.kept:
        return f"its local address {wrapping.local or 'any'} is none of this router"
    if wrapping.remote in kernel.local:
        return f"its far end {wrapping.remote} is this router itself"
    if inner is not None and inner.source == wrapping.remote:
        return f"the packet comes from {wrapping.remote}, its own far end"
    return None


def _over_udp(kernel: Kernel, inner: Packet | None, link: Link, trail: _Trail) -> Iterator[End]:
    outside = outer_of(link)
    if outside is None or link.name in kernel.unwalked:
        line = f"{link.name}: its outer packets are not modelled"
        yield trail.doubt(line).note(line).end("unknown", inner or _NOTHING)
        return
    if link.name in trail.devices or len(trail.devices) > DEPTH_LIMIT:
        yield trail.note(f"{link.name} is routed into itself: dropped").end("dropped", inner or _NOTHING)
        return
    trail = trail.through(link.name)
    if outside.learns:
        line = f"{link.name} learns its far ends from what it takes"
        yield trail.doubt(line).note(line).end("unknown", inner or _NOTHING)
    outer = Packet(
        source=outside.local,
        destination=outside.remote,
        protocol=UDP,
        destination_port=outside.port,
        protected=inner.protected if inner else False,
        inner=inner,
    )
    here = trail.note(f"{link.name} encapsulates: {outer}")
    yield from _route(kernel, outer, here, outside.link, mark=trail.mark)


def _wireguard(kernel: Kernel, inner: Packet | None, link: Link, trail: _Trail) -> Iterator[End]:
    if link.name in trail.devices or len(trail.devices) > DEPTH_LIMIT:
        yield trail.note(f"{link.name} is routed into itself: dropped").end("dropped", inner or _NOTHING)
        return
    for line, outer in outer_packets(link, inner):
        here = trail.through(link.name).note(line)
        if outer is None:
            yield here.end("dropped", inner or _NOTHING)
        else:
            yield from _route(kernel, outer, here)
