"""What the interface rules say that the kernel refuses, takes or makes of it, asked of a real kernel."""

from __future__ import annotations

from pathlib import Path

import pytest

from sapper.lab.guest import Guest

pytestmark = pytest.mark.lab
SHELL = Path(__file__).parents[1] / "lab"

SETUP = """
ip link add d0 type dummy
ip link set d0 up
ip addr add 192.0.2.10/24 dev d0
ip addr add 2001:db8::10/64 dev d0 nodad
ip neigh add 192.0.2.1 lladdr 02:00:00:00:00:01 dev d0
ip route add default via 192.0.2.1
ip link add small type dummy
ip link set small mtu 1200 up
ip link add vti0 type xfrm if_id 1
ip link set vti0 mtu 1200 up
ip link add link d0 name d0.10 type vlan id 10
ip link add br0 type bridge
ip link add br1 type bridge
"""
V4 = "local 192.0.2.10 remote 203.0.113"
V6 = "local 2001:db8::10 remote 2001:db8::"
L2TP = "ip l2tp add tunnel tunnel_id"

TAKES: dict[str, list[tuple[str, bool]]] = {
    "CFG319": [
        (f"ip link add a0 type gre {V4}.1 key 5", True),
        (f"ip link add a1 type gre {V4}.2 key 5", True),
        (f"ip link add a2 type gre {V4}.1 key 5", False),
        (f"ip link add a3 type ipip {V4}.1", True),
        (f"ip link add a4 type ipip {V4}.1", False),
        (f"ip link add a5 type ip6tnl mode ipip6 {V6}1", True),
        (f"ip link add a6 type ip6tnl mode ip6ip6 {V6}1", False),
        (f"ip link add a7 type ip6tnl mode ip6ip6 {V6}1 dev d0", True),
    ],
    "CFG320": [
        ("ip link set a0 master br0", False),
        ("ip link set vti0 master br0", False),
        ("ip link set lo master br0", False),
    ],
    "CFG326": [
        ("ip addr add 2001:db8:6::1/64 dev small", False),
        ("ip addr add 2001:db8:7::1/64 dev vti0", False),
        ("ip addr add 2001:db8:8::1/64 dev d0", True),
    ],
    "CFG327": [("ip link set d0.10 mtu 1500", True), ("ip link set d0.10 mtu 1501", False)],
    "CFG329": [("ip link set small master br0", True), ("ip link set small master br1", True)],
    "CFG335": [
        (f"ip link add b0 type sit {V4}.3 dev d0", True),
        (f"ip link add b1 type gretap {V4}.3 dev d0", True),
    ],
    "CFG336": [
        (f"ip link add c0 type erspan {V4}.4 seq erspan_ver 1", False),
        (f"ip link add c1 type erspan {V4}.4 seq key 1 erspan_ver 2", True),
        (f"ip link add c2 type erspan {V4}.5 seq key 1 erspan_ver 2 erspan_dir egress erspan 7", True),
    ],
    "CFG337": [("ip link add e0 type gre local 0.0.0.0 remote 203.0.113.9", True)],
    "CFG339": [
        (f"ip link add f0 type gretap {V4}.6 ttl 64 ignore-df", False),
        (f"ip link add f1 type gretap {V4}.6 nopmtudisc ignore-df", True),
    ],
    "CFG343": [
        (f"{L2TP} 90 peer_tunnel_id 90 encap ip local 192.0.2.99 remote 203.0.113.1", False),
        ("ip link add e1 type gre local 192.0.2.99 remote 203.0.113.1", True),
        ("ip link add e2 type gre local 192.0.2.10 remote 192.0.2.10", True),
    ],
    "CFG349": [("ip link add g0 type vxlan id 9 remote 203.0.113.1 dstport 4789 vnifilter", False)],
    "CFG353": [
        ("ip link add h0 type vxlan id 1 remote 203.0.113.1 dstport 4789", True),
        ("ip link add h1 type vxlan id 1 remote 203.0.113.2 dstport 4789", False),
        ("ip link add h2 type vxlan id 1 remote 203.0.113.2 dstport 4790", True),
        ("ip link add h3 type vxlan id 1 remote 2001:db8::99 dstport 4789", True),
        ("ip link add h4 type geneve id 1 remote 203.0.113.1", True),
        ("ip link add h5 type geneve id 1 remote 203.0.113.1", False),
        ("ip link add h6 type geneve id 1 remote 203.0.113.2", True),
        (f"{L2TP} 1 peer_tunnel_id 1 encap udp {V4}.1 udp_sport 5000 udp_dport 5000", True),
        (f"{L2TP} 1 peer_tunnel_id 2 encap udp {V4}.2 udp_sport 5001 udp_dport 5000", False),
        (f"{L2TP} 2 peer_tunnel_id 2 encap udp {V4}.2 udp_sport 5000 udp_dport 5000", False),
        (f"{L2TP} 3 peer_tunnel_id 3 encap ip {V4}.3", True),
        (f"{L2TP} 4 peer_tunnel_id 4 encap ip {V4}.4", True),
    ],
    "CFG355": [
        (f"{L2TP} 5 peer_tunnel_id 5 encap udp {V4}.5 udp_sport 7 udp_dport 7", True),
        (f"{L2TP} 6 peer_tunnel_id 6 encap udp local 192.0.2.10 remote 2001:db8::1 udp_sport 8 udp_dport 8", False),
    ],
}

TOS = """
ip link add t0 type gre local 192.0.2.10 remote 203.0.113.30 ttl 64 tos 20
ip link add t1 type vxlan id 30 remote 203.0.113.30 dstport 4789 tos 20
ip link add t2 type geneve id 30 remote 203.0.113.30 tos 20
ip link add t3 type ip6gretap local 2001:db8::10 remote 2001:db8::30 tos 20
for name in t0 t1 t2 t3; do ip -d link show $name | grep -o 'tos 0x20\\|tclass 0x20'; done
"""

INNER = """
ip link add i0 type ipip local 192.0.2.10 remote 203.0.113.31 ttl 64 mode ipip
ip link add i1 type sit local 192.0.2.10 remote 203.0.113.31 ttl 64 mode ip6ip
ip link set i0 up; ip link set i1 up
ip addr add 2001:db8:40::1/64 dev i0 nodad; ip addr add 10.40.0.1/24 dev i1
cat > /tmp/inner.py <<'END'
import socket
wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
wire.bind(("d0", 3))
wire.settimeout(1)
def protocols():
    seen = []
    try:
        while True:
            packet = wire.recv(2000)
            if packet[0] >> 4 == 4 and packet[16:20] == bytes((203, 0, 113, 31)):
                seen.append(packet[9])
    except TimeoutError:
        return seen
for family, target in ((socket.AF_INET6, "2001:db8:40::2"), (socket.AF_INET, "10.40.0.2")):
    socket.socket(family, socket.SOCK_DGRAM).sendto(b"x", (target, 9))
    print(target, protocols())
END
python3 -S /tmp/inner.py
"""


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    """The output of each part: ``takes`` has one line for each command, ``0`` where the kernel took it."""
    commands = [command for rows in TAKES.values() for command, _ in rows]
    takes = SETUP + "".join(f"{command} >/dev/null 2>&1; echo $?\n" for command in commands)
    with Guest(agent_module="guest_shell", agent_paths=(str(SHELL),)) as guest:
        return {
            name: guest.call({"script": script, "timeout_s": 60}, deadline_s=90)["out"]
            for name, script in (("takes", takes), ("tos", TOS), ("inner", INNER))
        }


@pytest.mark.parametrize("code", TAKES)
def test_what_the_kernel_takes_and_refuses(said: dict[str, str], code: str) -> None:
    every = [command for rows in TAKES.values() for command, _ in rows]
    took = dict(zip(every, said["takes"].split(), strict=True))
    assert [(command, took[command] == "0") for command, _ in TAKES[code]] == TAKES[code]


def test_a_tos_is_hexadecimal_for_the_tool(said: dict[str, str]) -> None:
    assert said["tos"].splitlines() == ["tos 0x20", "tos 0x20", "tos 0x20", "tclass 0x20"]


def test_ipip_drops_ipv6_and_sit_sends_ipv4_as_protocol_4(said: dict[str, str]) -> None:
    assert said["inner"].splitlines() == ["2001:db8:40::2 []", "10.40.0.2 [4]"]
