"""The walk of sets of packets through one Plan's kernels, in all situations at once.

The same steps as :mod:`sapper.proof.walk.walk`, which stays the reference: there one packet goes through one kernel, here a
product of header sets and a circumstance are divided only where a route, a policy or a rule tells packets or
situations apart. Every packet comes to its ends in every situation; nothing is sampled.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.address import Address
from sapper.kernel.plan import Link, Route
from sapper.proof.facts.over_udp import UDP_KINDS
from sapper.proof.facts.packet import ESP
from sapper.proof.index.circumstance import ALL_ROWS, ANYTIME, Circumstance, narrowed
from sapper.proof.index.lookup import Lookup
from sapper.proof.index.plan_index import PlanIndex
from sapper.proof.index.policies import Spd
from sapper.proof.over_sets.devices import DeviceWalk
from sapper.proof.over_sets.ending import NO_TRAIL, Ending, EndKind, Trail, each, end, met
from sapper.proof.over_sets.entrance import filtered
from sapper.proof.over_sets.rivals import contest_of, deciding, rivals_of, together
from sapper.proof.sets.headers import Headers, Shape, cut
from sapper.proof.walk.guard import Way

_LOOPBACK = Link(name="lo", kind="loopback")


class SetWalk(DeviceWalk):
    """``steps`` counts lookups; the walk raises :class:`Unbounded` when they reach ``limit``."""

    def __init__(self, index: PlanIndex, limit: int) -> None:
        super().__init__(index, limit)
        self._index = index
        self._policies = index.policies
        self._lookup = Lookup(index)
        self._guarded = bool(index.plan.guards)
        self._bundle_links: dict[Address, list[tuple[Circumstance, str | None]]] = {}

    def forget(self) -> None:
        super().forget()
        self._bundle_links.clear()

    def walk(self, headers: Headers, enters: str | None = None) -> list[Ending]:
        """Every end of packets that this router sends or forwards; ``enters``: the interface, where known."""
        out: list[Ending] = []
        for packets, here, way, doubt in self._ways(headers, enters or "", out):
            before = NO_TRAIL.doubt(doubt)
            if way == "output":
                self._route(packets, here, before, out, way=way)
                continue
            for part, then in self._admitted(packets, here, enters or "", out):
                self._arrived(part, then, before, enters or "", out)
        return out

    def _admitted(
        self, headers: Headers, when: Circumstance, enters: str, out: list[Ending]
    ) -> Iterator[tuple[Headers, Circumstance]]:
        """What the reverse path filter of the interface does not stop."""
        for packets, here, holds in filtered(self._index, self._lookup, headers, when, enters, self.room):
            if holds:
                yield packets, here
            else:
                out.append(end("dropped", packets, here, NO_TRAIL))

    def _arrived(self, headers: Headers, when: Circumstance, before: Trail, enters: str, out: list[Ending]) -> None:
        """Marks, and where destination NAT sends it instead; both by how it came in."""
        forwards = self._index.entrance.forwards(headers.family, enters)
        for marked in self._index.marks.of(headers, enters):
            trail = before.doubt(marked.doubt)._replace(mark=marked.mark)
            for sent in self._index.destination_nat.of(marked.headers, enters):
                if sent.outcome == "unknown" or sent.outcome == "itself":
                    kind: EndKind = "unknown" if sent.outcome == "unknown" else "delivered"
                    out.append(end(kind, sent.headers, when, NO_TRAIL.doubt(sent.doubt)))
                elif forwards:
                    self._route(sent.headers, when, trail.doubt(sent.doubt), out, way="forward", mark=marked.mark)
                else:
                    stopped = self._not_local(sent.headers, when, NO_TRAIL, "forward", out)
                    out += [end("dropped", part, then, NO_TRAIL) for part, then in stopped]

    def _ways(
        self, headers: Headers, enters: str, out: list[Ending]
    ) -> Iterator[tuple[Headers, Circumstance, Way, str | None]]:
        """The router's own packets, known by their source, go through the output hook; the others are forwarded.

        What is forwarded is asked for the policy of what comes in first, unless that is in transport mode.
        """
        family, source = headers.family, headers.source
        asked: list[Spd] = []
        if source is not None:
            self.footprint.spans.update((family, piece) for piece in source)
            spread = (source[0][0], source[-1][1])
            found = self._policies.towards(None, family, spread, headers.destination, self.room)
            asked = [policy for policy in found if policy.mode != "transport"]
        # The router's own IPv6 packets to itself are asked for a policy, others that come for it are not.
        to_itself = family == 6 and bool(self._links.own_within(6, *headers.destination))
        steered = self._index.marks.any(family) or self._index.entrance.asks(family)
        steered = steered or self._index.destination_nat.any(family)
        if source is None or not (self._guarded or asked or to_itself or steered):
            yield headers, ANYTIME, "output", None
            return
        rest: list[Headers] = [headers]
        for value in [value for piece in source for value in self._links.own_within(family, *piece)]:
            own, rest = cut(rest[0], Shape(family, (value, value), None)) if rest else (None, [])
            if own is None:
                continue
            fact = self._links.local(Address(family, value))
            yield from ((own, here, "output", None) for here in self._in(ANYTIME, fact.holds))
            for here in self._in(ANYTIME, fact.fails):
                yield from self._forwarded(own, here, asked, enters, out)
        for piece in rest:
            yield from self._forwarded(piece, ANYTIME, asked, enters, out)

    def _forwarded(
        self, headers: Headers, when: Circumstance, asked: list[Spd], enters: str, out: list[Ending]
    ) -> Iterator[tuple[Headers, Circumstance, Way, str | None]]:
        """What no guard drops before routing, nor a policy for packets in clear that are to be forwarded."""
        left_over, dropped = self._index.guards.passing("prerouting", headers, enters)
        out += [end("dropped", packets, when, NO_TRAIL) for packets in dropped]
        open_ = [(packets, when, 0) for packets in left_over]
        while open_:
            rest, here, at = open_.pop()
            left: Circumstance | None = here
            while left is not None and at < len(asked):
                policy = asked[at]
                at += 1
                self._step()
                inside, outside = cut(rest, policy.mirror)
                if inside is None:
                    continue
                open_ += [(piece, left, at) for piece in outside]
                rest = inside
                met_by = narrowed(left, ((policy.row, policy.inbound),))
                rivals = rivals_of(self._policies, asked, at, None, self.room) if met_by is not None else []
                rivals = [rival for rival in rivals if rival.mode != "transport"]
                for packets, then, members in (
                    together(policy, rest, met_by, rivals, True) if met_by is not None else ()
                ):
                    self._step()
                    passing = {member.mode == "pass" for member in members}
                    if False in passing:
                        out.append(end("dropped", packets, then, NO_TRAIL))
                    if True in passing:
                        yield packets, then, "forward", contest_of(members)
                absent = ALL_ROWS & ~policy.inbound
                left = narrowed(left, ((policy.row, absent),)) if absent else None
            if left is not None:
                yield rest, left, "forward", None

    def hand_to_device(self, link: Link, inner: Headers | None) -> list[Ending]:
        """Every end of packets (None: a frame) that are handed to that device while it is up."""
        out: list[Ending] = []
        self.footprint.devices.add(link.name)
        for product in self._links.up(link.name).holds:
            when = narrowed(ANYTIME, product)
            if when is None:
                continue
            if inner is not None:
                self._device(inner, link, when, NO_TRAIL, out)
            elif link.wireguard is not None:
                self._wireguard(None, link, when, NO_TRAIL, out)
            elif link.kind in UDP_KINDS:
                self._over_udp(None, link, when, NO_TRAIL, out)
            else:
                self._encapsulate(None, link, when, NO_TRAIL, None, out)
        return out

    def _route(
        self,
        headers: Headers,
        when: Circumstance,
        trail: Trail,
        out: list[Ending],
        bound_to: str | None = None,
        way: Way = "output",
        mark: int = 0,
    ) -> None:
        self._step()
        self.footprint.spans.add((headers.family, headers.destination))
        for part, here in self._not_local(headers, when, trail, way, out):
            for hit in self._lookup.ways(
                part.family, part.destination, here, bound_to, part.source is not None, self.room, mark
            ):
                packets = part.towards(hit.destinations)
                if hit.route is None or hit.link is None or hit.link not in self._links.by_name:
                    out.append(end("dropped", packets, hit.when, trail))
                else:
                    self._along(packets, hit.route, hit.link, hit.when, trail, way, out)

    def _not_local(
        self, headers: Headers, when: Circumstance, trail: Trail, way: Way, out: list[Ending]
    ) -> Iterator[tuple[Headers, Circumstance]]:
        """Deliver what is for this router; the rest, divided."""
        low, high = headers.destination
        for value in self._links.own_within(headers.family, low, high):
            fact = self._links.local(Address(headers.family, value))
            point = headers.towards((value, value))
            for here in self._in(when, fact.holds):
                self._to_itself(point, here, trail, way, out)
            yield from ((point, here) for here in self._in(when, fact.fails))
            if low < value:
                yield headers.towards((low, value - 1)), when
            low = value + 1
        if low <= high:
            yield headers.towards((low, high)), when

    def _to_itself(self, headers: Headers, when: Circumstance, trail: Trail, way: Way, out: list[Ending]) -> None:
        """Delivered; but of its own IPv6 packets to itself XFRM is asked, unless they are ESP."""
        if headers.family == 4 or way != "output":
            out.append(end("delivered", headers, when, trail))
            return
        esp, others = cut(headers, Shape(6, None, None, 1 << ESP))
        if esp is not None:
            out.append(end("delivered", esp, when, trail))
        for part in others:
            asked = part if part.source is not None else part.chosen(Address(6, part.destination[0]))
            for policy, state, packets, here, doubt in self._outbound(asked, when, None):
                after = trail.doubt(doubt)
                if policy is None or policy.mode == "pass" or (policy.mode == "transport" and state):
                    out.append(end("delivered", packets, here, after))
                else:
                    self._transform(packets, policy, state, _LOOPBACK, here, after, out)

    def _along(
        self,
        headers: Headers,
        route: Route,
        name: str,
        when: Circumstance,
        trail: Trail,
        way: Way,
        out: list[Ending],
    ) -> None:
        self._step()
        link = self._links.by_name[name]
        ready = [(headers, when)]
        if headers.source is None:
            ready = []
            for chosen in self._index.sources.of(route, name, headers.family, headers.destination):
                here = narrowed(when, chosen.product)
                if here is not None:
                    ready.append((headers.towards(chosen.destinations).chosen(chosen.source), here))
        for packets, here in ready:
            if packets.origin is not None and packets.protocols == 1 << ESP:
                self._esp(packets, link, here, trail, out)
            else:
                self._postrouting(packets, link, here, trail, way, out)

    def _esp(self, headers: Headers, link: Link, when: Circumstance, trail: Trail, out: list[Ending]) -> None:
        if not self._guarded:
            self._translated(headers, link, when, trail, out)
            return
        left, dropped = self._index.guards.passing("output", headers, link.name)
        out += [end("dropped", packets, when, trail) for packets in dropped]
        for packets in left:
            self._translated(packets, link, when, trail, out)

    def _translated(self, esp: Headers, link: Link, when: Circumstance, trail: Trail, out: list[Ending]) -> None:
        """ESP is a packet of its own to NAT, but none that XFRM is asked about again."""
        for changed, doubt in self._index.source_nat.translations(esp, link):
            self._device(changed, link, when, trail.doubt(doubt), out)

    def _outbound(
        self, headers: Headers, when: Circumstance, if_id: int | None
    ) -> Iterator[tuple[Spd | None, bool, Headers, Circumstance, str | None]]:
        """A policy that may decide, whether it has its SA, and the doubt; divided by packets and situations."""
        source = headers.source
        candidates: list[Spd] = []
        if source is not None:
            spread = (source[0][0], source[-1][1])
            candidates = self._policies.towards(if_id, headers.family, headers.destination, spread, self.room)
        if not candidates:
            yield None, False, headers, when, None
            return
        open_ = [(headers, when, 0)]
        while open_:
            rest, here, at = open_.pop()
            left: Circumstance | None = here
            while left is not None and at < len(candidates):
                policy = candidates[at]
                at += 1
                self._step()
                inside, outside = cut(rest, policy.shape)
                if inside is None:
                    continue
                open_ += [(piece, left, at) for piece in outside]
                rest = inside
                rivals = rivals_of(self._policies, candidates, at, if_id, self.room)
                here_too = narrowed(left, ((policy.row, policy.present),))
                if here_too is not None:
                    yield from self._any_of(policy, rivals, rest, here_too)
                absent = ALL_ROWS & ~policy.present
                left = narrowed(left, ((policy.row, absent),)) if absent else None
            if left is not None:
                yield None, False, rest, left, None

    def _any_of(
        self, policy: Spd, rivals: list[Spd], headers: Headers, when: Circumstance
    ) -> Iterator[tuple[Spd, bool, Headers, Circumstance, str | None]]:
        """The policy and those of the same priority that meet the same packets at the same time."""
        if not rivals:
            self._step()
            yield from ((policy, state, headers, then, None) for state, then in deciding(policy, when))
            return
        for packets, here, members in together(policy, headers, when, rivals):
            self._step()
            doubt = contest_of(members)
            for member in members:
                yield from ((member, state, packets, then, doubt) for state, then in deciding(member, here))

    def _postrouting(
        self, headers: Headers, link: Link, when: Circumstance, trail: Trail, way: Way, out: list[Ending]
    ) -> None:
        for policy, state, packets, here, doubt in self._outbound(headers, when, None):
            after = trail.doubt(doubt)
            if policy is not None and policy.mode != "pass" and not state:
                out.append(end("dropped", packets, here, after))
                continue
            if self._guarded and (policy is None or policy.mode == "pass"):
                left, dropped = self._index.guards.passing(way, packets, link.name)
                out += [end("dropped", piece, here, after) for piece in dropped]
            else:
                left = [packets]
            for piece in left:
                self._past_guards(piece, policy, state, link, here, after, out)

    def _past_guards(
        self,
        packets: Headers,
        policy: Spd | None,
        state: bool,
        link: Link,
        when: Circumstance,
        trail: Trail,
        out: list[Ending],
    ) -> None:
        nat = self._index.source_nat
        for by, then in self._outbound_links(policy, link, when):
            unknown = policy is not None and policy.mode == "tunnel" and policy.remote_end is None
            if by is None or (not unknown and trail.devices and by.name == trail.devices[-1]):
                # No way for its ESP, or a local routing loop.
                out.append(end("dropped", packets, then, trail))
                continue
            for changed, doubt in nat.translations(packets, by):
                after = trail.doubt(doubt)
                if changed.source is packets.source:
                    self._send(changed, policy, state, link, then, after, out)
                    continue
                for second, with_state, piece, now, other in self._outbound(changed, then, None):
                    self._send(piece, second, with_state, link, now, after.doubt(other), out)

    def _send(
        self,
        headers: Headers,
        policy: Spd | None,
        state: bool,
        link: Link,
        when: Circumstance,
        trail: Trail,
        out: list[Ending],
    ) -> None:
        if policy is None or policy.mode == "pass":
            self._device(headers, link, when, trail, out)
        else:
            self._transform(headers, policy, state, link, when, trail, out)

    def _outbound_links(
        self, policy: Spd | None, link: Link, when: Circumstance
    ) -> Iterator[tuple[Link | None, Circumstance]]:
        """The interface that postrouting sees: in tunnel mode the one that ESP leaves by, None where it has no way."""
        if policy is None or policy.mode != "tunnel" or policy.remote_end is None:
            yield link, when
            return
        for name, here in self._ways_of_esp(policy.remote_end, when):
            if name == "":
                yield link, here
            else:
                yield self._links.by_name.get(name) if name is not None else None, here

    def _ways_of_esp(self, end: Address, when: Circumstance) -> Iterator[tuple[str | None, Circumstance]]:
        """By interface; empty where the end is this router itself, None where there is no way."""
        self.footprint.spans.add((end.family, (end.value, end.value)))
        kept = self._bundle_links.get(end)
        if kept is None:
            kept = []
            local = self._links.local(end)
            kept += [(here, "") for here in each(local.holds)]
            for here in each(local.fails):
                for hit in self._lookup.ways(end.family, (end.value, end.value), here):
                    kept.append((hit.when, hit.link))
        self._bundle_links[end] = kept
        for circumstance, name in kept:
            then = met(when, circumstance)
            if then is not None:
                yield name, then
