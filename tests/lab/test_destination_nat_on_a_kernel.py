"""What the model says of destination NAT beside a translated address, asked of a real kernel: one guest, three namespaces.

The router between a host and a stranger has rules of its own for each question; nft counts what the stranger sees. No
IKE is needed: the policies and the one state are written by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sapper.lab.guest import Guest

pytestmark = pytest.mark.lab
Ask = Callable[[str], dict[str, int]]

SENDER = """
import socket, struct, sys
def summed(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
kind, source, there = sys.argv[1:]
number = 47 if kind == "gre" else 1
out = socket.socket(socket.AF_INET, socket.SOCK_RAW, number)
out.bind((source, 0))
inner = struct.pack("!BBHHHBBH4s4s", 69, 0, 20, 1, 0, 9, 59, 0, bytes(4), bytes(4))
echo = struct.pack("!BBHHH", 8, 0, 0, 7, 1) + bytes(8)
echo = echo[:2] + struct.pack("!H", summed(echo)) + echo[4:]
for _ in range(3):
    out.sendto(struct.pack("!HH", 0, 0x0800) + inner if kind == "gre" else echo, (there, 0))
"""
WIRES = """
set -e
for name in host router stranger; do ip netns add $name; ip -n $name link set lo up; done
ip link add eth2 netns router type veth peer name eth0 netns host
ip link add eth0 netns router type veth peer name eth0 netns stranger
ip -n host address add 10.1.0.77/24 dev eth0
ip -n router address add 10.1.0.1/24 dev eth2
for one in 10 11 12; do ip -n router address add 192.0.2.$one/24 dev eth0; done
ip -n stranger address add 192.0.2.1/24 dev eth0
for one in 10.2.0.9 10.3.0.9 203.0.113.20; do ip -n stranger address add $one/32 dev lo; done
for pair in "host eth0" "router eth2" "router eth0" "stranger eth0"; do
  set -- $pair; ip -n $1 link set $2 up
done
ip -n host route add default via 10.1.0.1
ip -n router route add default via 192.0.2.1
for file in conf/all/rp_filter conf/default/rp_filter conf/eth0/rp_filter conf/eth2/rp_filter; do
  ip netns exec router sh -c "echo 0 > /proc/sys/net/ipv4/$file"
done
ip netns exec router sh -c "echo 1 > /proc/sys/net/ipv4/ip_forward"
ip -n router link add tun0 type gre local 192.0.2.10 remote 203.0.113.20
ip -n router link set tun0 addrgenmode none
ip -n router link set tun0 up
ip netns exec router nft -f - <<'END'
table ip nat {
  chain prerouting {
    type nat hook prerouting priority -100
    iifname eth2 ip daddr 10.2.0.9 dnat to 10.3.0.9
    iifname eth0 ip daddr 192.0.2.11 dnat to 192.0.2.10
    iifname eth0 ip daddr 192.0.2.12 dnat to 10.1.0.77
  }
}
END
ip netns exec router sh -c "echo 1 > /proc/sys/net/netfilter/nf_conntrack_gre_timeout"
ip netns exec stranger nft -f - <<'END'
table ip seen {
  counter sent_on { }
  counter answers { }
  counter sealed { }
  chain prerouting {
    type filter hook prerouting priority -300
    ip daddr 10.3.0.9 counter name sent_on
    ip saddr 192.0.2.12 ip daddr 10.2.0.9 counter name answers
    ip protocol esp counter name sealed
  }
}
END
"""
COUNTED = """
sleep 0.3
for name in sent_on answers sealed; do
  ip netns exec stranger nft reset counter ip seen $name | sed -n "s/.*packets \\([0-9]*\\).*/$name \\1/p"
done
echo taken $(ip netns exec router cat /sys/class/net/tun0/statistics/rx_packets)
"""
FORGET = "ip netns exec router ip xfrm policy flush; ip netns exec router ip xfrm state flush\n"
SEND = "ip netns exec {node} python3 -S /tmp/sender.py {kind} {source} {there}\n"
ASKS = "tmpl src {far} dst 192.0.2.10 proto esp mode tunnel"


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    with Guest(agent_module="guest_shell", agent_paths=(str(Path(__file__).parent),)) as guest:

        def said(script: str) -> dict[str, int]:
            message = {"script": script + COUNTED, "timeout_s": 60}
            answer = guest.call(message, deadline_s=90)
            assert answer["status"] == 0, answer
            return {name: int(number) for name, number in map(str.split, answer["out"].splitlines())}

        answer = guest.call({"script": WIRES, "write": {"/tmp/sender.py": SENDER}, "timeout_s": 60}, deadline_s=90)
        assert answer["status"] == 0, answer
        yield said


def policy(direction: str, near: str, far: str, template: str) -> str:
    return f"ip -n router xfrm policy add dir {direction} src {near} dst {far} {template}\n"


def send(node: str, kind: str, source: str, there: str) -> str:
    return SEND.format(node=node, kind=kind, source=source, there=there)


FROM_THE_HOST = send("host", "echo", "10.1.0.77", "10.2.0.9")
FORWARDED = ASKS.format(far="192.0.2.1")


@pytest.mark.parametrize(
    ("protected", "sent_on"),
    [(None, 3), ("10.2.0.0/24", 0), ("10.3.0.0/24", 3)],
    ids=["none", "as-it-came", "as-it-goes"],
)
def test_the_policy_for_what_is_forwarded_sees_the_packet_as_it_came_in(
    ask: Ask, protected: str | None, sent_on: int
) -> None:
    held = policy("fwd", "10.1.0.0/24", protected, FORWARDED) if protected else ""
    assert ask(FORGET + held + FROM_THE_HOST)["sent_on"] == sent_on


def test_an_answer_leaves_in_clear_with_the_address_that_was_asked(ask: Ask) -> None:
    """The same host's packets to the same far end go into the policy when they are no answers."""
    key = "auth-trunc 'hmac(sha256)' 0x" + "11" * 32 + " 128 enc 'cbc(aes)' 0x" + "22" * 16
    state = f"ip -n router xfrm state add src 192.0.2.10 dst 192.0.2.1 proto esp spi 9 mode tunnel {key}\n"
    out = policy("out", "10.1.0.0/24", "10.2.0.0/24", "tmpl src 192.0.2.10 dst 192.0.2.1 proto esp mode tunnel")
    seen = ask(FORGET + state + out + send("stranger", "echo", "10.2.0.9", "192.0.2.12"))
    assert (seen["answers"], seen["sealed"]) == (3, 0)
    seen = ask(send("host", "echo", "10.1.0.77", "10.2.0.8"))
    assert (seen["answers"], seen["sealed"]) == (0, 3)


def test_who_is_translated_to_a_tunnel_s_end_passes_its_inbound_policy(ask: Ask) -> None:
    """While conntrack knows no packets of the tunnel's own: with them the translated connection clashes, and is dropped."""
    held = policy("in", "203.0.113.20", "192.0.2.10", ASKS.format(far="203.0.113.20"))
    before = ask(FORGET + held)["taken"]
    translated = ask(send("stranger", "gre", "203.0.113.20", "192.0.2.11"))["taken"]
    directly = ask("sleep 2\n" + send("stranger", "gre", "203.0.113.20", "192.0.2.10"))["taken"]
    assert (translated - before, directly - translated) == (3, 0)
