"""Plain policy-based connections: which children are listed, what fits, and the policy that clamps them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import GRE_IN_TRANSPORT, VTI, plan_of

from sapper.cli.mtu import run
from sapper.mtu.of_connections import connection_sizes
from sapper.mtu.of_plan import TunnelSizes
from sapper.rules.check import check_text

PEER = "set vpn ipsec site-to-site peer west"
POLICY = (
    "".join(f"{line}\n" for line in GRE_IN_TRANSPORT.splitlines() if " tun0 " not in line and "tunnel 1" not in line)
    .replace("mode 'transport'", "mode 'tunnel'")
    + f"{PEER} tunnel 1 local prefix '10.1.0.0/24'\n{PEER} tunnel 1 remote prefix '10.2.0.0/24'\n"
)  # fmt: skip
SECOND = f"{PEER} tunnel 2 local prefix '10.1.0.0/24'\n{PEER} tunnel 2 remote prefix '10.3.0.0/16'\n"
# RFC 4303 and the transforms' RFCs: block, IV, ICV.
TRANSFORMS = {
    "encryption 'aes256gcm128'": (4, 8, 16),
    "encryption 'aes128ccm64'": (4, 8, 8),
    "encryption 'aes256'|hash 'sha1'": (16, 16, 12),
    "encryption 'aes128'|hash 'sha512'": (16, 16, 32),
    "encryption '3des'|hash 'md5'": (8, 8, 12),
}


def sizes_of(text: str, generation: str | None = "1.4") -> list[TunnelSizes]:
    return connection_sizes(plan_of(text), generation)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(sorted(TRANSFORMS)), st.integers(600, 9000), st.booleans())
def test_what_fits_is_what_esp_leaves(transform: str, mtu: int, forced: bool) -> None:
    lines = "\n".join(f"set vpn ipsec esp-group E proposal 1 {words}" for words in transform.split("|"))
    text = POLICY.replace("set vpn ipsec esp-group E proposal 1 encryption 'aes256gcm128'", lines)
    text += f"set interfaces ethernet eth0 mtu {mtu}\n" + f"{PEER} force-udp-encapsulation\n" * forced
    (found,) = sizes_of(text)
    block, vector, check = TRANSFORMS[transform]
    room = mtu - 20 - 8 * forced - 8 - vector - check
    assert found.inner_mtu == room // block * block - 2
    assert (found.name, found.underlay, found.link_mtu, found.configured_mtu) == (
        "west tunnel 1",
        "eth0",
        mtu,
        None,
    )
    assert found.mss == (found.inner_mtu - 40, None)


def test_the_stack_and_the_policy_are_whole() -> None:
    (found,) = sizes_of(POLICY)
    assert found.stack == "ipv4/esp:aes256gcm128-sha1/ipv4"
    assert (found.inner_mtu, found.least, found.excess) == (1446, 1438, 0)
    assert found.commands == (
        "set policy route MSS-CLAMP rule 10 destination address '10.2.0.0/24'",
        "set policy route MSS-CLAMP rule 10 protocol 'tcp'",
        "set policy route MSS-CLAMP rule 10 tcp flags syn",
        "set policy route MSS-CLAMP rule 10 set tcp-mss '1406'",
        "set policy route MSS-CLAMP interface 'eth1'",
    )
    assert "adjust-mss on eth0 would clamp all that leaves by it, not only this connection" in found.notes


@pytest.mark.parametrize("text", [POLICY, POLICY + SECOND], ids=["one", "two"])
@pytest.mark.parametrize("generation", ["1.3", "1.4"])
def test_typing_the_commands_in_leaves_none_to_type(text: str, generation: str) -> None:
    commands = [command for found in sizes_of(text, generation) for command in found.commands]
    assert len({command for command in commands if "destination" in command}) == text.count("remote prefix")
    clamped = text + "".join(f"{command}\n" for command in commands)
    assert [found.commands for found in sizes_of(clamped)] == [()] * text.count("remote prefix")


def test_vyos_takes_the_commands() -> None:
    (found,) = sizes_of(POLICY)
    clamped = POLICY + "".join(f"{command}\n" for command in found.commands)
    before, after = (
        {(each.code, each.path) for each in check_text(text, "f").findings if each.severity == "error"}
        for text in (POLICY, clamped)
    )
    assert after <= before


def test_a_clamp_that_is_too_loose_or_for_others_is_not_enough() -> None:
    (found,) = sizes_of(POLICY)
    clamped = POLICY + "".join(f"{command}\n" for command in found.commands)
    for old, new in (
        ("'1406'", "'1407'"),
        ("address '10.2.0.0/24'", "address '10.2.0.0/25'"),
        ("'eth1'", "'eth0'"),
    ):
        assert sizes_of(clamped.replace(old, new, 1) if old != "'eth1'" else clamped.replace(old, new))[0].commands
    adjusted = POLICY + "set interfaces ethernet eth0 ip adjust-mss 1400\n"
    assert sizes_of(adjusted)[0].commands == ()


def test_older_generations_attach_the_policy_to_the_interface_unless_it_has_one() -> None:
    vlan = POLICY.replace("ethernet eth1 address", "ethernet eth1 vif 20 address")
    assert sizes_of(vlan, "1.3")[0].commands[-1] == "set interfaces ethernet eth1 vif 20 policy route MSS-CLAMP"
    assert "set policy route MSS-CLAMP rule 10 tcp flags SYN" in sizes_of(vlan, "1.3")[0].commands
    other = POLICY + "set policy route OWN rule 5 set table 10\nset policy route OWN interface eth1\n"
    found = sizes_of(other, "1.3")[0]
    assert not any("interfaces" in command for command in found.commands)
    assert "eth1 takes one policy: its rules for MSS-CLAMP belong into the one that it has" in found.notes


@pytest.mark.parametrize(
    "text",
    [GRE_IN_TRANSPORT, VTI, GRE_IN_TRANSPORT.replace("mode 'transport'", "mode 'tunnel'").replace(
        "tunnel 1 protocol 'gre'", f"tunnel 1 local prefix '192.0.2.10/32'\n{PEER} tunnel 1 remote prefix '203.0.113.20/32'"
    )],
    ids=["transport", "vti", "tunnel mode around gre"],
)  # fmt: skip
def test_what_a_device_uses_is_not_listed_again(text: str) -> None:
    assert sizes_of(text) == []


def test_a_passthrough_is_no_connection() -> None:
    overlapping = POLICY.replace("remote prefix '10.2.0.0/24'", "remote prefix '10.0.0.0/8'")
    assert [found.name for found in sizes_of(overlapping)] == ["west tunnel 1"]


def test_ipv6_inside_and_other_protocols() -> None:
    inside = POLICY.replace("10.1.0.0/24", "2001:db8:1::/64").replace("10.2.0.0/24", "2001:db8:2::/64")
    (found,) = sizes_of(inside.replace("10.1.0.1/24", "2001:db8:1::1/64"))
    assert (found.stack, found.mss) == ("ipv4/esp:aes256gcm128-sha1/ipv6", (None, 1386))
    assert found.commands[-1] == "set policy route6 MSS-CLAMP6 interface 'eth1'"
    (udp,) = sizes_of(POLICY + f"{PEER} tunnel 1 protocol 'udp'\n")
    assert (udp.inner_mtu, udp.mss, udp.commands) == (1446, (None, None), ())


def test_local_networks_behind_no_interface() -> None:
    (found,) = sizes_of(POLICY.replace("local prefix '10.1.0.0/24'", "local prefix '10.9.0.0/24'"))
    assert "MSS-CLAMP belongs on the interfaces that the local networks are behind" in found.notes


def test_the_command_lists_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "east.set"
    path.write_text(POLICY)
    assert run([str(path), "--format", "json"]) == 0
    (tunnel,) = json.loads(capsys.readouterr().out)["tunnels"]
    assert (tunnel["name"], tunnel["configured_mtu"], tunnel["inner_mtu"]) == ("west tunnel 1", None, 1446)


def test_a_transport_connection_without_a_device_is_its_ends_own() -> None:
    """RFC 4303 3.1.1: the header stays; UDP, TCP or anything else behind it is encrypted."""
    plain = "".join(f"{line}\n" for line in GRE_IN_TRANSPORT.splitlines() if " tun0 " not in line)
    (found,) = sizes_of(plain.replace("tunnel 1 protocol 'gre'", "tunnel 1 protocol 'all'"))
    assert found.stack == "ipv4/esp:aes256gcm128-sha1"
    # 1500 - 20 - 8 - 8 - 16 = 1448, of which 2 are the trailer; the header comes on top again.
    assert (found.name, found.inner_mtu, found.least, found.mss) == ("west tunnel 1", 1466, 1458, (1426, None))
    assert found.commands == ()
    assert any("no clamp" in note for note in found.notes)


def test_a_transport_connection_of_a_device_is_the_device_s() -> None:
    assert sizes_of(GRE_IN_TRANSPORT) == []
