"""Random policy routing: tables of their own, rules that lead to them, and marks on what comes in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from sapper.address import Family, Prefix
from sapper.kernel.plan import MAIN_TABLE, MarkRule, Plan, Route, Rule
from sapper.lab.judge.drawn.pool import NETS, Dice
from sapper.lab.judge.drawn.routing import route

_TABLES = (10, 20)
_MARKS = (1, 1, 2)
_VYOS, _HIGHEST_MARK = 11, 0x7FFFFFFF
# Before charon's rule, between it and the one for main, and behind that.
_PRIORITIES = (10, 100, 300, 1000, 32766, 40000)
_PROTOCOLS = (None, None, 17, 6, 47)


def steered(dice: Dice, plan: Plan) -> Plan:
    """The Plan with rules, tables and marks, in one of three; else as it is."""
    if not dice.chance(33):
        return plan
    names = [link.name for link in plan.links if link.kind not in ("dummy", "loopback")]
    entries = [link.name for link in plan.links if link.kind in ("ethernet", "vlan")]
    rules = dict.fromkeys(_rule(dice) for _ in range(dice.one((1, 2, 2, 3))))
    tables = [rule.table for rule in rules if rule.table != MAIN_TABLE] or [_TABLES[0]]
    routes = list(_routes(dice, names, tables))
    marks = [_mark(dice, entries) for _ in range(dice.one((0, 1, 2, 3)))]
    if dice.chance(60):
        # As VyOS writes it: what comes in by the LAN has a table of its own.
        family = dice.family()
        rules[Rule(_VYOS, _VYOS, family, _HIGHEST_MARK - _VYOS)] = None
        marks.insert(0, _mark_of_lan(dice, family))
        routes += _routes(dice, names, (_VYOS,), family)
    return msgspec.structs.replace(plan, rules=tuple(rules), routes=(*plan.routes, *routes), marks=tuple(marks))


def _rule(dice: Dice) -> Rule:
    table = dice.one((*_TABLES, _TABLES[0], MAIN_TABLE))
    return Rule(dice.one(_PRIORITIES), table, dice.family(), dice.one(_MARKS) if dice.chance(60) else None)


def _mark_of_lan(dice: Dice, family: Family) -> MarkRule:
    wanted = dice.one((*NETS[family], None, None, None, None))
    return MarkRule(family=family, mark=_HIGHEST_MARK - _VYOS, in_links=("eth2",), destination=wanted)


def _routes(
    dice: Dice, names: Sequence[str], tables: Sequence[int], family: Family | None = None
) -> Iterator[Route]:
    """Routes of these tables; one of a network and metric. IPv6 looks for a next hop in whatever is there already."""
    taken: set[object] = set()
    for _ in range(dice.one((1, 2, 3, 4))):
        drawn = msgspec.structs.replace(route(dice, names), table=dice.one(tables))
        if family is not None and dice.chance(50):
            drawn = msgspec.structs.replace(
                drawn, prefix=Prefix.everything(family), via=None, link=dice.one(names), kind="unicast"
            )
        place = (drawn.prefix, drawn.metric, drawn.table)
        if place not in taken and not (drawn.via is not None and drawn.prefix.family == 6):
            taken.add(place)
            yield drawn


def _mark(dice: Dice, entries: Sequence[str]) -> MarkRule:
    family: Family = dice.family()
    return MarkRule(
        family=family,
        mark=dice.one((*_MARKS, 0)),
        in_links=("eth2",) if dice.chance(70) else tuple(dice.sample(entries, 1)),
        source=dice.one(NETS[family]) if dice.chance(30) else None,
        destination=dice.one(NETS[family]) if dice.chance(40) else None,
        protocol=dice.one(_PROTOCOLS),
        negated=frozenset({dice.one(("source", "destination", "protocol"))}) if dice.chance(15) else frozenset(),
    )
