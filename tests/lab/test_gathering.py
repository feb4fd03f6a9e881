"""Who is whose peer among several routers, and who is behind NAT."""

from __future__ import annotations

import pytest
from pair_sample import EVERY_PAIR, end_of, ends_of, text_of
from topology_sample import HUB, NAMES, TOPOLOGIES, hub_setup, mesh, topology_setup

from sapper.kernel.compile import compile_router
from sapper.kernel.complete import complete
from sapper.lab.pairing import End, UnusablePair, gather
from sapper.lab.run import prepare_all
from sapper.proof.properties.protected import entries_of


@pytest.mark.parametrize("spokes", [1, 4, 20])
def test_a_hubs_spokes_are_its_peers_and_nobody_elses(spokes: int) -> None:
    setup = hub_setup(spokes)
    names = [f"spoke{number:02}" for number in range(1, spokes + 1)]

    assert [side.name for side in setup.sides] == ["hub", *names]
    assert setup.sides[0].peers == {name.upper(): name for name in names}
    assert all(side.peers == {"HUB": "hub"} for side in setup.sides[1:])
    assert {side.name: len(side.connections) for side in setup.sides} == {"hub": spokes, **dict.fromkeys(names, 1)}


def test_in_a_mesh_everybody_has_everybody() -> None:
    found = gather(mesh("north", "east", "south"))

    assert {side.name: side.peers for side in found.sides} == {
        "north": {"EAST": "east", "SOUTH": "south"},
        "east": {"NORTH": "north", "SOUTH": "south"},
        "south": {"NORTH": "north", "EAST": "east"},
    }


def test_spokes_without_their_hub() -> None:
    ends = [end_of((HUB / f"spoke0{number}.set").read_text(), f"spoke0{number}.set") for number in (1, 2, 3)]

    with pytest.raises(
        UnusablePair, match=r"^spoke01\.set:\d+:\d+: no peer of spoke01 is one of the other routers"
    ):
        gather(ends)


def test_a_router_that_calls_one_that_does_not_know_it() -> None:
    hub = (HUB / "hub.set").read_text()
    without = "\n".join(line for line in hub.splitlines() if "SPOKE03" not in line)
    ends = [end_of(without, "hub.set")]
    ends += [end_of((HUB / f"spoke0{number}.set").read_text(), f"spoke0{number}.set") for number in (1, 3)]

    with pytest.raises(UnusablePair) as caught:
        gather(ends)

    assert str(caught.value) == "spoke03.set:16:33: peer HUB leads to hub, and no peer of hub leads back"


@pytest.mark.parametrize("name", EVERY_PAIR)
def test_nat_is_found_where_it_must_be(name: str) -> None:
    found = gather(ends_of(name))

    assert found.sketch.hidden() == ({"east"} if EVERY_PAIR[name][1] else frozenset())


def test_both_behind_nat() -> None:
    assert gather(ends_of_topology("double-nat")).sketch.hidden() == {"east", "west"}


def test_private_addresses_alone_are_no_nat() -> None:
    """In a laboratory everybody's addresses are private, and everybody is reachable."""
    east, west = (
        text_of("canonical", name).replace("192.0.2.", "10.77.1.").replace("203.0.113.", "10.77.2.")
        for name in ("east", "west")
    )

    assert not gather((end_of(east), end_of(west, "west.set"))).sketch.nats


def test_several_callers_of_a_router_that_names_no_address() -> None:
    """Identities tell which connection is whose; the order of the files does not."""
    hub, spokes = "", {}
    for number in (1, 2):
        east = (
            text_of("nat", "east")
            .replace("'east'", f"'spoke{number}'")
            .replace("192.168.99.", f"192.168.{number}.")
        )
        west = text_of("nat", "west").replace("'east'", f"'spoke{number}'").replace("EAST", f"SPOKE{number}")
        spokes[number] = end_of(east, f"spoke{number}.set")
        hub += west
    ends = (spokes[2], end_of(hub, "hub.set"), spokes[1])

    found = gather(ends)

    assert {side.name: side.peers for side in found.sides}["hub"] == {"SPOKE1": "spoke1", "SPOKE2": "spoke2"}
    assert found.sketch.hidden() == {"spoke1", "spoke2"}


def test_keys_are_compared_between_the_two_that_share_them() -> None:
    ends = list(mesh("north", "east", "south"))
    changed = ends[2].source.text.replace("key-2-3", "another")
    ends[2] = end_of(changed, "south.set")

    with pytest.raises(UnusablePair, match=r"^south\.set:\d+:\d+: the pre-shared key is not the one in east\.set$"):
        gather(ends)


def test_a_hubs_tunnel_from_its_one_address_is_its_own_peers_business() -> None:
    """GRE from one address to two spokes: the other spoke's connection can never meet this tunnel's packets."""
    hub = text_of("canonical", "east")
    second = [line for line in hub.splitlines() if " WEST " in line or " tun0 " in line]
    hub += (
        "\n".join(second).replace("WEST", "SOUTH").replace("tun0", "tun1").replace("203.0.113.20", "203.0.113.30")
    )
    hub = hub.replace("tun1 address '10.0.0.1/29'", "tun1 address '10.0.1.1/29'")
    plan = complete(compile_router(end_of(hub).router))

    found = {entry.name: [item.title for item in entry.connections] for entry in entries_of(plan)}

    assert found == {"tun0": ["WEST"], "tun1": ["SOUTH"]}


def ends_of_topology(name: str) -> list[End]:
    return [end_of(path.read_text(), path.name) for path in sorted((TOPOLOGIES / name).glob("*.set"))]


@pytest.mark.parametrize("name", NAMES)
def test_every_topology_of_the_project_can_be_prepared(name: str) -> None:
    setup = topology_setup(name)

    assert [side.name for side in setup.sides] == ["east", "west"]
    assert all(side.children for side in setup.sides)


def test_three_routers_in_a_row_are_prepared_together() -> None:
    setup = prepare_all("mesh", mesh("a", "b", "c"))

    assert {host.router for host in setup.topology.hosts} == {"a", "b", "c"}
