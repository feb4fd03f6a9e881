"""What a device does to sets of packets: wrap them, encrypt them, drop them, or put them on the wire.

The same steps as :mod:`sapper.proof.walk.walk`. An outer packet is a single packet, whatever was inside: what becomes of it
in every situation is worked out once and kept.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator

from sapper.address import Address, Family
from sapper.kernel.links import record_of
from sapper.kernel.plan import Link, WireguardDevice
from sapper.proof.bounds import Unbounded
from sapper.proof.facts.over_udp import UDP_KINDS, outer_of
from sapper.proof.facts.packet import ESP, Packet
from sapper.proof.index.circumstance import ALWAYS, ANYTIME, NEVER, Circumstance, Product, both, narrowed, opposite
from sapper.proof.index.plan_index import PlanIndex
from sapper.proof.index.policies import Spd
from sapper.proof.over_sets.ending import Ending, Trail, end, met
from sapper.proof.over_sets.footprint import Footprint
from sapper.proof.sets.headers import NO_PORT, Box, Headers, Shape, cut
from sapper.proof.sets.intervals import Interval
from sapper.proof.walk.guard import Way
from sapper.proof.walk.routing import perhaps_kept
from sapper.proof.walk.walk import _ROUNDS_OF_A_VTI, DEPTH_LIMIT
from sapper.proof.walk.wireguard import outer_packets

_UDP = 17
# More kept outer packets than that are forgotten; each costs about a kilobyte.
_KEPT = 2_000
# A frame is no set of packets of a family: what entered does not matter.
_FRAME: Box = (None, (0, 0), 0, NO_PORT, NO_PORT)
_PLAIN = frozenset({"ethernet", "vlan", "dummy", "loopback", "pppoe"})
_REFUSED = Headers(4, None, (0, 0), 0)
_OuterKey = tuple[Family, int | None, int, int, Interval, Interval, bool, str | None, tuple[str, ...], int, int]


_Kept = tuple[list[Ending], list[Ending], Footprint]


class DeviceWalk:
    """``steps`` counts lookups; the walk raises :class:`Unbounded` when they pass ``limit``."""

    def __init__(self, index: PlanIndex, limit: int) -> None:
        self._links = index.links
        self._outer_ends: dict[_OuterKey, _Kept] = {}
        # What was looked up since somebody emptied it: destinations, and devices that packets were handed to.
        self.footprint = Footprint()
        self._protocols: dict[tuple[str, Family], int | None] = {}
        # The tunnel whose packets are asked about: what it carries needs no following, but for what nobody knows.
        self.own: str | None = None
        self.steps = 0
        self.limit = limit
        self._meter = index.meter

    @abstractmethod
    def _route(
        self,
        headers: Headers,
        when: Circumstance,
        trail: Trail,
        out: list[Ending],
        bound_to: str | None = None,
        way: Way = "output",
        mark: int = 0,
    ) -> None: ...

    @abstractmethod
    def _esp(self, headers: Headers, link: Link, when: Circumstance, trail: Trail, out: list[Ending]) -> None: ...

    @abstractmethod
    def _outbound(
        self, headers: Headers, when: Circumstance, if_id: int | None
    ) -> Iterator[tuple[Spd | None, bool, Headers, Circumstance, str | None]]: ...

    def forget(self) -> None:
        """Something has changed: no outer packet's ends are known any more."""
        self._outer_ends.clear()
        self._protocols.clear()

    def allow(self, steps: int) -> None:
        """From now on so many steps may be taken, and what they cost may be looked up."""
        self.limit = self.steps + steps
        self._meter.allow(steps)

    @property
    def room(self) -> int:
        """The steps that are left."""
        return self.limit - self.steps

    def _step(self) -> None:
        self.steps += 1
        if self.steps > self.limit:
            raise Unbounded

    def _device(self, headers: Headers, link: Link, when: Circumstance, trail: Trail, out: list[Ending]) -> None:
        if link.kind not in _PLAIN:
            self.footprint.devices.add(link.name)
        beyond = self._links.leads_unwalked(link)
        if beyond is not None:
            line = f"{beyond}: its outer packets are not modelled"
            out.append(end("unknown", headers, when, trail.doubt(line)))
        elif link.kind == "xfrm":
            self._xfrm_interface(headers, link, when, trail.through(link.name), out)
        elif link.wireguard is not None:
            self._wireguard(headers, link, when, trail, out)
        elif link.kind in UDP_KINDS:
            self._over_udp(headers, link, when, trail, out)
        elif link.encapsulating is not None:
            protocol = self._outer_protocol(link, headers.family)
            if protocol is None:
                out.append(end("dropped", headers, when, trail))
            else:
                self._encapsulate(headers, link, when, trail, protocol, out)
        else:
            out.append(end("wire", headers, when, trail, link.name))

    def _outer_protocol(self, link: Link, family: Family) -> int | None:
        key = (link.name, family)
        if key not in self._protocols:
            record = record_of(link)
            assert link.encapsulating is not None
            protocol = link.encapsulating.protocol if record is None else record.outer_protocol(family)
            self._protocols[key] = protocol
        return self._protocols[key]

    def _transform(
        self,
        headers: Headers,
        policy: Spd,
        state: bool,
        link: Link,
        when: Circumstance,
        trail: Trail,
        out: list[Ending],
    ) -> None:
        """Encrypt by that policy, or drop: a policy without a state drops (larval_drop)."""
        if not state:
            out.append(end("dropped", headers, when, trail))
            return
        hidden = headers.protected or policy.conceals
        trail = trail.sealed(policy.child.name)
        if policy.mode == "transport":
            self._esp(_encrypted(headers, hidden), link, when, trail, out)
            return
        if policy.remote_end is None:
            out.append(end("wire", _encrypted(headers, hidden), when, trail, link.name))
            return
        if len(trail.devices) > DEPTH_LIMIT:
            out.append(end("dropped", headers, when, trail))
            return
        outer = _outer(headers, policy.local_end, policy.remote_end, ESP, protected=hidden)
        self._onwards(outer, when, trail, None, out)

    def _xfrm_interface(
        self, headers: Headers, link: Link, when: Circumstance, trail: Trail, out: list[Ending]
    ) -> None:
        if trail.devices.count(link.name) > _ROUNDS_OF_A_VTI:
            out.append(end("dropped", headers, when, trail))
            return
        for policy, state, packets, here, doubt in self._outbound(headers, when, link.if_id):
            after = trail.doubt(doubt)
            if policy is None or (policy.mode == "transport" and state):
                out.append(end("dropped", packets, here, after))
            else:
                self._transform(packets, policy, state, link, here, after, out)

    def _encapsulate(
        self,
        inner: Headers | None,
        link: Link,
        when: Circumstance,
        trail: Trail,
        protocol: int | None,
        out: list[Ending],
    ) -> None:
        wrapping = link.encapsulating
        assert wrapping is not None
        if link.name in trail.devices:
            out.append(end("dropped", inner, when, trail))
            return
        trail = trail.through(link.name)
        if wrapping.remote is None:
            known_to = "each packet's destination" if wrapping.sixrd else "NHRP or a neighbour entry"
            line = f"{link.name} has no remote: its far end is known only to {known_to}"
            out.append(end("unknown", inner, when, trail.doubt(line)))
            return
        if len(trail.devices) > DEPTH_LIMIT:
            out.append(end("dropped", inner, when, trail))
            return
        if wrapping.remote.family == 6:
            inner, sent = self._over_ipv6(wrapping.local, wrapping.remote, inner, when, trail, out)
            if inner is _REFUSED:
                return
        else:
            sent = [(when, None)]
        source = wrapping.local if wrapping.local and not wrapping.local.is_unspecified else None
        number = wrapping.protocol if protocol is None else protocol
        outer = _outer(inner, source, wrapping.remote, number, protected=inner is not None and inner.protected)
        for here, doubt in sent:
            self._onwards(outer, here, trail.doubt(doubt), wrapping.link, out)

    def _over_ipv6(
        self,
        local: Address | None,
        far: Address,
        inner: Headers | None,
        when: Circumstance,
        trail: Trail,
        out: list[Ending],
    ) -> tuple[Headers | None, list[tuple[Circumstance, str | None]]]:
        """What a tunnel over IPv6 sends: from an address that is there, to one that is not (ip6_tnl_xmit_ctl)."""
        inner = self._not_from(far, inner, when, trail, out)
        there = NEVER if local is None else self._links.local(local)
        gone = local is not None and self._links.may_keep(local)
        fact = both(ALWAYS if gone else there, opposite(self._links.local(far)))
        out += [end("dropped", inner, here, trail) for here in self._in(when, fact.fails)]
        sent: list[tuple[Circumstance, str | None]] = []
        for here in self._in(when, fact.holds):
            sent += [(then, None) for then in self._in(here, there.holds)]
            sent += [(then, perhaps_kept(local)) for then in self._in(here, there.fails) if gone]
        return inner, sent

    def _not_from(
        self, far: Address, inner: Headers | None, when: Circumstance, trail: Trail, out: list[Ending]
    ) -> Headers | None:
        """The packets that do not come from the tunnel's own far end (ip6_tnl_addr_conflict)."""
        if inner is None or inner.family != far.family:
            return inner
        refused, others = cut(inner, Shape(far.family, (far.value, far.value), None))
        if refused is not None:
            out.append(end("dropped", refused, when, trail))
        return others[0] if others else _REFUSED

    @staticmethod
    def _in(when: Circumstance, products: tuple[Product, ...]) -> list[Circumstance]:
        found = (narrowed(when, product) for product in products)
        return [here for here in found if here is not None]

    def _over_udp(
        self, inner: Headers | None, link: Link, when: Circumstance, trail: Trail, out: list[Ending]
    ) -> None:
        outside = outer_of(link)
        if outside is None or link.name in self._links.unwalked:
            line = f"{link.name}: its outer packets are not modelled"
            out.append(end("unknown", inner, when, trail.doubt(line)))
            return
        if link.name in trail.devices or len(trail.devices) > DEPTH_LIMIT:
            out.append(end("dropped", inner, when, trail))
            return
        trail = trail.through(link.name)
        if outside.learns:
            line = f"{link.name} learns its far ends from what it takes"
            out.append(end("unknown", inner, when, trail.doubt(line)))
        outer = _outer(inner, outside.local, outside.remote, _UDP, protected=inner is not None and inner.protected)
        outer.destination_ports = _port(outside.port)
        self._onwards(outer, when, trail, outside.link, out, trail.mark)

    def _wireguard(
        self, inner: Headers | None, link: Link, when: Circumstance, trail: Trail, out: list[Ending]
    ) -> None:
        if link.name in trail.devices or len(trail.devices) > DEPTH_LIMIT:
            out.append(end("dropped", inner, when, trail))
            return
        trail = trail.through(link.name)
        for part in _by_peer(link.wireguard, inner):
            asked = None if part is None else _member(part)
            for _, packet in outer_packets(link, asked):
                if packet is None:
                    out.append(end("dropped", part, when, trail))
                    continue
                outer = _outer(part, None, packet.destination, _UDP, protected=True)
                outer.source_ports = _port(packet.source_port)
                outer.destination_ports = _port(packet.destination_port)
                self._onwards(outer, when, trail, None, out)

    def _onwards(
        self,
        outer: Headers,
        when: Circumstance,
        trail: Trail,
        bound_to: str | None,
        out: list[Ending],
        mark: int = 0,
    ) -> None:
        """An outer packet starts over; its ends are those of the first time in the situations that are left."""
        source = None if outer.source is None else outer.source[0][0]
        key = (
            outer.family, source, outer.destination[0], outer.protocols, outer.source_ports,
            outer.destination_ports, outer.protected, bound_to, trail.devices, trail.mark, mark,
        )  # fmt: skip
        kept = self._outer_ends.get(key) or self._follow(key, outer, trail, bound_to, mark)
        self.footprint.add(kept[2])
        endings = kept[0]
        if self.own is not None and self.own in trail.devices:
            endings = kept[1]
            out.append(Ending("carried", when, None, outer.origin, None, trail.devices, trail.doubts))
        self.steps += len(endings)
        if self.steps > self.limit:
            raise Unbounded
        for ending in endings:
            here = met(when, ending.when)
            if here is not None:
                doubts = (*trail.doubts, *ending.doubts) if trail.doubts else ending.doubts
                seals = (*trail.seals, *ending.seals) if trail.seals else ending.seals
                out.append(
                    Ending(
                        ending.kind, here, ending.headers, outer.origin, ending.link, ending.devices, doubts, seals
                    )
                )

    def _follow(self, key: _OuterKey, outer: Headers, trail: Trail, bound_to: str | None, mark: int) -> _Kept:
        """All ends of an outer packet, and the unknown ones among them; kept for the next time."""
        endings: list[Ending] = []
        own, self.own = self.own, None
        around, self.footprint = self.footprint, Footprint()
        self._route(outer, ANYTIME, Trail(trail.devices, mark=trail.mark), endings, bound_to, mark=mark)
        self.own = own
        if len(self._outer_ends) >= _KEPT:
            self._outer_ends.clear()
        around, self.footprint = self.footprint, around
        kept = endings, [ending for ending in endings if ending.kind == "unknown"], around
        self._outer_ends[key] = kept
        return kept


def _outer(
    inner: Headers | None, source: Address | None, destination: Address, protocol: int, *, protected: bool
) -> Headers:
    """A single packet; ``origin`` is what entered the router. A frame's is nothing."""
    return Headers(
        destination.family,
        None if source is None else ((source.value, source.value),),
        (destination.value, destination.value),
        1 << protocol,
        protected=protected,
        origin=_FRAME if inner is None else inner.box,
    )


def _encrypted(headers: Headers, hidden: bool) -> Headers:
    return Headers(
        headers.family,
        headers.source,
        headers.destination,
        1 << ESP,
        protected=hidden,
        origin=headers.box,
    )


def _port(number: int | None) -> Interval:
    return NO_PORT if number is None else (number, number)


def _by_peer(device: WireguardDevice | None, inner: Headers | None) -> Iterator[Headers | None]:
    """The packets in pieces whose peer is the same."""
    if inner is None or device is None:
        yield inner
        return
    low, high = inner.destination
    edges = {low}
    for peer in device.peers:
        for prefix in peer.allowed:
            if prefix.family == inner.family:
                edges |= {edge for edge in (prefix.first, prefix.last + 1) if low <= edge <= high}
    starts = sorted(edges)
    for at, start in enumerate(starts):
        yield inner.towards((start, starts[at + 1] - 1 if at + 1 < len(starts) else high))


def _member(headers: Headers) -> Packet:
    return Packet(source=None, destination=Address(headers.family, headers.destination[0]), protocol=_UDP)
