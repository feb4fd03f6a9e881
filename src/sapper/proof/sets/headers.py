"""A set of packets of one family as the walk carries it: a product of one set for each header field.

``source`` is a set of intervals, None while the kernel has still to choose it (no prefix holds such a source).
``destination`` is one interval. ``protocols`` is a bit mask of 256. Ports count only for protocols that have them;
:data:`NO_PORT` stands for a packet whose ports nothing can match. A product is cut where a prefix or a number
divides it, and only there; pieces never overlap and never lose a packet.

``origin`` is the set that entered the router, where the header is another one by now; ``before_nat`` its source, where
only that was rewritten; ``aimed_at`` its destination, where NAT has sent it elsewhere.
"""

from __future__ import annotations

from sapper.address import Address, Family, Prefix
from sapper.kernel.plan import Selector
from sapper.proof.sets.intervals import Interval, Intervals, outside, within

ALL_PROTOCOLS = (1 << 256) - 1
# TCP, UDP, SCTP, DCCP, UDP-Lite.
WITH_PORTS = 1 << 6 | 1 << 17 | 1 << 132 | 1 << 33 | 1 << 136
ALL_PORTS: Interval = (0, 65535)
NO_PORT: Interval = (-1, -1)

Box = tuple[Intervals | None, Interval, int, Interval, Interval]


class Headers:
    """Immutable by agreement: every change is a new one."""

    __slots__ = (
        "aimed_at",
        "before_nat",
        "destination",
        "destination_ports",
        "family",
        "origin",
        "protected",
        "protocols",
        "source",
        "source_ports",
    )

    def __init__(
        self,
        family: Family,
        source: Intervals | None,
        destination: Interval,
        protocols: int,
        source_ports: Interval = NO_PORT,
        destination_ports: Interval = NO_PORT,
        protected: bool = False,
        origin: Box | None = None,
        before_nat: tuple[Intervals | None] | None = None,
        aimed_at: Interval | None = None,
    ) -> None:
        self.family: Family = family
        self.source = source
        self.destination = destination
        self.protocols = protocols
        self.source_ports = source_ports
        self.destination_ports = destination_ports
        self.protected = protected
        self.origin = origin
        self.before_nat = before_nat
        self.aimed_at = aimed_at

    @property
    def box(self) -> Box:
        """The packets that entered the router and look like this now."""
        if self.origin is not None:
            return self.origin
        source = self.source if self.before_nat is None else self.before_nat[0]
        there = self.destination if self.aimed_at is None else self.aimed_at
        return source, there, self.protocols, self.source_ports, self.destination_ports

    def towards(self, destination: Interval) -> Headers:
        """Those for that part of the destinations."""
        if destination == self.destination:
            return self
        return self._with(self.source, destination, self.protocols, self.source_ports, self.destination_ports)

    def chosen(self, source: Address | None) -> Headers:
        """With the source that the kernel chose for a packet of its own."""
        made = self.rewritten(source)
        made.before_nat = (None,)
        return made

    def rewritten(self, source: Address | None) -> Headers:
        """With another source, by NAT."""
        before = self.before_nat if self.before_nat is not None else (self.source,)
        return Headers(
            self.family,
            None if source is None else ((source.value, source.value),),
            self.destination,
            self.protocols,
            self.source_ports,
            self.destination_ports,
            self.protected,
            self.origin,
            before,
            self.aimed_at,
        )

    def aimed(self, destination: Address) -> Headers:
        """With another destination, by NAT."""
        there = (destination.value, destination.value)
        made = self._with(self.source, there, self.protocols, self.source_ports, self.destination_ports)
        made.aimed_at = self.destination
        return made

    def _with(
        self,
        source: Intervals | None,
        destination: Interval,
        protocols: int,
        source_ports: Interval,
        destination_ports: Interval,
    ) -> Headers:
        before = self.before_nat
        return Headers(
            self.family,
            source,
            destination,
            protocols,
            source_ports,
            destination_ports,
            self.protected,
            self.origin,
            before,
            self.aimed_at,
        )


class Shape:
    """What a selector pair or a NAT rule asks of the fields: None where it asks nothing."""

    __slots__ = ("destination", "destination_port", "family", "protocols", "source", "source_port")

    def __init__(
        self,
        family: Family,
        source: Interval | None,
        destination: Interval | None,
        protocols: int = ALL_PROTOCOLS,
        source_port: int | None = None,
        destination_port: int | None = None,
    ) -> None:
        self.family: Family = family
        self.source = source
        self.destination = destination
        self.protocols = protocols
        self.source_port = source_port
        self.destination_port = destination_port

    @classmethod
    def of(cls, source: Selector, destination: Selector) -> Shape:
        """The packets between two traffic selectors; one with a port holds only protocols that have ports."""
        protocols = ALL_PROTOCOLS
        for selector in (source, destination):
            if selector.protocol is not None:
                protocols &= 1 << selector.protocol
            if selector.port is not None:
                protocols &= WITH_PORTS
        return cls(
            source.prefix.family,
            span(source.prefix),
            span(destination.prefix),
            protocols,
            source.port,
            destination.port,
        )


def span(prefix: Prefix) -> Interval:
    """First and last address of a prefix."""
    return prefix.first, prefix.last


def cut(headers: Headers, shape: Shape) -> tuple[Headers | None, list[Headers]]:
    """The packets inside a shape (None: there are none), and the pieces outside it."""
    if _apart(headers, shape):
        return None, [headers]
    source, destination, rest = _cut_addresses(headers, shape)
    protocols, ports, far_ports = headers.protocols, headers.source_ports, headers.destination_ports
    other = protocols & ~shape.protocols
    if other:
        rest.append(headers._with(source, destination, other, ports, far_ports))
        protocols &= shape.protocols
    if shape.source_port is not None:
        for piece in outside((ports,), shape.source_port, shape.source_port):
            rest.append(headers._with(source, destination, protocols, piece, far_ports))
        ports = (shape.source_port, shape.source_port)
    if shape.destination_port is not None:
        for piece in outside((far_ports,), shape.destination_port, shape.destination_port):
            rest.append(headers._with(source, destination, protocols, ports, piece))
        far_ports = (shape.destination_port, shape.destination_port)
    if not rest:
        return headers, rest
    return headers._with(source, destination, protocols, ports, far_ports), rest


def _cut_addresses(headers: Headers, shape: Shape) -> tuple[Intervals | None, Interval, list[Headers]]:
    """Source and destination inside, and the pieces that lie outside by one of them."""
    rest: list[Headers] = []
    source, destination = headers.source, headers.destination
    fields = headers.protocols, headers.source_ports, headers.destination_ports
    if shape.destination is not None:
        low, high = shape.destination
        first, last = destination
        if first < low:
            rest.append(headers._with(source, (first, low - 1), *fields))
        if last > high:
            rest.append(headers._with(source, (high + 1, last), *fields))
        destination = (max(first, low), min(last, high))
    if shape.source is not None and source is not None:
        inside = within(source, *shape.source)
        if inside is not source:
            left = outside(source, *shape.source)
            if left:
                rest.append(headers._with(left, destination, *fields))
            source = inside
    return source, destination, rest


def _apart(headers: Headers, shape: Shape) -> bool:
    """True if no packet is in the shape."""
    if headers.family != shape.family or not headers.protocols & shape.protocols:
        return True
    if shape.destination is not None:
        low, high = shape.destination
        first, last = headers.destination
        if last < low or first > high:
            return True
    if shape.source is not None and (headers.source is None or not within(headers.source, *shape.source)):
        return True
    for number, (first, last) in (
        (shape.source_port, headers.source_ports),
        (shape.destination_port, headers.destination_ports),
    ):
        if number is not None and not first <= number <= last:
            return True
    return False
