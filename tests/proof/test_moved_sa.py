"""The row ``up (moved)``: while charon writes an SA's states anew, its outbound policy blocks and nothing asks what comes in.

Both proofs are asked, the reference and the one over sets. That a kernel does so is judged by two kept cases
(``tests/lab/judged/``), and met with a real daemon in ``tests/lab/test_moved_peer_on_a_kernel.py``.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from setups import EAST_WAN, FAR_LAN, WEST_WAN, Action, canonical, connection, transport_gre

from sapper.address import Address, Prefix
from sapper.kernel.complete import complete
from sapper.kernel.plan import Child, Guard, Plan, Selector
from sapper.proof.enumeration import enumerate_all
from sapper.proof.facts.packet import Packet
from sapper.proof.prove import prove
from sapper.proof.states.effective import kernel_in
from sapper.proof.states.lifecycle import MOVED, TABLE
from sapper.proof.states.situation import Situation
from sapper.proof.verdict import PropertyVerdict, TunnelVerdicts
from sapper.proof.walk.policy import forwarding, inbound, outbound

Prove = Callable[[Plan], tuple[TunnelVerdicts, ...]]
BOTH = pytest.mark.parametrize("proof", [prove, enumerate_all], ids=["sets", "reference"])
GUARD = Guard(
    name="forged", hook="input", family=4, protocol=47,
    source=Prefix.host(WEST_WAN), destination=Prefix.host(EAST_WAN),
)  # fmt: skip
LAN = Prefix.parse("10.1.0.0/24")
FORGED = Packet(source=WEST_WAN, destination=EAST_WAN, protocol=47)
OURS = Packet(source=EAST_WAN, destination=WEST_WAN, protocol=47)
UP = next(row for row in TABLE if row.state == "up")


def plan_with(start: Action, *, encap: bool, guard: bool = False, child: Child | None = None) -> Plan:
    plan = canonical(start)
    made = connection(child or transport_gre(start))
    return replace(plan, connections=(replace(made, encap=encap),), guards=(GUARD,) if guard else ())


def verdicts(proof: Prove, plan: Plan) -> dict[str, PropertyVerdict]:
    (entry,) = (item for item in proof(plan) if item.name == "tun0")
    return dict(entry.verdicts)


@BOTH
def test_authenticity_fails_in_up_where_the_sa_may_move_and_the_way_into_it_says_how(proof: Prove) -> None:
    found = verdicts(proof, plan_with("none", encap=True))
    before = verdicts(proof, plan_with("none", encap=False))

    assert "up" in found["authenticity"].failing_states
    assert set(found["authenticity"].failing_states) - {"up"} == set(before["authenticity"].failing_states)
    for other in ("confidentiality", "no-bypass"):
        assert found[other].failing_states == before[other].failing_states
    assert found["liveness"].verdict == before["liveness"].verdict == "proved"


@BOTH
@pytest.mark.parametrize("changes", [{"start": "trap"}, {"guard": True}], ids=["trap", "guard"])
def test_a_trap_below_and_a_guard_keep_it_out(proof: Prove, changes: dict[str, bool]) -> None:
    found = verdicts(proof, plan_with(**{"start": "none", "encap": True, **changes}))  # type: ignore[arg-type]

    assert "up" not in found["authenticity"].failing_states
    assert not [line for line in found["authenticity"].assumptions if "MOBIKE" in line]


@BOTH
def test_where_the_ends_are_fixed_it_is_assumed_that_they_stay_if_that_matters(proof: Prove) -> None:
    def assumed(plan: Plan) -> bool:
        return any("MOBIKE" in line for line in verdicts(proof, plan)["authenticity"].assumptions)

    assert assumed(plan_with("none", encap=False))
    assert not assumed(plan_with("none", encap=True))
    assert not assumed(plan_with("trap", encap=False))
    assert not assumed(plan_with("none", encap=False, guard=True))
    assert not any(
        "MOBIKE" in line for line in verdicts(proof, plan_with("none", encap=False))["no-bypass"].assumptions
    )


@pytest.mark.parametrize("start", ["none", "trap"])
def test_the_outbound_policy_blocks_and_a_traps_alone_asks_what_comes_in(start: Action) -> None:
    plan = complete(plan_with(start, encap=True))
    up, moving = (kernel_in(plan, Situation(row)) for row in (UP, MOVED))

    (out,) = outbound(moving, OURS)
    assert out is not None
    assert not out.state
    assert inbound(up, FORGED) != (None,)
    (asked,) = inbound(moving, FORGED)
    assert (asked is None) is (start == "none")
    assert asked is None or (asked.kind, asked.outbound) == ("trap", False)


def test_what_is_to_be_forwarded_is_not_asked_either() -> None:
    child = Child(
        name="lan", mode="tunnel", esp_proposals=("aes128-sha256",),
        local_ts=(Selector(LAN),), remote_ts=(Selector(FAR_LAN),),
    )  # fmt: skip
    plan = complete(plan_with("none", encap=True, child=child))
    packet = Packet(source=Address(4, FAR_LAN.first + 5), destination=Address(4, LAN.first + 5), protocol=17)

    assert forwarding(kernel_in(plan, Situation(UP)), packet) != (None,)
    assert forwarding(kernel_in(plan, Situation(MOVED)), packet) == (None,)
