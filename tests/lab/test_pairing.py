"""What makes a pair, and what one line says where two routers make none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pair_sample import EVERY_PAIR, end_of, ends_of, text_of

from sapper.cli.failure import Unusable
from sapper.cli.lab import prepare_files
from sapper.lab.inside.room import ROOM
from sapper.lab.pairing import End, UnusablePair, pair
from sapper.lab.run import prepare
from sapper.lab.topology import NAT, NET

SECRET = "correct-horse-battery-tunnel"
PLACE = re.compile(r"(east|west)\.set:[1-9][0-9]*:[1-9][0-9]*: ")
PEER = "set vpn ipsec site-to-site peer WEST"


def refusal(first: End, second: End, nat: str | None = None) -> str:
    with pytest.raises(UnusablePair) as caught:
        prepare("pair", first, second, nat)
    message = str(caught.value)
    assert message.splitlines() == [message]
    assert SECRET not in message
    return message


def written_at(message: str, end: End) -> str:
    """The line of the text that a message points to, from its column on."""
    _, line, column, _ = message.split(":", 3)
    return end.source.text.splitlines()[int(line) - 1][int(column) - 1 :]


def changed(pair_name: str, *changes: tuple[str, str]) -> tuple[End, End]:
    return end_of(text_of(pair_name, "east", *changes)), ends_of(pair_name)[1]


@pytest.mark.parametrize("name", EVERY_PAIR)
def test_every_pair_of_the_project_is_one(name: str) -> None:
    path, nat = EVERY_PAIR[name]
    setup = prepare_files([str(path / "east.set"), str(path / "west.set")], nat)

    assert [side.name for side in setup.sides] == ["east", "west"]
    assert all(side.children for side in setup.sides)
    assert setup.topology.behind_nat == nat


def test_the_order_of_the_routers_is_kept() -> None:
    east, west = ends_of("canonical")

    found = pair(west, east, None)

    assert (found.first.name, found.second.name) == ("west", "east")
    assert [item.title for item in found.first.connections] == ["EAST"]


def test_only_connections_to_the_other_router_are_driven() -> None:
    third = text_of("canonical", "east") + "".join(
        line.replace("peer WEST", "peer NORTH").replace("203.0.113.20", "203.0.113.99") + "\n"
        for line in text_of("canonical", "east").splitlines()
        if "site-to-site" in line
    )
    # The third one has a certificate, which matters only to whoever drives it.
    third += "set vpn ipsec site-to-site peer NORTH authentication mode 'x509'\n"

    found = pair(end_of(third), ends_of("canonical")[1], None)

    assert [item.title for item in found.first.plan.connections] == ["WEST", "NORTH"]
    assert [item.title for item in found.first.connections] == ["WEST"]


def test_no_peer_at_all() -> None:
    text = "\n".join(line for line in text_of("canonical", "east").splitlines() if "site-to-site" not in line)

    message = refusal(end_of(text), ends_of("canonical")[1])

    assert message == "east.set:1:1: there is no site-to-site peer, so there is nothing to run"


def test_every_peer_disabled() -> None:
    first = end_of(text_of("canonical", "east") + f"{PEER} disable\n")

    message = refusal(first, ends_of("canonical")[1])

    assert PLACE.match(message)
    assert message.endswith("every site-to-site peer is disabled")
    assert written_at(message, first).startswith("WEST")


@pytest.mark.parametrize("swapped", [False, True])
def test_the_peers_address_is_nowhere(swapped: bool) -> None:
    first, second = changed("canonical", ("remote-address '203.0.113.20'", "remote-address '203.0.113.99'"))

    message = refusal(*((second, first) if swapped else (first, second)))

    assert PLACE.match(message)
    assert "no peer of east is west: it names 203.0.113.99" in message
    assert message.endswith("no interface of west.set has that address")
    assert written_at(message, first).startswith("WEST")


def test_the_first_enabled_peer_is_the_one_that_is_pointed_at() -> None:
    disabled = f"{PEER.replace('WEST', 'ALSO')} disable\n{PEER.replace('WEST', 'ALSO')} remote-address 192.0.2.77\n"
    text = text_of("canonical", "east", ("remote-address '203.0.113.20'", "remote-address '203.0.113.99'"))
    first = end_of(disabled + text)

    message = refusal(first, ends_of("canonical")[1])

    assert written_at(message, first).startswith("WEST")
    assert "192.0.2.77" not in message


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ([(f"{PEER} tunnel 1 protocol 'gre'\n", "")], "peer WEST has neither a tunnel nor a vti"),
        ([("tunnel 1 protocol 'gre'", "tunnel 1 disable")], "peer WEST has no tunnel that is enabled"),
        ([("mode 'pre-shared-secret'", "mode 'x509'")], "pre-shared keys only, not with x509"),
        ([("mode 'pre-shared-secret'", "mode 'rsa'")], "pre-shared keys only, not with rsa"),
    ],
)
def test_a_peer_that_cannot_be_driven(changes: list[tuple[str, str]], missing: str) -> None:
    first, second = changed("canonical", *changes)

    message = refusal(first, second)

    assert PLACE.match(message)
    assert message.endswith(missing)
    assert written_at(message, first).startswith("WEST")


def test_a_peer_bound_to_a_vti_that_is_nowhere() -> None:
    first, second = changed("vti", ("vti bind 'vti0'", "vti bind 'vti7'"))

    message = refusal(first, second)

    assert PLACE.match(message)
    assert message.endswith("peer WEST is bound to vti7, which is not configured")


SAME_ENDS = {
    "gre": (["encapsulation 'gre'"], "one of them needs a key"),
    "gre-key": (["encapsulation 'gre'", "parameters ip key 7"], "one of them needs a different key"),
    "ipip": (["encapsulation 'ipip'"], "one of them needs another address"),
}


@pytest.mark.parametrize("kind", SAME_ENDS)
def test_two_tunnels_that_the_kernel_cannot_tell_apart(kind: str) -> None:
    words, missing = SAME_ENDS[kind]
    words = [*words, "source-address '192.0.2.10'", "remote '203.0.113.20'"]
    first, second = changed("canonical", ("set interfaces tunnel tun0 encapsulation 'gre'\n", ""))
    text = first.source.text + "".join(
        f"set interfaces tunnel {name} {word}\n" for name in ("tun0", "tun1") for word in words
    )
    first = end_of(text)

    message = refusal(first, second)

    assert PLACE.match(message)
    assert message.endswith(f"tun1 has the same ends as tun0; {missing}")
    assert written_at(message, first).startswith("tun1")


def test_ipip6_and_ip6ip6_are_one_kind_of_device() -> None:
    """The kernel's ip6tnl finds a tunnel by its ends, whatever it carries (ip6_tnl_locate)."""
    text = text_of("ip6ip6-dummy", "east")
    again = [line for line in text.splitlines() if " tun0 " in line and "address '" in line and "/" not in line]
    again += [line for line in text.splitlines() if " tun0 remote" in line]
    text += "\n".join(line.replace("tun0", "tun1") for line in again)
    text += "\nset interfaces tunnel tun1 encapsulation 'ipip6'\n"

    message = refusal(end_of(text), ends_of("ip6ip6-dummy")[1])

    assert message.endswith("tun1 has the same ends as tun0; one of them needs another address")


@pytest.mark.parametrize("keys", [("1", "2"), (None, "2")])
def test_a_key_tells_them_apart(keys: tuple[str | None, str]) -> None:
    first, second = changed("canonical")
    extra = "set interfaces tunnel tun1 encapsulation 'gre'\n"
    extra += "set interfaces tunnel tun1 source-address '192.0.2.10'\n"
    extra += "set interfaces tunnel tun1 remote '203.0.113.20'\n"
    for name, key in zip(("tun0", "tun1"), keys, strict=True):
        extra += f"set interfaces tunnel {name} parameters ip key '{key}'\n" if key else ""

    assert prepare("pair", end_of(first.source.text + extra), second)


def test_nat_wants_the_name_of_a_router() -> None:
    message = refusal(*ends_of("nat"), "north")

    assert message == "--nat north: no such router; the routers are east and west"


def test_a_router_behind_nat_cannot_be_called_by_its_inner_address() -> None:
    east = ends_of("nat")[0]
    west = end_of(
        text_of("nat", "west", ("remote-address 'any'", "remote-address '192.168.99.2'")), path="west.set"
    )

    message = refusal(east, west, "east")

    assert PLACE.match(message)
    assert message.endswith("it names 192.168.99.2, and east is behind a NAT box and cannot be reached there")


def test_a_router_behind_nat_may_be_called_by_the_boxes_address() -> None:
    west = end_of(
        text_of("nat", "west", ("remote-address 'any'", "remote-address '198.51.100.7'")), path="west.set"
    )

    setup = prepare("nat", ends_of("nat")[0], west, "east")

    outside = setup.topology.plans[NAT].link("out")
    assert outside is not None
    assert [str(item) for item in outside.addresses] == ["198.51.100.7/24"]


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ([("eth0 address '192.0.2.10/24'", "eth0 vif 7 address '192.0.2.10/24'")], "eth0.7 is a vlan"),
        ([("eth0 description 'WAN'", "eth0 disable")], "the interface towards the network, eth0, is disabled"),
    ],
)
def test_an_interface_that_no_wire_can_be_put_to(changes: list[tuple[str, str]], missing: str) -> None:
    message = refusal(*changed("canonical", *changes))

    assert PLACE.match(message)
    assert message.endswith(missing)


def test_files_of_the_same_name_are_told_apart() -> None:
    east = end_of(text_of("nat", "east"), "a/router.set")
    west = end_of(text_of("nat", "west"), "b/router.set")

    setup = prepare("pair", east, west, "router")

    assert [side.name for side in setup.sides] == ["router", "router-2"]
    assert setup.topology.behind_nat == "router"
    assert prepare("pair", west, east, "router-2").topology.behind_nat == "router-2"
    assert "no peer of router is router-2" in refusal(east, west, "router-2")


STRANGE_NAMES = [
    "net",
    "nat",
    "a b",
    "münchen",
    "東京",
    "x" * 100,
    "-rf",
    ".",
    "..",
    "$(reboot)",
    "eth1@east",
    "nat-2",
]


@given(
    st.sampled_from(STRANGE_NAMES) | st.text(min_size=1, max_size=120),
    st.sampled_from(STRANGE_NAMES) | st.text(min_size=1, max_size=120),
)
def test_whatever_a_file_is_called_its_router_gets_a_plain_name(first: str, second: str) -> None:
    east, west = (end_of(text, "router.set", name) for text, name in zip(BEHIND_NAT, (first, second), strict=True))

    setup = prepare("pair", east, west, first)

    names = [side.name for side in setup.sides]
    assert len({*names, NET, NAT}) == 4
    for name in names:
        assert re.fullmatch(r"[A-Za-z0-9+_][A-Za-z0-9+_.-]*", name), name
        # A Unix socket's path has 107 bytes (unix(7)), and charon's is in a directory of that name.
        assert len(f"{ROOM}/{name}/charon.vici") <= 107
    assert setup.topology.behind_nat == names[0]
    assert len(set(setup.topology.plans)) == 6


BEHIND_NAT = (text_of("nat", "east"), text_of("nat", "west"))


def test_a_plain_name_is_kept() -> None:
    assert [side.name for side in prepare("pair", *ends_of("canonical")).sides] == ["east", "west"]


def test_the_command_says_it_in_one_line(tmp_path: Path) -> None:
    first, second = tmp_path / "east.set", tmp_path / "west.set"
    first.write_text("set interfaces dummy dum0 address 10.9.0.1/32\n")
    second.write_text(text_of("canonical", "west"))

    with pytest.raises(Unusable) as caught:
        prepare_files([str(first), str(second)], None)

    assert str(caught.value).startswith(f"{first}:1:1: ")


def test_two_different_keys_are_named_at_the_second_peer_and_not_shown() -> None:
    east, west = (text_of("canonical", name) for name in ("east", "west"))
    other = west.replace("correct-horse-battery-tunnel", "another-key-altogether")

    with pytest.raises(UnusablePair, match=r"^west\.set:\d+:\d+: the pre-shared key is not the one in east\.set$"):
        pair(end_of(east, "east.set"), end_of(other, "west.set"), None)
