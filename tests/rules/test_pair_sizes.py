"""The two ends of a tunnel in two texts: which are a pair, and what is said where their sizes differ."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapper.cli.check import run
from sapper.config.tree import Source, Span
from sapper.rules.check import check_end, check_text, compared
from sapper.rules.curve25519 import public_key
from sapper.rules.example import PEER, TUNNEL, instead, without
from sapper.rules.far_example import FAR_PEER, FAR_TUNNEL
from sapper.rules.pair_sizes import End, pairs
from sapper.rules.register import PAIR_RULES
from sapper.rules.report import FindingReport
from sapper.rules.rule import RuleModule

CODES = {module.RULE.code for module in PAIR_RULES}
EXAMPLES = Path(__file__).parents[2] / "examples"
EAST, WEST = TUNNEL + PEER, FAR_TUNNEL + FAR_PEER
LARGER, SMALLER = "set interfaces tunnel tun0 mtu 1442\n", "set interfaces tunnel tun0 mtu 1400\n"
VTI = instead(PEER, "mode transport", "mode tunnel").replace("tunnel 1 protocol gre", "vti bind vti0")
FAR_VTI = instead(FAR_PEER, "mode transport", "mode tunnel").replace("tunnel 1 protocol gre", "vti bind vti0")
VTI_ADDRESS = "set interfaces vti vti0 address 10.0.0.1/30\n"
L2TP = (
    "set interfaces ethernet eth0 address 192.0.2.10/24\n"
    "set interfaces l2tpv3 l2tpeth0 source-address 192.0.2.10\n"
    "set interfaces l2tpv3 l2tpeth0 remote 203.0.113.20\n"
    "set interfaces l2tpv3 l2tpeth0 tunnel-id 1\nset interfaces l2tpv3 l2tpeth0 peer-tunnel-id 2\n"
    "set interfaces l2tpv3 l2tpeth0 session-id 3\nset interfaces l2tpv3 l2tpeth0 peer-session-id 4\n"
)


def between(*texts: str) -> list[list[FindingReport]]:
    """What the rules about two ends say of each text."""
    reports = compared([check_end(text, f"{number}.set") for number, text in enumerate(texts)])
    return [[finding for finding in report.findings if finding.code in CODES] for report in reports]


def codes(*texts: str) -> list[list[str]]:
    return [[finding.code for finding in found] for found in between(*texts)]


def swapped(text: str, *pair: str) -> str:
    first, second = pair
    return text.replace(first, "\0").replace(second, first).replace("\0", second)


@pytest.mark.parametrize("module", PAIR_RULES, ids=lambda module: module.RULE.code)
def test_the_examples_of_a_rule_are_checked_with_their_far_end(module: RuleModule) -> None:
    rule = module.RULE
    assert rule.far is not None
    (bad, _), (good, _) = between(rule.bad, rule.far), between(rule.good, rule.far)
    assert rule.severity in {finding.severity for finding in bad if finding.code == rule.code}
    assert not good
    assert rule.code not in {finding.code for finding in check_text(rule.bad, "bad.set").findings}


def test_both_ends_are_told_both_values_and_the_other_file() -> None:
    (east,), (west,) = between(EAST + LARGER, WEST + SMALLER)
    assert (east.code, west.code) == ("MTU211", "MTU211")
    assert "tun0 has mtu 1442, and its far end tun0 of 1.set has 1400" in east.message
    assert "tun0 has mtu 1400, and its far end tun0 of 0.set has 1442" in west.message
    assert (east.line, east.path) == ((EAST + LARGER).count("\n"), "interfaces tunnel tun0 mtu")
    assert east.fixes[0].commands == west.fixes[0].peer_commands == ("set interfaces tunnel tun0 mtu 1400",)
    assert east.fixes[0].peer_commands == west.fixes[0].commands == ()


def test_a_default_is_named_as_one() -> None:
    (east,), _ = between(EAST, WEST + SMALLER)
    assert "has mtu 1476 by default" in east.message


MTUS = st.sampled_from([1300, 1342, 1400, 1434, 1442, 1476])
UNDERLAYS = st.sampled_from([1400, 1492, 1500])


@settings(max_examples=40, deadline=None)
@given(st.tuples(MTUS, UNDERLAYS, st.booleans()), st.tuples(MTUS, UNDERLAYS, st.booleans()))
def test_the_commands_for_both_ends_leave_nothing_to_say(
    east: tuple[int, int, bool], west: tuple[int, int, bool]
) -> None:
    texts = []
    for text, (mtu, underlay, other) in ((EAST, east), (WEST, west)):
        text = instead(text, "aes256gcm128", "aes256") if other else text
        texts.append(f"{text}set interfaces ethernet eth0 mtu {underlay}\nset interfaces tunnel tun0 mtu {mtu}\n")
    found = between(*texts)
    assert ("MTU211" in {each.code for side in found for each in side}) == (east[0] != west[0])
    for number, side in enumerate(found):
        for finding in side:
            (fix,) = finding.fixes
            own, other_end = (
                texts[number] + "\n".join(fix.commands),
                texts[1 - number] + "\n".join(fix.peer_commands),
            )
            assert between(own + "\n", other_end + "\n") == [[], []]


SEPARATE = {
    "other ends": (EAST, instead(WEST, "remote 192.0.2.10", "remote 192.0.2.11")),
    "NAT": (instead(EAST, "192.0.2.10", "192.168.7.10"), WEST),
    "DHCP": (
        instead(without(EAST, "source-address"), "eth0 address 192.0.2.10/24", "eth0 address dhcp"),
        WEST,
    ),
    "keys": (EAST + "set interfaces tunnel tun0 parameters ip key 7\n", WEST),
    "kinds": (EAST, instead(WEST, "encapsulation gre", "encapsulation ipip")),
}


@pytest.mark.parametrize("name", SEPARATE)
def test_what_cannot_be_matched_is_left_alone(name: str) -> None:
    east, west = SEPARATE[name]
    assert codes(east + LARGER, west + SMALLER) == [[], []]


def test_a_copy_of_an_end_leaves_both_alone_and_a_text_that_cannot_be_read_is_in_nobody_s_way() -> None:
    assert codes(EAST + LARGER, WEST + SMALLER, WEST + SMALLER) == [[], [], []]
    assert codes(EAST + LARGER, EAST + LARGER, WEST + SMALLER) == [[], [], []]
    assert codes("no configuration", EAST + LARGER, WEST + SMALLER) == [[], ["MTU211"], ["MTU211"]]


def test_a_vti_has_the_ends_of_its_connection() -> None:
    east, west = VTI + VTI_ADDRESS, FAR_VTI + VTI_ADDRESS.replace("0.1/", "0.2/")
    mtu = "set interfaces vti vti0 mtu "
    assert codes(f"{east}{mtu}1400\n", f"{west}{mtu}1400\n") == [[], []]
    assert codes(f"{east}{mtu}1446\n", f"{west}{mtu}1400\n") == [["MTU211"], ["MTU211"]]


def test_l2tpv3_is_matched_by_its_sessions() -> None:
    mtu = "set interfaces l2tpv3 l2tpeth0 mtu "
    plain = swapped(L2TP, "192.0.2.10", "203.0.113.20")
    crossed = swapped(swapped(plain, "tunnel-id 1", "tunnel-id 2"), "session-id 3", "session-id 4")
    assert codes(f"{L2TP}{mtu}1400\n", f"{crossed}{mtu}1300\n") == [["MTU211"], ["MTU211"]]
    assert codes(f"{L2TP}{mtu}1400\n", f"{plain}{mtu}1300\n") == [[], []]


GENEVE = (
    "set interfaces ethernet eth0 address 192.0.2.10/24\nset interfaces geneve gnv0 vni 7\n"
    "set protocols static route 0.0.0.0/0 next-hop 192.0.2.1\nset interfaces geneve gnv0 remote 203.0.113.20\n"
)


def far_geneve(text: str) -> str:
    return swapped(text, "192.0.2.10", "203.0.113.20").replace("192.0.2.1\n", "203.0.113.1\n")


def test_geneve_is_matched_by_the_addresses_that_its_packets_have() -> None:
    mtu = "set interfaces geneve gnv0 mtu "
    east, west = f"{GENEVE}{mtu}1400\n", f"{far_geneve(GENEVE)}{mtu}1300\n"
    assert codes(east, west) == [["MTU211"], ["MTU211"]]
    assert codes(east, west.replace("vni 7", "vni 8")) == [[], []]
    assert codes(east + "set interfaces ethernet eth0 address 192.0.2.11/24\n", west) == [[], []]


def test_an_end_that_names_its_interface_has_its_address() -> None:
    bound = instead(EAST, "source-address 192.0.2.10", "source-interface eth0")
    assert codes(bound + LARGER, WEST + SMALLER) == [["MTU211"], ["MTU211"]]
    assert codes(bound + LARGER + "set interfaces ethernet eth0 address 192.0.2.12/24\n", WEST + SMALLER) == [
        [],
        [],
    ]


def wireguard(own: int, *others: int, mtu: int) -> str:
    keys = {number: bytes(range(number, number + 32)) for number in (own, *others)}
    lines = [f"set interfaces wireguard wg0 private-key {b64encode(keys[own]).decode()}"]
    lines += [f"set interfaces wireguard wg0 mtu {mtu}", f"set interfaces wireguard wg0 address 10.0.0.{own}/24"]
    for other in others:
        peer = f"set interfaces wireguard wg0 peer p{other}"
        lines += [
            f"{peer} public-key {b64encode(public_key(keys[other])).decode()}",
            f"{peer} allowed-ips 10.0.0.{other}/32",
        ]
    return "".join(f"{line}\n" for line in lines)


def test_wireguard_is_matched_by_its_keys_and_with_each_peer() -> None:
    assert codes(wireguard(1, 2, mtu=1400), wireguard(2, 1, mtu=1300)) == [["MTU211"], ["MTU211"]]
    assert codes(wireguard(1, 2, mtu=1400), wireguard(2, 3, mtu=1300)) == [[], []]
    hub, spokes = wireguard(1, 2, 3, mtu=1400), (wireguard(2, 1, mtu=1300), wireguard(3, 1, mtu=1400))
    assert codes(hub, *spokes) == [["MTU211"], ["MTU211"], []]


def test_the_end_with_more_room_is_told_what_fits_the_other() -> None:
    (east,), west = between(EAST + LARGER, WEST + LARGER + "set interfaces ethernet eth0 mtu 1400\n")
    assert (east.code, east.severity, west) == ("MTU212", "info", [])
    assert "1442 fits tun0 here" in east.message
    assert "1342 its far end tun0 of 1.set" in east.message


@given(st.lists(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=4), max_size=4))
def test_pairs_are_the_same_from_both_sides_and_nobody_has_two(files: list[list[tuple[int, int]]]) -> None:
    marked = [
        [
            End(cast("Any", (number, at)), Source("", ""), Span(0, 0), False, marks, marks[::-1])
            for at, marks in each
        ]
        for number, each in ((number, list(enumerate(each))) for number, each in enumerate(files))
    ]
    every = [one for each in marked for one in each]
    wanted = {
        (one.tunnel, other.tunnel)
        for one in every
        for other in every
        if one.near == other.far
        and cast("Any", one.tunnel)[0] != cast("Any", other.tunnel)[0]
        and [each.near for each in every].count(one.near) == 1 == [each.near for each in every].count(other.near)
    }
    found = [(near.tunnel, far.tunnel) for _, near, far in pairs(marked)]
    assert set(found) == wanted == {(far, near) for near, far in found}
    assert len({near for near, _ in found}) == len(found)


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir()))
def test_the_examples_ends_agree(name: str) -> None:
    assert codes(*((EXAMPLES / name / f"{router}.set").read_text() for router in ("east", "west"))) == [[], []]


def test_the_command_compares_the_files_that_it_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [str(tmp_path / name) for name in ("east.set", "west.set")]
    for path, text in zip(paths, (EAST + LARGER, WEST + SMALLER), strict=True):
        Path(path).write_text(text)
    assert run([*paths, "--select", "MTU211", "--format", "json"]) == 1
    files = json.loads(capsys.readouterr().out)["files"]
    assert [[finding["code"] for finding in file["findings"]] for file in files] == [["MTU211"], ["MTU211"]]
    assert set(files[0]) == {"path", "syntax", "generation", "unmodelled", "tunnels", "findings", "waived"}
    run([*paths, "--ignore", "MTU21", "--format", "json"])
    assert "MTU21" not in capsys.readouterr().out
