"""Random situations of a Plan and random packets for it: half of the packets meet one of its selectors."""

from __future__ import annotations

from hypothesis import strategies as st
from random_plans import FAR, GATEWAYS, OWN, SOME_PORT, address, chance, families

from sapper.address import Address, Prefix
from sapper.kernel.plan import Plan
from sapper.proof.facts.packet import Packet
from sapper.proof.states.lifecycle import Row
from sapper.proof.states.situation import Move, Situation, moves_of, raised_sets, rows_for

STRANGERS = {4: ["10.1.0.5", "8.8.8.8"], 6: ["2001:db8:a::5", "2600::1"]}


@st.composite
def situations(draw: st.DrawFn, plan: Plan) -> Situation:
    """Any row that exists, each VTI as it may be, the other connection elsewhere, the network as it may be."""
    rows = list(rows_for(plan.connections[:1]))
    rows += [row for row in rows if row.policies] * 2
    row = draw(st.sampled_from(rows))
    elsewhere: tuple[tuple[str, Row], ...] = ()
    if not row.shared and len(plan.connections) > 1:
        others = [other for other in rows_for(plan.connections[1:]) if not other.shared]
        elsewhere = ((plan.connections[1].name, draw(st.sampled_from(others))),)
    raised = draw(st.sampled_from(list(raised_sets(plan, row, elsewhere))))
    calm = draw(chance(60))
    move = Move() if calm else draw(st.sampled_from(list(moves_of(plan))))
    return Situation(row, raised, elsewhere, move)


def inside(prefix: Prefix) -> st.SearchStrategy[Address]:
    known = [Address.parse(text) for pool in (OWN, FAR) for text in pool[prefix.family]]
    return st.sampled_from([member for member in known if member in prefix] or [prefix.network])


@st.composite
def packets(draw: st.DrawFn, plan: Plan) -> Packet:
    """Half of them meet a selector of the Plan, the others are of any addresses."""
    family = draw(families)
    protocol = draw(st.sampled_from([1, 6, 17, 47, 4, 41]))
    source = draw(address([*OWN[family], *FAR[family], STRANGERS[family][0]]))
    destination = draw(address([*OWN[family], *FAR[family], *GATEWAYS[family], STRANGERS[family][1]]))
    flows = [pair for child in (c for connection in plan.connections for c in connection.children)
             for pair in zip(child.local_ts, child.remote_ts, strict=False)]  # fmt: skip
    if draw(chance(60)) and flows:
        local, remote = draw(st.sampled_from(flows))
        protocol = local.protocol or remote.protocol or protocol
        source = draw(inside(local.prefix))
        if local.prefix.family == remote.prefix.family:
            destination = draw(inside(remote.prefix))
    if source.family != destination.family:
        destination = draw(address(FAR[source.family]))
    ports = protocol in (6, 17)
    return Packet(
        source=source,
        destination=destination,
        protocol=protocol,
        source_port=draw(st.sampled_from([SOME_PORT, 40000])) if ports else None,
        destination_port=draw(st.sampled_from([SOME_PORT, 443])) if ports else None,
    )
