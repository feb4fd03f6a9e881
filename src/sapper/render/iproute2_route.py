"""Routes and rules for ``ip -batch``. A route without a way is left in the file as a comment that says why.

A batch line cannot choose a family, so IPv6 rules have a file of their own, for ``ip -6 -batch``. The three rules
that every kernel has (local, main, default) are not added a second time.
"""

from __future__ import annotations

from sapper.address import Address, Family
from sapper.kernel.plan import MAIN_TABLE, Plan, Route, Rule
from sapper.render.link_order import checked_name
from sapper.render.plan_routes import common_source, kernels_own, routes_of, together, waiting_sentence
from sapper.render.remark import remark


def route_lines(plan: Plan) -> list[str]:
    """Raises Inexpressible for the name of a link that cannot be written."""
    routes = routes_of(plan)
    lines = [line for group in together(routes.ready) for line in _added(group)]
    return lines + [line for route in routes.waiting for line in remark(waiting_sentence(plan, route))]


def rule_lines(plan: Plan, family: Family) -> list[str]:
    return [_rule(rule) for rule in plan.rules if rule.family == family and not kernels_own(rule)]


def _added(group: tuple[Route, ...]) -> list[str]:
    """Several IPv4 next hops are one route; an IPv6 one is appended to the one before."""
    if len(group) > 1 and group[0].prefix.family == 4:
        hops = " ".join(f"nexthop {' '.join(way(route))}" for route in group)
        return [f"route add {' '.join(destination(group[0], common_source(group)))} {hops}"]
    verbs = ["add", *["append"] * (len(group) - 1)]
    return [
        " ".join(["route", verb, *destination(route, route.source), *way(route)])
        for verb, route in zip(verbs, group, strict=True)
    ]


def destination(route: Route, source: Address | None) -> list[str]:
    """The route without its next hop, in iproute2's words."""
    words = ([route.kind] if route.kind != "unicast" else []) + [str(route.prefix)]
    words += ["metric", str(route.metric)] if route.metric else []
    words += ["table", str(route.table)] if route.table != MAIN_TABLE else []
    words += ["src", str(source)] if source is not None else []
    return [*words, "proto", "static"]


def way(route: Route) -> list[str]:
    """The next hop in iproute2's words; nothing for a route to nowhere."""
    words: list[str] = []
    if route.via is not None:
        words = ["via", *(["inet6"] if route.via.family != route.prefix.family else []), str(route.via)]
    if route.link is not None:
        words += ["dev", checked_name(route.link, f"route {route.prefix}")]
    return words + (["onlink"] if route.onlink else [])


def _rule(rule: Rule) -> str:
    mark = f" fwmark {rule.mark:#x}" if rule.mark is not None else ""
    return f"rule add priority {rule.priority}{mark} table {rule.table}"
