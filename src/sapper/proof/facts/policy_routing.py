"""Which tables a packet is looked up in: routing policy rules, and the marks that lead to some of them.

Rules are asked in order of priority, an older one first among equals; a table without a route for the destination leads
to the next rule, a blackhole in it ends the search. A mark is set on what comes in, before the lookup; what the router
sends itself has none, and neither has what a tunnel device or XFRM puts around a marked packet (flowi4_mark is the
device's own). Sources: net/core/fib_rules.c (fib_rules_lookup, fib_nl_newrule), net/ipv4/ip_tunnel.c
(ip_tunnel_init_flow), net/xfrm/xfrm_policy.c (xfrm_bundle_create).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

import msgspec

from sapper.address import Family
from sapper.kernel.plan import CHARON_TABLE, MAIN_TABLE, Link, MarkRule, Plan, Rule
from sapper.proof.facts.packet import Packet

_DEFAULT_TABLE = 253
_FAMILIES: tuple[Family, ...] = (4, 6)
# The kernel's, older than any other, and charon's (its routing_table_prio); that for local addresses is asked apart.
_KERNEL = tuple(
    Rule(priority, table, family)
    for priority, table in ((32766, MAIN_TABLE), (32767, _DEFAULT_TABLE))
    for family in _FAMILIES
)
_CHARON = tuple(Rule(220, CHARON_TABLE, family) for family in _FAMILIES)
STANDING = (*_CHARON, *_KERNEL)


def rules_in_force(plan: Plan) -> tuple[Rule, ...]:
    """The Plan's rules and the standing ones, in the order in which the kernel asks them."""
    every = dict.fromkeys((*_KERNEL, *plan.rules, *_CHARON))
    return tuple(sorted(every, key=lambda rule: rule.priority))


@cache
def tables_in_order(rules: tuple[Rule, ...], family: Family, mark: int = 0) -> tuple[int, ...]:
    """The tables that a packet with that mark (0: none) is looked up in, each once."""
    asked = (rule.table for rule in rules if rule.family == family and rule.mark in (None, mark))
    return tuple(dict.fromkeys(asked))


def tables_for_all(plan: Plan) -> frozenset[int]:
    """The tables, but for charon's, that packets of any mark are looked up in."""
    return frozenset({MAIN_TABLE, *(rule.table for rule in plan.rules if rule.mark is None)}) - {CHARON_TABLE}


def tables_led_to(plan: Plan) -> frozenset[int]:
    """The tables, but for charon's, that some rule leads to."""
    return frozenset({MAIN_TABLE, *(rule.table for rule in plan.rules)}) - {CHARON_TABLE}


def leading_marks(marks: Iterable[MarkRule], rules: Iterable[Rule]) -> tuple[MarkRule, ...]:
    """The rules of each family in which one sets a mark that leads somewhere; every other mark is none."""
    led = {(rule.family, rule.mark) for rule in rules if rule.mark is not None}
    every = tuple(marks)
    families = {rule.family for rule in every if (rule.family, rule.mark) in led}
    return tuple(
        rule if (rule.family, rule.mark) in led else msgspec.structs.replace(rule, mark=0)
        for rule in every
        if rule.family in families
    )


def marks_met(
    marks: tuple[MarkRule, ...], links: Mapping[str, Link], packet: Packet, enters: str | None
) -> Iterator[tuple[int, str | None]]:
    """Each mark that a packet which comes in may get (0: none), with the doubt about it.

    ``enters`` may be no interface's name: then it is the one whose network the source is in. Where there is none, it
    may be any.
    """
    own = tuple(rule for rule in marks if rule.family == packet.family)
    names = in_links(own, links)
    if not names:
        yield 0, None
        return
    if enters in links:
        yield from _met(own, packet, str(enters))
        return
    source = packet.source
    homes = [name for name in names if any(source in item.prefix for item in links[name].addresses if source)]
    yield from dict.fromkeys(met for name in homes for met in _met(own, packet, name))
    if homes:
        return
    yield 0, None
    for name in names:
        yield from ((mark, perhaps_by(name)) for mark, _ in _met(own, packet, name) if mark)


def in_links(marks: Iterable[MarkRule], links: Mapping[str, Link]) -> tuple[str, ...]:
    """The interfaces that a rule is for."""
    every = tuple(marks)
    return tuple(name for name in links if any(named(rule, name) for rule in every)) if every else ()


def _met(marks: Iterable[MarkRule], packet: Packet, enters: str) -> Iterator[tuple[int, str | None]]:
    doubt: str | None = None
    for rule in marks:
        if not named(rule, enters) or not _matches(rule, packet):
            continue
        if not rule.unmodelled:
            yield rule.mark, doubt
            return
        doubt = doubt_of(rule, enters)
        yield rule.mark, doubt
    yield 0, doubt


def doubt_of(rule: MarkRule, enters: str) -> str:
    """What is not known of a rule with matches that sapper does not model."""
    return f"policy route of {enters}: {', '.join(rule.unmodelled)}"


def perhaps_by(name: str) -> str:
    """What is not known of a packet that may come in anywhere."""
    return f"policy route of {name}: whether the packet comes in there"


def named(rule: MarkRule, enters: str) -> bool:
    """Whether the rule is for what comes in there; ``eth*`` is every name that begins so."""
    return any(
        enters.startswith(name[:-1]) if name.endswith(("*", "+")) else enters == name for name in rule.in_links
    )


def _matches(rule: MarkRule, packet: Packet) -> bool:
    checks = (
        ("source", None if rule.source is None else packet.source is not None and packet.source in rule.source),
        ("destination", None if rule.destination is None else packet.destination in rule.destination),
        ("protocol", None if rule.protocol is None else rule.protocol == packet.protocol),
    )
    return all(fits is None or fits != (name in rule.negated) for name, fits in checks)
