"""CFG397: a static route that contradicts itself, or names a VRF or route map that is nowhere.

A VRF is looked for only where the text has any VRF or is a whole router, a route map likewise.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch, first_span
from sapper.rules.finding import Finding
from sapper.rules.fragment import is_whole
from sapper.rules.rule import Rule
from sapper.rules.static_tree import static_sections
from sapper.rules.subject import Subject

_BLACKHOLE = "set protocols static route 10.2.0.0/16 blackhole\n"

RULE = Rule(
    code="CFG397",
    title="a static route that VyOS refuses",
    severity="error",
    why=(
        "VyOS refuses the commit: one prefix has a blackhole or a reject, not both, and a VRF or route map that is "
        "named must be defined. A blackhole beside a next hop is allowed: the lower distance wins. The kernel takes "
        "any of them, one for each metric."
    ),
    bad=_BLACKHOLE + "set protocols static route 10.2.0.0/16 reject\n",
    good=_BLACKHOLE + "set protocols static route 10.2.0.0/16 next-hop 192.0.2.1\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    top = subject.top
    whole = is_whole(top)
    vrfs = {vrf.name for vrf in top.each("vrf", "name")} if whole or top.has("vrf", "name") else None
    for static in static_sections(top):
        for kind in ("route", "route6"):
            for route in static.each(kind):
                reject = route.below("reject")
                if reject is not None and route.has("blackhole"):
                    message = f"{route.name} has both blackhole and reject: VyOS refuses it"
                    yield RULE.finding(message, reject.where, first_span(reject.node))
                if vrfs is not None:
                    yield from _vrfs(route, vrfs)
    if whole or top.has("policy", "route-map"):
        yield from _route_maps(top)


def _route_maps(top: Branch) -> Iterator[Finding]:
    """The route map of static routes is an option of the system since 1.4; the upgrade writes it there."""
    for words in (
        ("protocols", "static"),
        *(("system", family, "protocol", "static") for family in ("ip", "ipv6")),
    ):
        value = top.in_force(*words, "route-map")
        if value is not None and not top.has("policy", "route-map", value.word):
            message = f"there is no policy route-map {value.word}: VyOS refuses it"
            yield RULE.finding(message, " ".join((*words, "route-map")), value.span)


def _vrfs(route: Branch, vrfs: set[str]) -> Iterator[Finding]:
    for word in ("next-hop", "interface"):
        for way in route.each(word):
            value = way.in_force("vrf")
            if value is not None and value.word != "default" and value.word not in vrfs:
                message = f"there is no VRF {value.word}: VyOS refuses it"
                yield RULE.finding(message, f"{way.where} vrf", value.span)
