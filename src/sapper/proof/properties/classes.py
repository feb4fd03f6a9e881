"""Packet classes: every packet of a flow behaves like one of finitely many representatives.

A kernel decides by comparing addresses with prefixes, protocols and ports with numbers. Cutting each field at every
prefix boundary and number that the Plan mentions leaves intervals inside which no comparison changes; one member of
each stands for all. Fields: source, destination, protocol, ports.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from sapper.address import Address, Family, Prefix
from sapper.kernel.plan import Guard, MarkRule, Plan, Selector, SourceNatRule
from sapper.proof.facts.destination_nat import aims_of
from sapper.proof.facts.packet import Packet
from sapper.proof.facts.policy_routing import leading_marks
from sapper.proof.states.effective import local_selectors, remote_selectors

# Protocols with ports; the everyday ones; and one that no selector is ever written for (RFC 3692 253), for all others.
_WITH_PORTS = frozenset({6, 17, 132, 33, 136})
_EVERYDAY = (17, 1)
_EVERYDAY_V6 = (17, 58)
_UNHEARD_OF = 253
_ANY_PORT = 40000
_PROTOCOLS = 256


def atoms(within: Prefix, cuts: Iterable[Prefix]) -> list[Address]:
    """One address for each interval of a prefix that the cuts leave undivided; never empty."""
    edges = {within.first}
    for cut in cuts:
        if cut.family == within.family and cut.overlaps(within):
            edges |= {cut.first, cut.last + 1}
    starts = sorted(edge for edge in edges if within.first <= edge <= within.last)
    ends = [start - 1 for start in starts[1:]] + [within.last]
    return [Address(within.family, _member(start, end)) for start, end in zip(starts, ends, strict=True)]


def _member(start: int, end: int) -> int:
    """A likely host: the second address where there are three or more (the first is a network's own)."""
    return start + 1 if end - start >= 2 else start


def address_cuts(plan: Plan) -> tuple[Prefix, ...]:
    """Every prefix that a Plan compares an address with."""
    found: set[Prefix] = {route.prefix for route in plan.routes}
    for link in plan.links:
        found |= {attached.prefix for attached in link.addresses}
        found |= {Prefix.host(attached.address) for attached in link.addresses}
    for local, remote in selector_pairs(plan):
        found |= {local.prefix, remote.prefix}
    for rule in (*_rules(plan), *aims_of(plan)):
        found |= {prefix for prefix in (rule.source, rule.destination) if prefix}
    return tuple(sorted(found))


def _rules(plan: Plan) -> list[SourceNatRule | Guard | MarkRule]:
    """Everything besides selectors and routes that compares addresses and protocols."""
    return [*plan.source_nat, *plan.guards, *leading_marks(plan.marks, plan.rules)]


def selector_pairs(plan: Plan) -> Iterator[tuple[Selector, Selector]]:
    """Each child's local and remote selectors, as far as they are known beforehand."""
    for connection in plan.connections:
        for child in connection.children:
            yield from product(local_selectors(connection, child), remote_selectors(connection, child))


def protocols(plan: Plan, only: int | None, family: Family) -> list[int]:
    """The protocols that behave differently; ``only`` where a flow is of one."""
    if only is not None:
        return [only]
    named = {number for pair in selector_pairs(plan) for number in (pair[0].protocol, pair[1].protocol) if number}
    named |= {rule.protocol for rule in _rules(plan) if rule.protocol}
    named |= {number for aim in aims_of(plan) for number in _told_apart(aim.protocols)}
    everyday = _EVERYDAY if family == 4 else _EVERYDAY_V6
    others = (_UNHEARD_OF,) if named.issuperset(everyday) else ()
    return list(dict.fromkeys((*everyday, *sorted(named), *others)))


def _told_apart(mask: int) -> Iterator[int]:
    """The fewer of the protocols in the mask and of those outside."""
    wanted = int(mask.bit_count() <= _PROTOCOLS // 2)
    return (number for number in range(_PROTOCOLS) if mask >> number & 1 == wanted)


def ports(plan: Plan, protocol: int) -> list[int | None]:
    """The ports that behave differently for that protocol, and one that nothing names."""
    if protocol not in _WITH_PORTS:
        return [None]
    named = {port for pair in selector_pairs(plan) for port in (pair[0].port, pair[1].port) if port}
    return [_ANY_PORT, *sorted(named)]


def packets(
    plan: Plan, sources: Iterable[Address | None], destinations: Iterable[Address], only: int | None = None
) -> Iterator[Packet]:
    """A packet for each class of the flow from these sources to these destinations."""
    for source, destination in product(list(sources), list(destinations)):
        for protocol in protocols(plan, only, destination.family):
            numbers = ports(plan, protocol)
            for source_port, destination_port in product(numbers, numbers):
                yield Packet(
                    source=source,
                    destination=destination,
                    protocol=protocol,
                    source_port=source_port,
                    destination_port=destination_port,
                )
