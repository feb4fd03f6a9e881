"""The clamps of a Plan on a real kernel: which SYNs get which MSS on the wire, and what a bridge does with long frames.

Each configuration is compiled and installed as for any file. A SYN comes in by the LAN and leaves in GRE, or comes in
GRE and leaves by the LAN; what is on the wire must be what the clamps of the Plan predict, for both families. So the
rules that tell which clamp does for a tunnel, and what a bridge drops, are held against the kernel, too.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from guest_clamps import MAC
from syn_frames import ETH_P_IP, frame_of, gre_packet, ipv4_packet, syn_in, syn_packet

from sapper.config.read import read
from sapper.config.upgrade import upgrade
from sapper.kernel.compile import compile_router
from sapper.kernel.plan import MssClamp, Plan
from sapper.kernel.wire import encode_plan
from sapper.lab.guest import Guest
from sapper.model.build import build

pytestmark = pytest.mark.lab

ROUTER = """
interfaces ethernet eth0 address 192.0.2.1/24
interfaces ethernet eth1 address 10.1.0.1/24
interfaces ethernet eth1 address 2001:db8:1::1/64
interfaces tunnel tun0 encapsulation gre
interfaces tunnel tun0 source-address 192.0.2.1
interfaces tunnel tun0 remote 192.0.2.2
interfaces tunnel tun0 mtu 1442
protocols static route 10.2.0.0/24 interface tun0
protocols static route6 2001:db8:2::/64 interface tun0
"""
HOST = "02:00:00:00:00:99"
"""Whose frames no stack in the namespace takes for its own."""
NEIGHBOURS = (
    f"ip neigh replace 192.0.2.2 lladdr {HOST} dev eth0",
    f"ip neigh replace 10.1.0.9 lladdr {HOST} dev eth1",
    f"ip -6 neigh replace 2001:db8:1::9 lladdr {HOST} dev eth1",
)
ENDS = {4: ("10.1.0.9", "10.2.0.9"), 6: ("2001:db8:1::9", "2001:db8:2::9")}
OFFERED = (1460, 1000)


def policy(word: str, link: str, size: str) -> str:
    rule = f"policy {word} CLAMP rule 10"
    return "\n".join(
        (
            f"{rule} protocol tcp",
            f"{rule} tcp flags syn",
            f"{rule} set tcp-mss {size}",
            f"policy {word} CLAMP interface {link}",
        )
    )


CASES = {
    "none": "",
    "on the tunnel": "interfaces tunnel tun0 ip adjust-mss 1402\ninterfaces tunnel tun0 ipv6 adjust-mss 1382",
    "one family": "interfaces tunnel tun0 ip adjust-mss 1402",
    "by the route": "interfaces tunnel tun0 ip adjust-mss clamp-mss-to-pmtu\n"
    "interfaces tunnel tun0 ipv6 adjust-mss clamp-mss-to-pmtu",
    "on the underlay": "interfaces ethernet eth0 ip adjust-mss 1300\ninterfaces ethernet eth0 ipv6 adjust-mss 1280",
    "on the inside": "interfaces ethernet eth1 ip adjust-mss 1402\ninterfaces ethernet eth1 ipv6 adjust-mss 1382",
    "policy on the inside": policy("route", "eth1", "1400") + "\n" + policy("route6", "eth1", "1380"),
    "policy on the tunnel": policy("route", "tun0", "1400") + "\n" + policy("route6", "tun0", "1380"),
    "policy on the underlay": policy("route", "eth0", "1300") + "\n" + policy("route6", "eth0", "1280"),
    "both": "interfaces tunnel tun0 ip adjust-mss 1350\n" + policy("route", "eth1", "1400"),
}


def plan_of(lines: str) -> Plan:
    text = "".join(f"set {line}\n" for line in lines.strip().splitlines())
    upgraded = upgrade(read(text, "east.set"))
    return compile_router(build(upgraded.root, upgraded.generation, "east").router)


def predicted(plan: Plan, family: int, entering: str, leaving: str, offered: int) -> int:
    """What the clamps of the Plan make of an MSS; none raises one."""
    for clamp in plan.mss_clamps:
        meets = leaving == clamp.out_link if clamp.out_link else entering in clamp.in_links
        if clamp.family == family and meets:
            mtu = min(link.mtu_bytes or 1500 for link in plan.links if link.name in (entering, leaving))
            offered = min(offered, clamp.bytes or mtu - (40 if family == 4 else 60))
    return offered


@pytest.fixture(scope="module")
def guest() -> Iterator[Guest]:
    with Guest(
        agent_module="guest_clamps", agent_paths=(str(Path(__file__).parent),), boot_deadline_s=90
    ) as booted:
        yield booted


def sent_frames() -> list[tuple[str, str]]:
    """For each family and MSS: a SYN out through the tunnel, and one in."""
    frames = []
    for near, far in ENDS.values():
        for offered in OFFERED:
            outward = syn_packet(near, far, offered)
            inward = gre_packet("192.0.2.2", "192.0.2.1", syn_packet(far, near, offered))
            frames += [
                ("far1", frame_of(outward, MAC["eth1"], MAC["far1"])),
                ("far0", frame_of(inward, MAC["eth0"], MAC["far0"])),
            ]
    return frames


@pytest.fixture(scope="module")
def observed(guest: Guest) -> Any:
    @cache
    def observe(name: str) -> list[list[tuple[str, bytes]]]:
        answer = guest.call(
            {
                "made": encode_plan(plan_of(ROUTER + CASES[name])),
                "commands": NEIGHBOURS,
                "sent": sent_frames(),
            },
            deadline_s=90,
        )
        assert "refused" not in answer, answer
        return [[(end, bytes.fromhex(frame)) for end, frame in each] for each in answer["received"]]

    return observe


@pytest.mark.parametrize("name", CASES)
def test_syns_have_the_predicted_mss_on_the_wire(observed: Any, name: str) -> None:
    plan = plan_of(ROUTER + CASES[name])
    answers = iter(observed(name))
    for family in ENDS:
        for offered in OFFERED:
            for entering, leaving, end in (("eth1", "tun0", "far0"), ("tun0", "eth1", "far1")):
                syns = [syn for at, frame in next(answers) if at == end and (syn := syn_in(frame)) is not None]
                wanted = predicted(plan, family, entering, leaving, offered)
                assert [(syn.family, syn.mss, syn.is_whole) for syn in syns] == [(family, wanted, True)], (
                    entering,
                    offered,
                )


def test_a_policy_cannot_take_the_mtu_of_a_route(guest: Guest) -> None:
    plan = plan_of(ROUTER + policy("route", "eth1", "pmtu"))
    clamp = MssClamp(family=4, bytes=None, in_links=("eth1",), lower_only=False)
    wanted = msgspec.structs.replace(plan, mss_clamps=(clamp,))
    answers = [
        guest.call({"made": encode_plan(made), "commands": [], "sent": []}, deadline_s=60)
        for made in (wanted, plan)
    ]
    assert ["refused" in answer for answer in answers] == [True, False]


BRIDGE = """
interfaces ethernet eth0 address 192.0.2.1/24
interfaces tunnel tun0 encapsulation gretap
interfaces tunnel tun0 source-address 192.0.2.1
interfaces tunnel tun0 remote 192.0.2.2
interfaces bridge br0 member interface tun0
interfaces bridge br0 member interface eth1
interfaces ethernet eth1 description LAN
"""
CUT = """
interfaces tunnel tun0 mtu 1500
interfaces tunnel tun0 parameters ip ttl 0
interfaces tunnel tun0 parameters ip no-pmtu-discovery
interfaces tunnel tun0 parameters ip ignore-df
"""
LENGTHS = (1400, 1462, 1463, 1476, 1477, 1500)


@pytest.mark.parametrize(
    ("more", "passing", "whole"),
    [
        ("", 1462, 1462),
        ("interfaces tunnel tun0 mtu 1500", 1462, 1462),
        (CUT.replace("ignore-df", "ttl 0"), 1462, 1462),
        (CUT, 1500, 1462),
        (CUT.replace("mtu 1500", "mtu 1476"), 1476, 1462),
    ],
    ids=["default", "mtu only", "DF of the inner packet", "cut", "cut, default mtu"],
)
def test_what_gets_through_a_bridged_tunnel(guest: Guest, more: str, passing: int, whole: int) -> None:
    packets = [ipv4_packet("10.1.0.8", "10.1.0.9", 17, b"\0" * (length - 20)) for length in LENGTHS]
    answer = guest.call(
        {
            "before": ["sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1"],
            "made": encode_plan(plan_of(BRIDGE + more)),
            "commands": NEIGHBOURS[:1],
            "sent": [("far1", frame_of(packet, HOST, MAC["far1"])) for packet in packets],
        },
        deadline_s=90,
    )
    assert "refused" not in answer, answer
    pieces = [
        sum(1 for end, frame in each if end == "far0" and is_outer(bytes.fromhex(frame)))
        for each in answer["received"]
    ]
    assert pieces == [0 if length > passing else 1 if length <= whole else 2 for length in LENGTHS]


def is_outer(frame: bytes) -> bool:
    """A fragment, or gretap around the test's own packet: not what a bridge says of itself."""
    if struct.unpack(">H", frame[12:14])[0] != ETH_P_IP or frame[26:30] != bytes((192, 0, 2, 1)):
        return False
    fragment = struct.unpack(">H", frame[20:22])[0] & 0x3FFF
    return bool(fragment) or frame[14 + 20 + 4 + 14 :][12:16] == bytes((10, 1, 0, 8))
