"""Whether the reverse path filter lets in what liveness needs, with every SA up and the network undisturbed.

An interface with a filter takes an IPv4 packet whose sender it has a way back to: of a strict one by itself, of a loose
one by any interface (fib_validate_source). Asked are those that the Plan shows to come in there: the hosts of its
connected networks; into a tunnel device, what is routed to it; where a tunnel or a connection ends at its address, the
far end. Everybody else is taken to come in by the interface that leads back to them.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.address import Address, Prefix
from sapper.kernel.ends import ends_of
from sapper.kernel.plan import Link, Plan
from sapper.proof.facts.entrance import entrance_of
from sapper.proof.facts.trust import trust_of
from sapper.proof.properties.protected import networks_of
from sapper.proof.states.effective import kernel_in
from sapper.proof.states.lifecycle import TABLE
from sapper.proof.states.situation import Situation, raised_sets
from sapper.proof.walk.routing import source_believed

_BY_THE_WAY_BACK = "who is in no connected network comes in by the interface that leads back to them"
_UP = next(row for row in TABLE if row.state == "up")


def filtered_in_doubt(plan: Plan) -> frozenset[str]:
    """The interfaces whose filter may stop something that liveness needs."""
    filters = [name for name, _ in entrance_of(plan).filters]
    if not filters:
        return frozenset()
    kernel = kernel_in(plan, Situation(_UP, next(raised_sets(plan, _UP))))
    cuts = sorted(
        {route.prefix for routes in kernel.tables.values() for route in routes if route.prefix.family == 4}
    )
    underlays = trust_of(plan).underlays
    doubtful: set[str] = set()
    for name in filters:
        link = kernel.links[name]
        senders = [*_far_ends(plan, link), *_members(_behind(plan, link, underlays), cuts)]
        if name in kernel.up and any(not source_believed(kernel, one, name) for one in senders):
            doubtful.add(name)
    return frozenset(doubtful)


def assumed_of_filters(plan: Plan) -> tuple[str, ...]:
    """What is taken for granted of the others, where there is a filter."""
    return (_BY_THE_WAY_BACK,) if entrance_of(plan).filters else ()


def _behind(plan: Plan, link: Link, underlays: frozenset[str]) -> Iterator[Prefix]:
    """The networks whose hosts come in by that interface."""
    if link.name in underlays:
        return
    yield from (item.prefix for item in link.addresses if item.address.family == 4)
    if ends_of(link) is not None or link.kind == "xfrm":
        yield from (prefix for prefix in networks_of(plan, link) if prefix.family == 4)


def _far_ends(plan: Plan, link: Link) -> Iterator[Address]:
    """The far ends of what ends at an address of that interface."""
    own = {item.address for item in link.addresses}
    for ends in filter(None, map(ends_of, plan.links)):
        if ends.local in own or ends.link == link.name:
            yield from (far for far in ends.remotes if far.family == 4)
    for connection in plan.connections:
        if not own.isdisjoint(connection.local_addrs):
            yield from (far for far in connection.remote_addrs if far.family == 4)


def _members(prefixes: Iterator[Prefix], cuts: list[Prefix]) -> Iterator[Address]:
    """An address of each piece of the networks that no route divides."""
    for prefix in prefixes:
        edges = {prefix.first}
        for cut in cuts:
            if prefix.covers(cut):
                edges |= {cut.first, cut.last + 1}
        yield from (Address(4, edge) for edge in sorted(edges) if edge <= prefix.last)
