"""What a fault makes of the proof's question: a move that it enumerates, a changed Plan, or nothing for other routers."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from sapper.address import Address, Prefix
from sapper.cli.lab import prepare_files
from sapper.kernel.plan import Plan
from sapper.lab.faults.announced_route import AnnouncedRoute
from sapper.lab.faults.clock_jump import ClockJump
from sapper.lab.faults.daemon_killed import KilledNegotiating
from sapper.lab.faults.default_route import DefaultRouteGone, DefaultRouteReplaced
from sapper.lab.faults.fault import Fault
from sapper.lab.faults.link_down import LinkDeleted, LinkDown
from sapper.lab.faults.rebooted import Rebooted
from sapper.lab.faults.wan_cut import WanCut
from sapper.lab.rig import LabFailed, Rig
from sapper.proof.states.situation import Move

EXAMPLE = Path(__file__).parents[2] / "examples" / "canonical"


@pytest.fixture(scope="module")
def plans() -> dict[str, Plan]:
    setup = prepare_files([str(EXAMPLE / f"{end}.set") for end in ("east", "west")], None)
    return {side.name: side.plan for side in setup.sides}


def test_moves_of_the_network_are_the_proofs_own(plans: dict[str, Plan]) -> None:
    east = plans["east"]

    assert DefaultRouteGone(router="east").move(east) == Move("default-gone")
    assert LinkDown(router="east", link="eth0").move(east) == Move("wan-down", "eth0")
    assert LinkDown(router="east", link="eth0").bend(east) is east
    assert LinkDown(router="east", link="tun0").move(east) is None


def test_other_changes_go_into_the_plan(plans: dict[str, Plan]) -> None:
    east = plans["east"]
    lowered = LinkDown(router="east", link="tun0").bend(east).link("tun0")
    gone = LinkDeleted(router="east", link="tun0").bend(east)
    gateway = Address.parse("10.1.0.10")
    replaced = DefaultRouteReplaced(router="east", via=gateway, link="eth1").bend(east)
    announced = AnnouncedRoute(router="east", prefix=Prefix.parse("10.2.0.0/25")).bend(east)

    assert lowered is not None
    assert not lowered.up
    assert gone.link("tun0") is None
    assert all(route.link != "tun0" for route in gone.routes)
    assert [(route.via, route.link) for route in replaced.routes if route.prefix.length == 0] == [(gateway, "eth1")]
    assert [(route.link, route.metric) for route in announced.routes if route not in east.routes] == [("eth0", 210)]


@pytest.mark.parametrize(
    "fault",
    [
        DefaultRouteGone(router="east"),
        DefaultRouteReplaced(router="east", via=Address.parse("10.1.0.10"), link="eth1"),
        AnnouncedRoute(router="east", prefix=Prefix.parse("10.2.0.0/25")),
        LinkDown(router="east", link="eth0"),
        LinkDeleted(router="east", link="tun0"),
        Rebooted(router="east"),
        WanCut(router="east", how="carrier"),
    ],
    ids=lambda fault: fault.name,
)
def test_the_other_router_is_as_it_was(plans: dict[str, Plan], fault: Fault) -> None:
    west = plans["west"]

    assert fault.modelled(west)
    assert fault.move(west) is None
    assert fault.bend(west) is west


def test_a_router_without_power_or_carrier_is_not_the_proofs_to_say(plans: dict[str, Plan]) -> None:
    assert not Rebooted(router="east").modelled(plans["east"])
    assert not WanCut(router="east", how="carrier").modelled(plans["east"])
    assert WanCut(router="east").modelled(plans["east"])


@pytest.mark.parametrize("fault", [ClockJump(seconds=60), KilledNegotiating(router="east", moment="state")])
def test_what_would_touch_this_host_needs_a_guest(fault: Fault) -> None:
    class Host:
        provider = "host"

    class OnThisHost:
        guest = Host()

    with pytest.raises(LabFailed, match="use --provider vm"):
        fault.apply(cast(Rig, OnThisHost()))
