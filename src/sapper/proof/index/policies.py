"""Every policy that charon may install, with the rows in which it is there, found by the packets it selects.

Mirrors ``_policies_of`` of :mod:`sapper.proof.states.effective`: one child gives an SA's policies in some rows and its trap's
in others, and each has its own priority. The lowest priority number decides, the order of the Plan among equals.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Literal

from sapper.address import Address, Family
from sapper.kernel.plan import Child, Connection, Plan, Selector
from sapper.proof.bounds import Meter, Unbounded
from sapper.proof.index.circumstance import Variable, mask_of
from sapper.proof.index.prefixes import PrefixIndex
from sapper.proof.sets.headers import Shape, span
from sapper.proof.sets.intervals import Interval
from sapper.proof.states.effective import (
    Policy,
    _priority,
    _readable,
    local_selectors,
    remote_selectors,
    selectors_known,
    trap_accepted,
)
from sapper.proof.states.lifecycle import TABLE, sa_policies_installed, trap_installed

SA_ROWS = mask_of(row for row in TABLE if sa_policies_installed(row))
INBOUND_ROWS = mask_of(row for row in TABLE if row.inbound)
STATE_ROWS = mask_of(row for row in TABLE if row.sa)
KEPT_ROWS = mask_of(row for row in TABLE if row.routes_kept)
_MANY = 16
Kind = Literal["pass", "sa", "trap"]


class Spd:
    """One policy of one child: ``present`` are the rows in which it is installed for what goes out, ``inbound`` for
    what comes in, ``state`` those with its SA.
    """

    __slots__ = (
        "child", "conceals", "connection", "destination", "destination_high", "destination_low", "inbound", "kind", "local_end", "mirror", "mode", "present", "rank",
        "remote_end", "row", "shape", "source", "source_high", "source_low", "state",
    )  # fmt: skip

    def __init__(
        self,
        connection: Connection,
        child: Child,
        kind: Kind,
        source: Selector,
        destination: Selector,
        present: int,
        order: tuple[int, ...],
        inbound: int | None = None,
    ) -> None:
        self.connection = connection
        self.child = child
        self.kind: Kind = kind
        self.mode = child.mode
        self.conceals = not _readable(child)
        self.source, self.destination = source, destination
        self.shape = Shape.of(source, destination)
        # What comes in by the same SA, before anything is decrypted.
        self.mirror = Shape.of(destination, source)
        self.source_low, self.source_high = span(source.prefix)
        self.destination_low, self.destination_high = span(destination.prefix)
        self.row: Variable = ("row", connection.name)
        self.present = present
        self.inbound = present if inbound is None else inbound
        self.state = {"pass": present, "sa": present & STATE_ROWS, "trap": 0}[kind]
        self.local_end: Address | None = next(iter(connection.local_addrs), None)
        self.remote_end: Address | None = next(iter(connection.remote_addrs), None)
        priority = child.priority if child.priority is not None else _priority(kind, source, destination)
        self.rank = (priority, order)

    def there(self, mirrored: bool) -> int:
        """The rows in which it is asked about what goes out, or about what comes in."""
        return self.inbound if mirrored else self.present

    def installed(self, row: int) -> Policy:
        """As the reference walk knows it in that row (a bit)."""
        return Policy(
            child=self.child.name,
            kind=self.kind,
            source=self.source,
            destination=self.destination,
            priority=self.rank[0],
            mode=self.mode,
            state=bool(self.state & row),
            outbound=bool(self.present & row),
            inbound=bool(self.inbound & row),
            conceals=self.conceals,
            if_id=self.child.if_id,
            local_end=self.local_end,
            remote_end=self.remote_end,
        )


def _traps(connection: Connection, child: Child) -> int:
    """The rows in which its trap is there, perhaps below an SA's policies."""
    return _trap_rows(
        child.start_action,
        child.close_action,
        child.dpd_action,
        trap_accepted(connection, child),
        child.mode == "pass",
    )


def installed_rows(connection: Connection, child: Child) -> tuple[int, int]:
    """The rows in which the child's SA policies are in the kernel, and those in which its trap's (or bypass') are."""
    trap = _traps(connection, child)
    return (0, trap) if child.mode == "pass" else (SA_ROWS, trap & ~SA_ROWS)


@cache
def _trap_rows(start: str, close: str, dpd: str | None, accepted: bool, passing: bool) -> int:
    return mask_of(
        row
        for row in TABLE
        if trap_installed(
            row, start_action=start, close_action=close, dpd_action=dpd, accepted=accepted, passing=passing
        )
    )


def selector_pairs(connection: Connection, child: Child) -> Iterator[tuple[Selector, Selector]]:
    """Local and remote selectors of one family."""
    for source in local_selectors(connection, child):
        for destination in remote_selectors(connection, child):
            if source.prefix.family == destination.prefix.family:
                yield source, destination


class Policies:
    """``unknown`` names the children whose selectors nobody knows beforehand, by connection."""

    def __init__(self, plan: Plan, meter: Meter) -> None:
        self.meter = meter
        self._found: dict[tuple[int | None, Family], tuple[PrefixIndex[list[Spd]], PrefixIndex[list[Spd]]]] = {}
        self.unknown: dict[str, tuple[str, ...]] = {}
        # Whether a policy of an xfrm interface asks for a source.
        self.bound_by_source = False
        for number, connection in enumerate(plan.connections):
            self.add(connection, number)

    def drop(self, connection: Connection, number: int) -> None:
        """Take the policies of a connection away."""
        for at, child in enumerate(connection.children):
            for policy in policies_of(connection, child, (number, at)):
                found = self._found[child.if_id, policy.shape.family]
                for index, prefix in zip(found, (policy.destination.prefix, policy.source.prefix), strict=True):
                    held = index.get(prefix)
                    if held is None:
                        continue  # the SA's and the trap's policy go together
                    held[:] = [other for other in held if other.rank[1] != policy.rank[1]]
                    index.touch()
                    if not held:
                        index.drop(prefix)

    def add(self, connection: Connection, number: int) -> None:
        """File the policies of one more connection."""
        unknown = []
        for at, child in enumerate(connection.children):
            if not selectors_known(connection, child):
                unknown.append(f"{child.title}: its selectors depend on an address known only when the SA is up")
            for policy in policies_of(connection, child, (number, at)):
                self._file(policy)
        if unknown:
            self.unknown[connection.name] = tuple(unknown)

    def any_towards(self, family: Family, destination: Interval) -> bool:
        """Whether any policy may select a packet to that interval that leaves by no xfrm interface."""
        found = self._found.get((None, family))
        if found is None:
            return False
        low, high = destination
        return bool(found[0].holding(low)) or (low != high and found[0].crowd(low + 1, high) > 0)

    def ask_source(self, if_id: int | None, family: Family, destination: Interval) -> bool:
        """Whether a policy that may select a packet to that interval asks which source it is."""
        found = self._found.get((if_id, family))
        if found is None:
            return False
        return any(policy.source.prefix.length for held in found[0].overlapping(*destination) for policy in held)

    def toward(self, if_id: int | None, destination: Address) -> list[Spd]:
        """The policies that may select a packet to that address, from wherever it comes."""
        found = self._found.get((if_id, destination.family))
        return [] if found is None else [policy for held in found[0].holding(destination.value) for policy in held]

    def _file(self, policy: Spd) -> None:
        key = (policy.child.if_id, policy.shape.family)
        if policy.child.if_id is not None and policy.source.prefix.length != 0:
            self.bound_by_source = True
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = (PrefixIndex(key[1]), PrefixIndex(key[1]))
        for index, prefix in zip(found, (policy.destination.prefix, policy.source.prefix), strict=True):
            held = index.get(prefix)
            if held is None:
                index.put(prefix, [policy])
            else:
                held.append(policy)

    def towards(
        self, if_id: int | None, family: Family, destination: Interval, source: Interval, room: int
    ) -> list[Spd]:
        """The policies that may select a packet to one interval from another, the deciding ones first.

        Those of the rarer side are gone through. Raises :class:`Unbounded` where there are more than ``room``.
        """
        found = self._found.get((if_id, family))
        if found is None:
            return []
        low, high = destination
        if low != high and found[0].crowded(low, high, room):
            raise Unbounded
        held = found[0].overlapping(low, high)
        if not held:
            return []
        number = len(held) if len(held) > _MANY else sum(map(len, held))
        if number > _MANY and found[1].crowd(*source) <= number:
            other = found[1].overlapping(*source)
            if sum(map(len, other)) < number:
                held = other
        if number > _MANY and sum(map(len, held)) > room:
            raise Unbounded
        self.meter.take(sum(map(len, held)) if number > _MANY else number)
        some = [
            policy
            for group in held
            for policy in group
            if policy.destination_low <= high
            and low <= policy.destination_high
            and policy.source_low <= source[1]
            and source[0] <= policy.source_high
        ]
        if len(some) > 1:
            some.sort(key=_rank)
        return some


def _rank(policy: Spd) -> tuple[int, tuple[int, ...]]:
    return policy.rank


def policies_of(connection: Connection, child: Child, place: tuple[int, int]) -> Iterator[Spd]:
    """Every policy of a child; ``place`` is the connection's and the child's in the Plan."""
    sa, trap = installed_rows(connection, child)
    below = _traps(connection, child) & ~INBOUND_ROWS
    for pair, (source, destination) in enumerate(selector_pairs(connection, child)):
        order = (*place, pair)
        if child.mode == "pass":
            if trap:
                yield Spd(connection, child, "pass", source, destination, trap, order)
            continue
        if sa:
            yield Spd(connection, child, "sa", source, destination, sa, order, sa & INBOUND_ROWS)
        if trap:
            yield Spd(connection, child, "trap", source, destination, trap, (*order, 1), trap | below)
