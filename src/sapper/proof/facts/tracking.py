"""Tunnels whose outer packets are one connection to conntrack, and may leave by different interfaces.

NAT decides by the first packet of a tracked connection, and a connection is the two addresses and the protocol: a GRE
key does not tell two tunnels apart (net/netfilter/nf_conntrack_proto_gre.c has none for version 0). Where one of two
such devices is bound to an interface the outer packet of the one may settle which NAT rule the other's meets.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sapper.address import Address
from sapper.kernel.links import record_of
from sapper.kernel.plan import Link, Plan

_Connection = tuple[Address, Address, int]


def tracked_as_one(plan: Plan) -> Iterator[tuple[str, str]]:
    """Each device of which that is so, with one other of its kind; nothing where the Plan has no source NAT."""
    met: defaultdict[_Connection, list[Link]] = defaultdict(list)
    for link in plan.links if plan.source_nat else ():
        for connection in dict.fromkeys(_connections(link)):
            met[connection].append(link)
    found: dict[tuple[str, str], None] = {}
    for first, *links in met.values():
        other = next((link for link in links if _bound(link) != _bound(first)), None)
        if other is not None:
            pairs = ((one, first if _bound(one) != _bound(first) else other) for one in links if one is not other)
            found.update({(one.name, beside.name): None for one, beside in ((other, first), *pairs)})
    yield from found


def _connections(link: Link) -> Iterator[_Connection]:
    wrapping, record = link.encapsulating, record_of(link)
    if wrapping is None or wrapping.local is None or wrapping.remote is None or wrapping.remote.family == 6:
        return
    for family in (4, 6):
        protocol = wrapping.protocol if record is None else record.outer_protocol(family)
        if protocol is not None:
            yield wrapping.local, wrapping.remote, protocol


def _bound(link: Link) -> str | None:
    return link.encapsulating.link if link.encapsulating is not None else None
