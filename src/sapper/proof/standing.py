"""A proof that stands while its Plan changes: what a change does not touch is not proved again.

Each entry leaves a footprint: the destinations that were looked up for it, and the devices that its packets were
handed to. A local change (:mod:`sapper.proof.change`) is worked into the index, and the entries are proved again whose
footprint it meets, or whose own definition it is part of. Any other change proves everything again, so that the verdicts
are those of :func:`sapper.proof.prove.prove` every time.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from sapper.address import Family, Prefix
from sapper.kernel.complete import complete
from sapper.kernel.ends import ends_of
from sapper.kernel.plan import Connection, Link, Plan, Route
from sapper.proof.change import Change, Locality, between
from sapper.proof.facts.entrance import entrance_of
from sapper.proof.facts.over_udp import UDP_KINDS
from sapper.proof.index.entries import plain_entries
from sapper.proof.index.fib import reaches
from sapper.proof.index.prefixes import PrefixIndex
from sapper.proof.over_sets.footprint import Footprint
from sapper.proof.over_sets.prove import Prover
from sapper.proof.properties.protected import Entry, names_far_end
from sapper.proof.states.effective import remote_selectors
from sapper.proof.verdict import TunnelVerdicts

# More entries, or more routes over a changed next hop, than that: proving everything is simpler.
_MANY = 200


class _Touched:
    """What a change meets."""

    def __init__(self) -> None:
        self.prefixes: set[Prefix] = set()
        self.devices: set[str] = set()
        self.connections: set[str] = set()
        self.everything = False


class StandingProof:
    """``verdicts`` are those of the Plan that was followed last."""

    def __init__(self, plan: Plan) -> None:
        self._begin(plan)

    @property
    def verdicts(self) -> tuple[TunnelVerdicts, ...]:
        return tuple(self._verdicts)

    def follow(self, plan: Plan) -> tuple[str, ...]:
        """Prove the Plan as it is now; the names of the entries that were proved again."""
        change = between(self._plan, plan) if self._complete else None
        if change is None or not self._is_local(change, plan):
            return self._begin(plan)
        touched = self._work_in(change, plan)
        places = self._places(touched)
        if touched.everything or len(places) > _MANY or not self._define_again(places):
            return self._begin(plan)
        for at in sorted(places):
            self._prove(at)
        return tuple(self._entries[at].name for at in sorted(places))

    def _begin(self, plan: Plan) -> tuple[str, ...]:
        self._plan = plan
        whole = complete(plan)
        self._complete = all(
            getattr(whole, name) == getattr(plan, name) for name in ("links", "routes", "connections")
        )
        # Who may send to a device over UDP depends on every selector.
        self._complete &= not any(link.kind in UDP_KINDS for link in plan.links)
        # What filters, marks and destination NAT do beside what is walked depends on links, routes and selectors.
        self._complete &= not (plan.marks or plan.destination_nat or entrance_of(plan).filters)
        self._prover = Prover(whole)
        self._locality = Locality(self._prover.index, self._prover.origins)
        described = list(self._prover.index.entries.described())
        self._entries: list[Entry] = [entry for entry, _ in described]
        self._children = [child for _, child in described]
        self._verdicts: list[TunnelVerdicts] = []
        self._footprints: list[Footprint] = []
        self._met: dict[Family, PrefixIndex[set[int]]] = {4: PrefixIndex(4), 6: PrefixIndex(6)}
        self._handed: dict[str, set[int]] = {}
        self._owned: dict[str, set[int]] = {}
        self._serving: Counter[str] = Counter()
        self._at = {entry.name: at for at, entry in enumerate(self._entries) if entry.link is not None}
        self._vague: set[int] = set()
        for at, entry in enumerate(self._entries):
            self._define(at, entry)
            self._footprints.append(Footprint())
            self._verdicts.append(self._prover.verdicts(entry))
            self._remember(at)
        self._prover.walk.forget()
        for index in self._met.values():
            index.crowd(0, 0)  # puts it in order now, and not when the first change comes
        return tuple(entry.name for entry in self._entries)

    def _prove(self, at: int) -> None:
        old = self._footprints[at]
        for prefix in old.destinations():
            held = self._met[prefix.family].get(prefix)
            if held is not None:
                held.discard(at)
        for name in old.devices:
            self._handed[name].discard(at)
        self._verdicts[at] = self._prover.verdicts(self._entries[at])
        self._remember(at)

    def _remember(self, at: int) -> None:
        """File the footprint that the last proof left."""
        footprint = self._footprints[at] = self._prover.footprint
        for prefix in footprint.destinations():
            index = self._met[prefix.family]
            held = index.get(prefix)
            if held is None:
                index.put(prefix, {at})
            else:
                held.add(at)
        for name in footprint.devices:
            self._handed.setdefault(name, set()).add(at)

    def _define(self, at: int, entry: Entry) -> None:
        """Note who the entry belongs to."""
        self._entries[at] = entry
        for connection in entry.connections:
            self._owned.setdefault(connection.name, set()).add(at)
        self._serving.update(self._prover.index.entries.served_by(entry))
        if self._is_vague(entry):
            self._vague.add(at)

    @staticmethod
    def _is_vague(entry: Entry) -> bool:
        """Whether connections protect it that name one of its ends only: others may, as long as nobody names both."""
        link = entry.link
        ends = ends_of(link) if link is not None else None
        if link is None or ends is None or ends.local is None:
            return False
        return not any(names_far_end(connection, link) for connection in entry.connections)

    def _is_local(self, change: Change, plan: Plan) -> bool:
        old, judge = self._plan, self._locality
        return (
            all(judge.link(old.links[at], plan.links[at]) for at in change.links)
            and all(judge.route(old.routes[at], plan.routes[at]) for at in change.routes)
            and all(judge.connection(old.connections[at], plan.connections[at]) for at in change.connections)
        )

    def _work_in(self, change: Change, plan: Plan) -> _Touched:
        """The change in the index, and what it meets there."""
        old, index = self._plan, self._prover.index
        self._before = {old.connections[at].name: old.connections[at] for at in change.connections}
        self._plan = plan
        whole = msgspec.structs.replace(
            index.plan, links=plan.links, routes=plan.routes, connections=plan.connections
        )
        index.plan = index.entries.plan = whole
        touched = _Touched()
        for at in change.links:
            self._replace_link(at, old.links[at], plan.links[at], touched)
        for at in change.routes:
            self._replace_route(at, old.routes[at], plan.routes[at], touched)
        for at in change.connections:
            self._replace_connection(at, old.connections[at], plan.connections[at], touched)
        index.sources.forget()
        self._prover.walk.forget()
        return touched

    def _replace_link(self, at: int, old: Link, new: Link, touched: _Touched) -> None:
        index = self._prover.index
        index.links.replace(old, new)
        index.fib.replace_connected(at, old, new)
        touched.devices.add(new.name)
        for attached in (*old.addresses, *new.addresses):
            touched.prefixes |= {attached.prefix, Prefix.host(attached.address)}
            self._resolve_again(attached.prefix, touched)

    def _replace_route(self, at: int, old: Route, new: Route, touched: _Touched) -> None:
        index = self._prover.index
        index.fib.replace_route(at, new)
        index.entries.replace_route(at, old, new)
        for route in (old, new):
            touched.prefixes.add(route.prefix)
            if route.link is not None:
                touched.devices.add(route.link)
            if route.via is not None:
                touched.devices.update(index.fib.interfaces_towards(route.via))
            if reaches(route):
                self._resolve_again(route.prefix, touched)

    def _resolve_again(self, prefix: Prefix, touched: _Touched) -> None:
        """Routes whose next hop may be on another interface now."""
        index = self._prover.index
        over = index.entries.over(prefix)
        if len(over) > _MANY:
            touched.everything = True
            return
        for at in over:
            index.fib.resolve_again(at)
            route = index.plan.routes[at]
            touched.prefixes.add(route.prefix)
            touched.everything |= not self._locality.way(route.prefix)

    def _replace_connection(self, at: int, old: Connection, new: Connection, touched: _Touched) -> None:
        index = self._prover.index
        index.policies.drop(old, at)
        touched.prefixes.update(index.fib.drop_connection(at))
        index.entries.replace_connection(at, old, new)
        self._prover.connections.by_name[new.name] = new
        index.policies.add(new, at)
        if index.plan.install_routes:
            touched.prefixes.update(index.fib.add_connection(new, at))
        touched.connections.add(new.name)
        for connection in (old, new):
            touched.prefixes.update(map(Prefix.host, connection.remote_addrs))
            for child in connection.children:
                if child.if_id is None:
                    touched.prefixes.update(item.prefix for item in remote_selectors(connection, child))
                else:
                    touched.devices.update(index.links.with_if_id(child.if_id))

    def _places(self, touched: _Touched) -> set[int]:
        """The entries whose footprint or definition the change meets."""
        places: set[int] = set()
        for prefix in touched.prefixes:
            for held in self._met[prefix.family].overlapping(prefix.first, prefix.last):
                places |= held
        for name in touched.devices:
            places |= self._handed.get(name, set())
            if name in self._at:
                places.add(self._at[name])
        for name in touched.connections:
            places |= self._owned.get(name, set())
        return places | self._vague if touched.connections else places

    def _define_again(self, places: set[int]) -> bool:
        """Make the entries anew; False if a child becomes an entry of its own, or is none any more."""
        index = self._prover.index
        before: set[str] = set()
        for at in places:
            entry = self._entries[at]
            for connection in entry.connections:
                self._owned[connection.name].discard(at)
            old = tuple(self._before.get(connection.name, connection) for connection in entry.connections)
            served = index.entries.served_by(msgspec.structs.replace(entry, connections=old))
            self._serving.subtract(served)
            before |= served
            self._vague.discard(at)
        after: Counter[str] = Counter()
        for at in places:
            again = self._made_again(self._entries[at], self._children[at])
            if again is None:
                return False
            self._define(at, again)
            after.update(index.entries.served_by(again))
        # Who served still does, and who serves now did before.
        return all(self._serving[name] > 0 for name in before) and all(
            name in before or self._serving[name] > number for name, number in after.items()
        )

    def _made_again(self, entry: Entry, child: str | None) -> Entry | None:
        index = self._prover.index
        if entry.link is not None:
            return index.entries.of(index.links.by_name[entry.name])
        connection = self._prover.connections.by_name[entry.connections[0].name]
        return next((made for made, name in plain_entries(index.plan, connection, set()) if name == child), None)
