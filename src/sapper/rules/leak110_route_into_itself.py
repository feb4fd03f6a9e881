"""LEAK110: the way to the far end, or to the peer, leads through the tunnel that needs it."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.address import Address
from sapper.kernel.plan import MAIN_TABLE, Plan, Route
from sapper.proof.properties.protected import Entry
from sapper.rules.finding import Finding
from sapper.rules.leak import origin_of
from sapper.rules.leak_cause import judged
from sapper.rules.leak_example import VTI
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_INSIDE = VTI.replace("route 0.0.0.0/0 next-hop 192.0.2.1", "route 0.0.0.0/0 interface vti0")

RULE = Rule(
    code="LEAK110",
    title="a default route through the tunnel it depends on",
    severity="error",
    why=(
        "The packets of the tunnel itself, and of the IKE daemon, need a way to the peer outside of the tunnel. "
        "With the default route through it and no route of their own they are led into it: it drops them, or goes "
        "up and down, and what is outside of it leaks each time it is down. A host route for the peer over the "
        "provider's gateway ends that."
    ),
    reference="the second article; net/ipv4/ip_tunnel.c",
    lab="The daemon has no way to its peer: not one IKE packet leaves, no SA comes up, and nothing is delivered.",
    bad=_INSIDE,
    good=_INSIDE
    + "set protocols static route 203.0.113.20/32 next-hop 192.0.2.1\n"
    + "set protocols static route 10.0.0.0/30 reject distance 254\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    plan = subject.plan
    if plan is None:
        return
    for entry, _ in judged(subject):
        for end in _needed(entry):
            best = _best(plan, end)
            if best is not None and entry.link is not None and best.link == entry.link.name:
                origin = origin_of(subject.router, entry.name)
                message = f"{entry.name}: the way to {end}, which it depends on, leads through it ({best.prefix})"
                yield RULE.finding(message, origin.path, origin.span)
                break


def _needed(entry: Entry) -> Iterator[Address]:
    wrapping = entry.link.encapsulating if entry.link is not None else None
    if wrapping is not None and wrapping.remote is not None and wrapping.link is None:
        yield wrapping.remote
    for connection in entry.connections:
        yield from connection.remote_addrs


def _best(plan: Plan, end: Address) -> Route | None:
    """The static or connected route for that address; of several alike the best one."""
    connected = [
        Route(prefix=attached.prefix, link=link.name) for link in plan.links for attached in link.addresses
    ]
    ways = [route for route in (*connected, *plan.routes) if route.table == MAIN_TABLE and end in route.prefix]
    return max(ways, key=lambda route: (route.prefix.length, -route.metric), default=None)
