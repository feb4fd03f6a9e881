"""LEAK115: IPv4 is protected, IPv6 beside it is not."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.plan import MAIN_TABLE, Plan
from sapper.proof.facts.trust import trust_of
from sapper.proof.properties.bypass import inner_links
from sapper.rules.finding import Finding
from sapper.rules.leak import origin_of
from sapper.rules.leak_cause import judged
from sapper.rules.leak_example import REJECT, VTI
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_BOTH = """\
set interfaces ethernet eth1 address 2001:db8:a1::1/64
set interfaces ethernet eth0 address 2001:db8:1::10/64
set protocols static route6 ::/0 next-hop 2001:db8:1::1
"""
_SIX = """\
set interfaces vti vti0 address 2001:db8:ff::1/64
set protocols static route6 2001:db8:a2::/64 interface vti0
set protocols static route6 2001:db8:a2::/64 reject distance 254
set protocols static route6 2001:db8:ff::/64 reject distance 254
"""

RULE = Rule(
    code="LEAK115",
    title="IPv6 forgotten beside a protected IPv4",
    severity="warning",
    why=(
        "The hosts behind the router have IPv6 addresses and a default route, and no tunnel carries IPv6. If the "
        "far hosts have IPv6 as well, which most names resolve to first, the two sites talk to each other in "
        "clear, past the tunnel."
    ),
    reference="RFC 7359 3",
    lab="The same probe over IPv6 leaves by the default route, in clear.",
    bad=VTI + REJECT + _BOTH,
    good=VTI + REJECT + _BOTH + _SIX,
)


def find(subject: Subject) -> Iterator[Finding]:
    plan = subject.plan
    found = list(judged(subject))
    if plan is None or not found or not _leads_out(plan):
        return
    inside = [link.name for link in inner_links(plan) if any(item.address.family == 6 for item in link.addresses)]
    six = any(network.family == 6 for entry, _ in found for network in entry.networks)
    six = six or any(remote.prefix.family == 6 for entry, _ in found for _, remote in entry.flows)
    four = next((entry for entry, _ in found if any(network.family == 4 for network in entry.networks)), None)
    if inside and four is not None and not six:
        origin = origin_of(subject.router, four.name)
        message = (
            f"{four.name} protects IPv4 only, and the hosts on {', '.join(inside)} have IPv6 and a way out with it"
        )
        yield RULE.finding(message, origin.path, origin.span)


def _leads_out(plan: Plan) -> bool:
    """Whether a written IPv6 default route leads to an interface outside."""
    underlays = trust_of(plan).underlays
    outside = [item.prefix for link in plan.links if link.name in underlays for item in link.addresses]
    defaults = [
        route
        for route in plan.routes
        if route.table == MAIN_TABLE and route.prefix.family == 6 and route.prefix.length == 0 and not route.assumed
    ]
    return any(
        route.link in underlays or any(route.via in prefix for prefix in outside if route.via) for route in defaults
    )
