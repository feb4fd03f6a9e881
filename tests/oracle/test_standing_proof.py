"""A proof that follows changes says what a fresh proof of the changed Plan says, and seldom proves everything again."""

from __future__ import annotations

import os
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from random_extras import prefix, rich_plans
from random_plans import ACTIONS, FAR
from setups_of_a_hub import many
from test_sets_against_enumeration import said, shown

from sapper.address import Address, Attached
from sapper.kernel.complete import complete
from sapper.kernel.plan import Connection, Link, Plan, Route, Selector
from sapper.proof.prove import prove
from sapper.proof.standing import StandingProof
from sapper.proof.verdict import TunnelVerdicts

EXAMPLES = int(os.environ.get("SAPPER_EXAMPLES", "60"))
DRAWS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="SAPPER_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)


@st.composite
def other_link(draw: st.DrawFn, link: Link) -> Link:
    outer = link.encapsulating
    if outer is None or draw(st.booleans()):
        more = Attached(Address.parse(draw(st.sampled_from(["10.0.33.1", "10.2.0.9", "203.0.113.77"]))), 29)
        return msgspec.structs.replace(link, addresses=(*link.addresses[1:], more))
    remote = Address.parse(draw(st.sampled_from(FAR[4 if outer.remote is None else outer.remote.family])))
    return msgspec.structs.replace(link, encapsulating=msgspec.structs.replace(outer, remote=remote))


@st.composite
def other_route(draw: st.DrawFn, route: Route) -> Route:
    changes: dict[str, Any] = draw(
        st.sampled_from([{"metric": 3}, {"kind": "blackhole", "link": None, "via": None}, {"prefix": None}])
    )
    if "prefix" in changes:
        changes = {"prefix": draw(prefix(route.prefix.family))}
    return msgspec.structs.replace(route, **changes)


@st.composite
def other_connection(draw: st.DrawFn, connection: Connection) -> Connection:
    first, *rest = connection.children
    changes: dict[str, Any] = {"start_action": draw(ACTIONS), "close_action": draw(ACTIONS)}
    if draw(st.booleans()) and first.remote_ts:
        changes["remote_ts"] = (Selector(draw(prefix()), draw(st.sampled_from([None, 47]))),)
    children = (msgspec.structs.replace(first, **changes), *rest)
    return msgspec.structs.replace(connection, children=children)


@st.composite
def changed(draw: st.DrawFn, plan: Plan) -> Plan:
    """The Plan with one link, route or connection replaced."""
    name = draw(st.sampled_from(["links", "routes", "connections"]))
    items = list(getattr(plan, name))
    if not items:
        return plan
    at = draw(st.integers(0, len(items) - 1))
    make: Any = {"links": other_link, "routes": other_route, "connections": other_connection}[name]
    items[at] = draw(make(items[at]))
    return msgspec.structs.replace(plan, **{name: tuple(items)})


def told(verdicts: tuple[TunnelVerdicts, ...]) -> list[object]:
    return [(item.name, item.protection, {name: said(v) for name, v in item.verdicts.items()}) for item in verdicts]


@DRAWS
@given(st.data())
def test_it_says_what_a_fresh_proof_says(data: st.DataObject) -> None:
    plan = complete(data.draw(rich_plans()))
    standing = StandingProof(plan)
    for _ in range(4):
        plan = data.draw(changed(plan))
        standing.follow(plan)
        assert told(standing.verdicts) == told(prove(plan)), shown(plan)


def test_a_change_of_one_tunnel_proves_that_tunnel_again() -> None:
    plan = many(30)
    standing = StandingProof(plan)
    links, routes = list(plan.links), list(plan.routes)
    at = next(at for at, link in enumerate(links) if link.name == "tun7")
    outer = links[at].encapsulating
    assert outer is not None
    links[at] = msgspec.structs.replace(links[at], encapsulating=msgspec.structs.replace(outer, key=77))
    plan = msgspec.structs.replace(plan, links=tuple(links))
    assert standing.follow(plan) == ("tun7",)
    routes[7] = msgspec.structs.replace(routes[7], kind="blackhole", link=None)
    plan = msgspec.structs.replace(plan, routes=tuple(routes))
    assert "tun7" in standing.follow(plan)
    assert len(standing.follow(plan)) == 0
    child = msgspec.structs.replace(plan.connections[3].children[0], start_action="trap")
    connections = list(plan.connections)
    connections[3] = msgspec.structs.replace(connections[3], children=(child,))
    plan = msgspec.structs.replace(plan, connections=tuple(connections))
    assert standing.follow(plan) == ("tun3",)
    assert told(standing.verdicts) == told(prove(plan))
