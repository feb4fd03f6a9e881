"""The routing tables of one Plan, each route with the circumstances in which it is usable and its interface then.

Mirrors ``_tables``, ``_resolve``, ``_existing`` and ``_charon_routes`` of :mod:`sapper.proof.states.effective`. Routes are
resolved when a lookup first meets them; charon's are made when a lookup first needs table 220.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from sapper.address import Address, Family, Prefix
from sapper.kernel.plan import CHARON_TABLE, MAIN_TABLE, Connection, Link, Plan, Route
from sapper.proof.facts.policy_routing import rules_in_force
from sapper.proof.index.circumstance import ALWAYS, Fact, Product, both, first_of, rows_where
from sapper.proof.index.links import Links
from sapper.proof.index.policies import KEPT_ROWS, installed_rows, selector_pairs
from sapper.proof.index.prefixes import PrefixIndex
from sapper.proof.states.effective import CONNECTED_V6_METRIC, is_default, next_hop_tables


class Way:
    """A route as a table holds it. ``leads``: usable by that interface then. ``absent``: in the table not at all.

    ``metric`` and ``order`` rank it among those of its prefix; ``presence`` is when charon or the network has it there.
    """

    __slots__ = ("_fib", "_resolved", "metric", "order", "presence", "route")

    def __init__(self, fib: Fib, route: Route, order: tuple[int, ...], presence: Fact = ALWAYS) -> None:
        self._fib = fib
        self._resolved: tuple[tuple[tuple[Product, str | None], ...], tuple[Product, ...]] | None = None
        self.route = route
        self.metric = route.metric
        self.order = order
        self.presence = presence

    @property
    def leads(self) -> tuple[tuple[Product, str | None], ...]:
        """Disjoint circumstances, each with the interface; None where the route is no unicast one."""
        if self._resolved is None:
            self._resolved = self._fib.resolve(self)
        return self._resolved[0]

    @property
    def absent(self) -> tuple[Product, ...]:
        """The other circumstances."""
        if self._resolved is None:
            self._resolved = self._fib.resolve(self)
        return self._resolved[1]


Held = list[Way]
_metric_and_order = attrgetter("metric", "order")


class Fib:
    """``tables`` holds an index for each table and family; a value is the ways of one prefix, the better metric first."""

    def __init__(self, plan: Plan, links: Links) -> None:
        self._links = links
        self._default_gone = links.unless_moved(links.move_bits("default-gone"))
        self.tables: dict[tuple[int, Family], PrefixIndex[Held]] = {}
        self._rules = rules_in_force(plan)
        families: tuple[Family, ...] = (4, 6)
        self._reaching: dict[tuple[int, Family], PrefixIndex[Held]] = {
            (MAIN_TABLE, family): PrefixIndex(family) for family in families
        }
        self._static: dict[int, Way] = {}
        self._by_connection: dict[int, list[Way]] = {}
        for at, link in enumerate(plan.links):
            self._add_connected(at, link)
        for at, route in enumerate(plan.routes):
            self._add_static(at, route)
        self._sources: dict[Prefix, Address | None] = {}
        if plan.install_routes:
            for number, connection in enumerate(plan.connections):
                self.add_connection(connection, number)

    def _add_static(self, at: int, route: Route) -> None:
        way = self._static[at] = Way(self, route, (1, at))
        self.file(way)
        if reaches(route):
            key = (route.table, route.prefix.family)
            reaching = self._reaching.get(key)
            if reaching is None:
                reaching = self._reaching[key] = PrefixIndex(key[1])
            _append(reaching, way)

    def add_connection(self, connection: Connection, number: int) -> list[Prefix]:
        """charon's routes of a connection; the prefixes that they lead to."""
        ways = self._by_connection[number] = list(self.charon_ways(connection, number))
        for way in ways:
            self.file(way)
        return [way.route.prefix for way in ways]

    def drop_connection(self, number: int) -> list[Prefix]:
        """Take charon's routes of a connection away; the prefixes that they led to."""
        ways = self._by_connection.pop(number, [])
        for way in ways:
            _remove(self.tables[way.route.table, way.route.prefix.family], way)
        return [way.route.prefix for way in ways]

    def replace_route(self, at: int, route: Route) -> None:
        """Another static route in the place of one."""
        old = self._static[at]
        family = old.route.prefix.family
        _remove(self.tables[old.route.table, family], old)
        if reaches(old.route):
            _remove(self._reaching[old.route.table, family], old)
        self._add_static(at, route)

    def replace_connected(self, at: int, old: Link, new: Link) -> None:
        """The connected routes of a link whose addresses are others now."""
        for nth, way in enumerate(_connected(self, at, old)):
            family = way.route.prefix.family
            for index in (self.tables[MAIN_TABLE, family], self._reaching[MAIN_TABLE, family]):
                held = index.get(way.route.prefix) or []
                _remove(index, next(one for one in held if one.order == (0, at, nth)))
        self._add_connected(at, new)

    def _add_connected(self, at: int, link: Link) -> None:
        for way in _connected(self, at, link):
            self.file(way)
            _append(self._reaching[MAIN_TABLE, way.route.prefix.family], way)

    def chose_from(self, address: Address) -> bool:
        """Whether charon took a local address for a selector that holds this one."""
        return any(address in prefix for prefix in self._sources)

    def interfaces_towards(self, via: Address) -> set[str]:
        """The interfaces that a next hop may be on."""
        return {
            way.route.link
            for (_, family), index in self._reaching.items()
            if family == via.family
            for held in index.holding(via.value)
            for way in held
            if way.route.link
        }

    def resolve_again(self, at: int) -> None:
        """Forget which interface the next hop of a static route is on."""
        self._static[at]._resolved = None

    def file(self, way: Way) -> None:
        """Put a way into its table."""
        route = way.route
        key = (route.table, route.prefix.family)
        table = self.tables.get(key)
        if table is None:
            table = self.tables[key] = PrefixIndex(key[1])
        _append(table, way)

    def resolve(self, way: Way) -> tuple[tuple[tuple[Product, str | None], ...], tuple[Product, ...]]:
        """When the way leads where; see :class:`Way`."""
        route = way.route
        presence = way.presence
        if is_default(route):
            presence = both(presence, self._default_gone)
        # What many routes share comes first: then those situations in which none of them is there stay one product.
        options = [(both(fact, presence), name) for name, fact in self._interfaces(route, calm=False)]
        leads, absent = first_of(options)
        return tuple(leads), absent

    def _interfaces(self, route: Route, *, calm: bool) -> Iterator[tuple[str | None, Fact]]:
        """The interfaces that the route may have, the one that decides first, with when each is up."""
        up = self._links.undisturbed if calm else self._links.up
        if route.kind != "unicast":
            yield None, ALWAYS
        elif route.link is not None:
            yield route.link, up(route.link)
        elif route.via is not None:
            for table in next_hop_tables(self._rules, route):
                index = self._reaching.get((table, route.via.family))
                for way in (way for held in (index.holding(route.via.value) if index else ()) for way in held):
                    assert way.route.link is not None
                    yield way.route.link, up(way.route.link)

    def charon_ways(self, connection: Connection, number: int) -> Iterator[Way]:
        """charon's routes of a connection in table 220; see ``_charon_routes`` of the reference."""
        for at, child in enumerate(connection.children):
            if child.mode == "transport" or child.if_id is not None:
                continue
            sa, trap = installed_rows(connection, child)
            pairs = list(selector_pairs(connection, child))
            rows = rows_where(((sa | trap) if pairs else 0) | KEPT_ROWS, connection.name)
            for nth, (local, remote) in enumerate(pairs):
                if {local.protocol, local.port, remote.protocol, remote.port} != {None}:
                    continue
                source = self._address_within(local.prefix)
                if source is None:
                    continue
                target = remote.prefix if child.mode == "pass" else _peer_prefix(connection, remote.prefix.family)
                for fact, (via, link) in self._way_to(target):
                    route = Route(prefix=remote.prefix, via=via, link=link, source=source, table=CHARON_TABLE)
                    yield Way(self, route, (2, number, at, nth), both(fact, rows))

    def _way_to(self, target: Prefix) -> list[tuple[Fact, tuple[Address | None, str | None]]]:
        """Next hop and interface of the undisturbed main table's unicast route that leads to all of the target."""
        table = self.tables.get((MAIN_TABLE, target.family))
        if table is None:
            return []
        options: list[tuple[Fact, tuple[Address | None, str | None]]] = []
        for held in table.covering(target):
            for way in held:
                if way.route.kind == "unicast":
                    options += self._one_way(way.route)
        chosen, left = first_of(options)
        products = [product for product, _ in chosen]
        return [
            (Fact((product,), (*products[:at], *products[at + 1 :], *left)), value)
            for at, (product, value) in enumerate(chosen)
        ]

    def _one_way(self, route: Route) -> list[tuple[Fact, tuple[Address | None, str | None]]]:
        return [(fact, (route.via, name)) for name, fact in self._interfaces(route, calm=True) if name is not None]

    def _address_within(self, prefix: Prefix) -> Address | None:
        """The first address of the Plan that lies in the prefix."""
        if prefix not in self._sources:
            found = self._links.attached_within(prefix.family, prefix.first, prefix.last)
            self._sources[prefix] = min(found, key=_place)[1].address if found else None
        return self._sources[prefix]


def reaches(route: Route) -> bool:
    """Whether a next hop may be found by that static route: it is to an interface."""
    return route.kind == "unicast" and route.via is None and route.link is not None


def _connected(fib: Fib, at: int, link: Link) -> Iterator[Way]:
    for nth, attached in enumerate(link.addresses):
        metric = CONNECTED_V6_METRIC if attached.address.family == 6 else 0
        yield Way(fib, Route(prefix=attached.prefix, link=link.name, metric=metric), (0, at, nth))


def _remove(index: PrefixIndex[Held], way: Way) -> None:
    held = index.get(way.route.prefix) or []
    held.remove(way)
    index.touch()
    if not held:
        index.drop(way.route.prefix)


def _place(found: tuple[int, object, str]) -> int:
    return found[0]


def _append(index: PrefixIndex[Held], way: Way) -> None:
    prefix = way.route.prefix
    held = index.get(prefix)
    if held is None:
        index.put(prefix, [way])
        return
    held.append(way)
    index.touch()
    if _metric_and_order(held[-2]) > _metric_and_order(way):
        held.sort(key=_metric_and_order)


def _peer_prefix(connection: Connection, family: Family) -> Prefix:
    peer = next(iter(connection.remote_addrs), None)
    return Prefix.host(peer) if peer is not None else Prefix.everything(family)
