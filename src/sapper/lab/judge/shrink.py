"""Makes a disagreement small: takes away one thing after the other as long as the kernel still contradicts the model.

Greedy and in rounds, because a network without a route may do without a link as well. Each round is one batch for the
guest: every smaller case of it runs, and the first that still disagrees is taken. What is taken away: settings and
packets, connections and children, links, routes, NAT rules, addresses, and then fields back to their defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import msgspec

from sapper.kernel.ends import ends_of
from sapper.kernel.plan import Child, Encapsulating, Link, Plan
from sapper.lab.judge.case import Case, Setting
from sapper.lab.judge.compare import Disagreement
from sapper.proof.states.situation import UNDISTURBED

Disagrees = Callable[[list[Case]], list[bool]]
"""Runs cases and says for each whether kernel and model still differ in it."""

_ROUNDS = 60
S = TypeVar("S", bound=msgspec.Struct)
_replace = msgspec.structs.replace


def only(case: Case, found: Disagreement) -> Case:
    """The case with the one packet and the one situation that are at odds."""
    return _replace(case, settings=(case.settings[found.setting],), probes=(case.probes[found.probe],))


def shrink(case: Case, disagrees: Disagrees) -> Case:
    """The smallest case that greed finds; where ``case`` does not disagree any more it comes back as it is."""
    for bites in _BITES:
        smaller = [item for item in bites(case) if _whole(item)]
        for item, still in zip(smaller, disagrees(smaller), strict=True):
            if still:
                case = item
                break
    for _ in range(_ROUNDS):
        smaller = [item for item in _smaller(case) if _whole(item)]
        verdicts = disagrees(smaller)
        better = [item for item, still in zip(smaller, verdicts, strict=True) if still]
        if not better:
            return case
        case = _all_at_once(case, better, disagrees)
    return case


def _fewer(case: Case) -> Iterator[Case]:
    """Most of the network gone at once, the boldest first."""
    plan = case.plan
    needed = {name for probe in case.probes for name in (probe.link, probe.device)}
    needed |= {setting.move.link for setting in case.settings} | {"eth0"}
    few = tuple(link for link in plan.links if link.name in needed)
    for links in (few, plan.links):
        for connections in ((), plan.connections):
            for routes in ((), plan.routes):
                for rules in ((), plan.source_nat):
                    smaller = _replace(plan, links=links, connections=connections, routes=routes, source_nat=rules)
                    if smaller != plan:
                        yield _replace(case, plan=smaller)


_BITES = (_fewer,)


def _all_at_once(case: Case, better: list[Case], disagrees: Disagrees) -> Case:
    """Everything that could go by itself, gone together; where that is too much, the first alone."""
    names = set(_names(case))
    for item in better:
        names &= set(_names(item)) | (names - set(_names(case)))
    gone = set(_names(case)) - names
    together = _without(case, gone)
    if len(gone) > 1 and _whole(together) and disagrees([together]) == [True]:
        return together
    return better[0]


def _names(case: Case) -> Iterator[tuple[str, object]]:
    plan = case.plan
    for kind in ("links", "routes", "source_nat", "guards", "connections", "rules", "marks", "sysctls"):
        yield from ((kind, item) for item in getattr(plan, kind))


def _without(case: Case, gone: set[tuple[str, object]]) -> Case:
    kinds = {kind for kind, _ in gone}
    left = {kind: tuple(item for item in getattr(case.plan, kind) if (kind, item) not in gone) for kind in kinds}
    return _replace(case, plan=_replace(case.plan, **left))


def _smaller(case: Case) -> Iterator[Case]:
    """Every case that has one thing less."""
    for field in ("settings", "probes"):
        if len(getattr(case, field)) > 1:
            yield from (_replace(case, **{field: rest}) for rest in _each_gone(getattr(case, field)))
    yield from (_replace(case, plan=plan) for plan in _smaller_plans(case.plan))
    for at, setting in enumerate(case.settings):
        for calmer in _calmer(setting):
            yield _replace(case, settings=(*case.settings[:at], calmer, *case.settings[at + 1 :]))


def _calmer(setting: Setting) -> Iterator[Setting]:
    if setting.move != UNDISTURBED:
        yield _replace(setting, move=UNDISTURBED)
    for name in setting.raised:
        yield _replace(setting, raised=setting.raised - {name})
    for rest in _each_gone(setting.others):
        yield _replace(setting, others=rest)


def _smaller_plans(plan: Plan) -> Iterator[Plan]:
    for field in ("connections", "links", "routes", "source_nat", "guards", "rules", "marks", "sysctls"):
        yield from (_replace(plan, **{field: rest}) for rest in _each_gone(getattr(plan, field)))
    for field, simpler in (("links", _simpler_links), ("connections", _simpler_connections)):
        items: tuple[Any, ...] = getattr(plan, field)
        for at, item in enumerate(items):
            for other in simpler(item):
                yield _replace(plan, **{field: (*items[:at], other, *items[at + 1 :])})
    if plan.install_routes:
        yield _replace(plan, install_routes=False)
    yield from _plain(plan, ("assumptions", "gaps"))


def _simpler_links(link: Link) -> Iterator[Link]:
    yield from (_replace(link, addresses=rest) for rest in _each_gone(link.addresses))
    yield from _plain(link, ("up", "dynamic"))
    wrapping = link.encapsulating
    if wrapping is not None:
        for other in _plain(wrapping, _WRAPPING_FIELDS):
            yield _replace(link, encapsulating=other)


_WRAPPING_FIELDS = tuple(
    name for name in Encapsulating.__struct_fields__ if name in ("link", "key", "encaplimit", "tos_inherit")
)


def _simpler_connections(connection: Any) -> Iterator[Any]:
    children: tuple[Child, ...] = connection.children
    if len(children) > 1:
        yield from (_replace(connection, children=rest) for rest in _each_gone(children))
    for at, child in enumerate(children):
        for other in _simpler_children(child):
            yield _replace(connection, children=(*children[:at], other, *children[at + 1 :]))
    yield from _plain(connection, ("dpd_delay_s",))


def _simpler_children(child: Child) -> Iterator[Child]:
    for field in ("local_ts", "remote_ts"):
        selectors = getattr(child, field)
        if len(selectors) > 1:
            yield from (_replace(child, **{field: rest}) for rest in _each_gone(selectors))
    yield from _plain(child, ("close_action", "dpd_action", "priority", "start_action"))


def _plain(value: S, fields: tuple[str, ...]) -> Iterator[S]:
    """Each of the fields back at its default."""
    defaults = dict(zip(value.__struct_fields__[::-1], value.__struct_defaults__[::-1], strict=False))
    for field in fields:
        if getattr(value, field) != defaults[field]:
            yield _replace(value, **{field: defaults[field]})


def _each_gone(items: Any) -> Iterator[Any]:
    for at in range(len(items)):
        yield (*items[:at], *items[at + 1 :])


def _whole(case: Case) -> bool:
    """Whether everything that is named is there: a case that could not be built proves nothing."""
    names = {link.name for link in case.plan.links}
    named = {route.link for route in case.plan.routes} | {setting.move.link for setting in case.settings}
    named |= {outer.link for outer in map(ends_of, case.plan.links) if outer is not None}
    named |= {item.parent for item in case.plan.links}
    named |= {name for setting in case.settings for name in setting.raised}
    named |= {name for probe in case.probes for name in (probe.link, probe.device)}
    children = {child.name for connection in case.plan.connections for child in connection.children}
    raisers = {link.raised_by for link in case.plan.links} - {None}
    connections = {connection.name for connection in case.plan.connections}
    elsewhere = {name for setting in case.settings for name, _ in setting.others}
    carried = {item.address for link in case.plan.links for item in link.addresses}
    sources = {probe.packet.source for probe in case.probes if probe.how == "local"} - {None}
    ends = {outer.local for outer in map(ends_of, case.plan.links) if outer is not None}
    ends |= {address for connection in case.plan.connections for address in connection.local_addrs}
    sources |= {end for end in ends if end is not None and not end.is_unspecified}
    named |= {name for rule in case.plan.marks for name in rule.in_links}
    heads = (sysctl.name.rpartition(".")[0].split(".conf.") for sysctl in case.plan.sysctls)
    named |= {head[1] for head in heads if len(head) == 2} - {"all", "default"}
    return named - {None} <= names and raisers <= children and elsewhere <= connections and sources <= carried
