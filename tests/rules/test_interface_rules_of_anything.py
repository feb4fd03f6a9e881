"""The interface rules on any tree: they answer, in one line, with few steps, and as a brute force does."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from functools import partial
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interface_text import found, lines, severities, tunnel
from subject_from_text import subject_of

from sapper.rules.curve25519 import public_key
from sapper.rules.register import RULES
from sapper.rules.rule import RuleModule

MINE = [module for module in RULES if "CFG326" <= module.RULE.code <= "CFG355"]
WORD_LIST = """
interfaces tunnel tun0 tun1 ethernet eth0 eth1 vif vif-s vif-c 10 bridge br0 member interface bonding bond0
vxlan vxlan0 vxlan1 vni 1 vlan-to-vni 5-9 parameters external vni-filter ip ipv6 key tos 20 ttl 0
no-pmtu-discovery ignore-df erspan version 2 index direction encapsulation gre gretap sit erspan ip6ip6
source-address 192.0.2.10 0.0.0.0 2001:db8::1 remote source-interface pppoe0 mtu 1279 9001 address dhcp
autoconf eui64 10.0.0.1/24 2001:db8::1/64 vrf name BLUE table 150 protocols static mirror ingress egress
redirect qos wireguard wg0 peer west public-key private-key allowed-ips 10.0.0.0/8 port 51820 disable l2tpv3
l2tpeth0 tunnel-id geneve gnv0 6rd-prefix enable-vlan native-vlan allowed-vlan speed duplex 1000 auto local-ip
dhcp-interface high-availability group gpe 'x'
"""


def test_all_thirty_rules_are_here() -> None:
    assert [module.RULE.code for module in MINE] == [f"CFG{number}" for number in range(326, 356)]


@given(
    st.lists(st.lists(st.sampled_from(WORD_LIST.split()), min_size=1, max_size=7), min_size=1, max_size=12),
    st.integers(0, 2),
)
def test_any_words_give_one_line_in_the_text(commands: list[list[str]], old: int) -> None:
    prefixes = ("", "interfaces ", "interfaces tunnel tun0 ")
    text = "".join(f"set {prefixes[(index + old) % 3]}{' '.join(words)}\n" for index, words in enumerate(commands))
    subject = subject_of(text)
    for module in MINE:
        for finding in module.find(subject):
            assert finding.code == module.RULE.code
            assert "\n" not in finding.message
            assert "VyOS" in finding.message
            assert 0 <= finding.span.start <= finding.span.end <= len(text)


@pytest.mark.parametrize("module", MINE, ids=lambda module: module.RULE.code)
def test_a_fix_makes_its_finding_go_away(module: RuleModule) -> None:
    text = module.RULE.bad
    for finding in module.find(subject_of(text)):
        for fix in finding.fixes:
            repaired = text + "".join(f"{command}\n" for command in fix.commands)
            if not any(command.startswith("delete") for command in fix.commands):
                assert finding not in list(module.find(subject_of(repaired)))


def many(count: int) -> str:
    """A text of that many tunnels between the same ends, and as many of all that the rules compare."""
    rows = []
    for n in range(count):
        rows += [
            lines(
                f"interfaces tunnel tun{n}",
                "encapsulation gre",
                f"parameters ip key {n}",
                "source-address 192.0.2.10",
                "remote 203.0.113.20",
                "source-interface eth0",
                f"address 10.{n >> 8}.{n & 255}.1/30",
                f"vrf V{n}",
                "mtu 1200",
            ),
            f"set interfaces ethernet eth0 vif {n} address 172.16.{n & 255}.1/24\n",
            f"set interfaces bridge br0 member interface eth{n}\n",
            lines(f"interfaces vxlan vxlan{n}", f"vni {n}", "source-interface eth0", "remote 203.0.113.20"),
            lines("interfaces vxlan vxlan0", f"vlan-to-vni {n} vni {n}"),
            lines("interfaces wireguard wg0", f"peer p{n} public-key k{n}", f"peer p{n} allowed-ips 10.0.{n}.0/24"),
            lines(
                f"interfaces l2tpv3 l2tpeth{n}", f"tunnel-id {n}", "source-address 192.0.2.10", f"source-port {n}"
            ),
            f"set vrf name R{n} table {n}\n",
        ]
    return "".join(rows)


def calls(work: Callable[[], object]) -> int:
    """How many functions are called, C functions included: a measure of work without a clock."""
    counted = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted


COMPARING = [module for module in RULES if module.RULE.code in ("CFG312", "CFG319", "CFG320")]


@pytest.mark.parametrize("module", [*MINE, *COMPARING], ids=lambda module: module.RULE.code)
def test_the_work_is_linear_in_the_text(module: RuleModule) -> None:
    subjects = [subject_of(many(count)) for count in (20, 80)]
    list(module.find(subjects[0]))
    small, large = (calls(partial(list, module.find(subject))) for subject in subjects)
    assert large <= 5 * small + 500


SOURCES = (None, "10.0.0.1", "10.0.0.2")
TUNNELS = st.tuples(
    st.sampled_from(("gre", "gretap")),
    st.sampled_from(SOURCES),
    st.sampled_from((None, "10.1.0.1", "10.1.0.2")),
    st.sampled_from((None, "eth0", "eth1")),
    st.sampled_from((None, "1", "2")),
)
Written = tuple[str, str | None, str | None, str | None, str | None]


def refuses(this: Written, other: Written) -> bool:
    """The collision rule word for word, one pair at a time."""
    _, source, remote, interface, key = this
    _, other_source, other_remote, other_interface, other_key = other
    if key is not None:
        return other_source == source and other_key == key
    if remote != other_remote:
        return False
    if source is not None and source == other_source:
        return True
    return interface == other_interface and source == other_source


@given(st.lists(TUNNELS, min_size=1, max_size=6))
def test_collisions_are_those_of_all_pairs(tunnels: list[Written]) -> None:
    text = ""
    for number, (encapsulation, *values) in enumerate(tunnels):
        options = zip(("source-address", "remote", "source-interface", "parameters ip key"), values, strict=True)
        said = [f"{word} {value}" for word, value in options if value is not None]
        text += lines(f"interfaces tunnel tun{number}", f"encapsulation {encapsulation}", *said)
    wanted = {
        f"tun{late}"
        for late, early in product(range(len(tunnels)), repeat=2)
        if early < late and (refuses(tunnels[early], tunnels[late]) or refuses(tunnels[late], tunnels[early]))
    }
    assert {finding.path.split()[-1] for finding in found(text, "CFG319")} == wanted


@pytest.mark.parametrize(
    ("encapsulation", "has_keys"),
    [("ipip", False), ("sit", False), ("ip6ip6", False), ("ip6gre", True), ("erspan", True)],
)
def test_keys_tell_apart_only_what_has_keys(encapsulation: str, has_keys: bool) -> None:
    first, second = (tunnel(encapsulation, f"parameters ip key {n}", name=f"tun{n}") for n in (1, 2))
    assert severities(first + second, "CFG319") == ([] if has_keys else ["error"])
    assert severities(first + second.replace("key 2", "key 1"), "CFG319") == ["error"]


def test_two_kinds_that_are_one_for_the_kernel() -> None:
    ends = ("source-address 2001:db8::1", "remote 2001:db8::2")
    first, second = (
        lines(f"interfaces tunnel tun{number}", f"encapsulation {word}", *ends)
        for number, word in enumerate(("ipip6", "ip6ip6"))
    )
    assert severities(first + second, "CFG319") == ["error"]
    assert severities(first + second.replace("ip6ip6", "ip6gre"), "CFG319") == []


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 6), st.integers(0, 40)), max_size=6, unique_by=lambda e: e[:2]
    )
)
def test_a_vlan_or_network_is_told_twice_where_sets_meet(entries: list[tuple[int, int, int]]) -> None:
    text = "set interfaces bridge br0 member interface vxlan0\n"
    clash = False
    vlans: set[int] = set()
    networks: set[int] = set()
    for vlan, length, vni in entries:
        text += f"set interfaces vxlan vxlan0 vlan-to-vni {vlan}-{vlan + length} vni {vni}-{vni + length}\n"
        mapped, network = set(range(vlan, vlan + length + 1)), set(range(vni, vni + length + 1))
        clash = clash or bool(vlans & mapped) or bool(networks & network)
        vlans |= mapped
        networks |= network
    assert bool(found(text, "CFG351")) == clash


def ladder(private: bytes) -> bytes:
    """RFC 7748 section 5, the Montgomery ladder, as it is written there."""
    prime = 2**255 - 19
    scalar = int.from_bytes(private, "little") & ~7 & (2**255 - 1) | 2**254
    x2, z2, x3, z3, swap = 1, 0, 9, 1, 0
    for bit in reversed(range(255)):
        now = scalar >> bit & 1
        if swap != now:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = now
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a, b * b, d * a, c * b
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % prime, 9 * (da - cb) ** 2 % prime
        x2, z2 = aa * bb % prime, e * (aa + 121665 * e) % prime
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, -1, prime) % prime).to_bytes(32, "little")


@given(st.binary(min_size=32, max_size=32))
def test_the_public_key_is_that_of_the_ladder(private: bytes) -> None:
    assert public_key(private) == ladder(private)


def test_the_public_key_of_the_rfc() -> None:
    private = bytes.fromhex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
    assert public_key(private).hex() == "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
    assert base64.b64encode(public_key(private)).decode() == "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08="
    with pytest.raises(ValueError, match="32 bytes"):
        public_key(private[1:])
