"""An SA that moves, on a real kernel: for a moment nothing asks what comes in, and a forged plain packet is decapsulated.

A NAT box in front of East forgets its mapping while an attacker on the way sends West the tunnel's own GRE in clear, one
packet about every millisecond. East's next ESP packet tells West of the other port; charon takes its policies away to
write the states anew. The moment is short, so the box maps anew until a packet has come in, at most ``CHANGES`` times; a
guard that asks for IPsec is held to every one of its changes. The proof has to say both: authenticity fails in ``up``
(moved), and nothing else there.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from sapper.address import Prefix
from sapper.cli.lab import prepare_files
from sapper.kernel.complete import complete
from sapper.kernel.plan import Guard, Plan
from sapper.lab.guest import Guest
from sapper.lab.injection import datagram, packet
from sapper.lab.rig import Rig
from sapper.lab.run import Setup
from sapper.lab.swanctl import Timers
from sapper.live.guarding import guarding
from sapper.live.nftables import document
from sapper.proof.prove import prove

EXAMPLE = Path(__file__).parents[2] / "examples" / "nat"
CHANGES, GUARDED = 8, 3
GRE, PORT = 47, 4747
STEADY = 200
PAUSE_S, FOLLOWED_S = 0.3, 10.0
# To the wire in front of West, until its file of permission is gone.
ATTACKER = """
import base64, os, socket, sys, time
frame, link, go = base64.b64decode(sys.argv[1]), sys.argv[2], sys.argv[3]
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind((link, 0))
while os.path.exists(go):
    wire.send(frame)
    time.sleep(0.001)
"""
GO = "/tmp/attack-goes-on"
# Decapsulated is what tun0 gives on; the counter before it sees every forged packet that comes to West at all.
COUNTERS = f"""
table inet seen {{
  chain arrived {{ type filter hook prerouting priority -400; ip protocol gre meta ipsec missing counter; }}
  chain decapsulated {{ type filter hook prerouting priority -401; iifname "tun0" udp dport {PORT} counter; }}
}}
"""


def plan_of(setup: Setup, name: str) -> Plan:
    return setup.topology.plans[name]


def scoped(plan: Plan) -> Guard:
    """Plain packets of the tunnel's own ends, and of nothing else."""
    outer = next(link.encapsulating for link in plan.links if link.encapsulating is not None)
    assert outer.local is not None
    assert outer.remote is not None
    source, destination = Prefix.host(outer.remote), Prefix.host(outer.local)
    return Guard(name="forged", hook="input", family=4, protocol=GRE, source=source, destination=destination)


def setup_of() -> Setup:
    return prepare_files([str(EXAMPLE / f"{end}.set") for end in ("east", "west")], "east", "moved")


class Attack:
    """West under attack; ``change`` lets the NAT box map anew, and East say so."""

    def __init__(self, guest: Guest) -> None:
        self.setup = setup_of()
        self.rig = Rig(guest, self.setup.topology, self.setup.sides, Timers())
        self.changes = 0

    def run(self, node: str, *words: str) -> str:
        answer = self.rig.ask("run", node=node, words=words)
        assert answer["status"] == 0, answer["err"]
        return str(answer["out"])

    def begin(self) -> None:
        self.rig.build()
        self.rig.start()
        self.rig.load()
        self.rig.establish()
        self.run("west", "sh", "-c", f"printf '%s' '{COUNTERS}' | nft -f -")
        self.goes_on(True)

    def goes_on(self, on: bool) -> None:
        if not on:
            self.rig.ask("run", words=["rm", "-f", GO])
            return
        front = self.setup.topology.vantages["west"]
        line = f"touch {GO}; python3 -c \"$0\" '{self.frame()}' {front.link} {GO} </dev/null >/dev/null 2>&1 &"
        self.run(front.node, "sh", "-c", line, ATTACKER)

    def frame(self) -> str:
        west = plan_of(self.setup, "west")
        (tunnel,) = [link for link in west.links if link.encapsulating is not None]
        outer, inside = tunnel.encapsulating, tunnel.addresses[0].address
        assert outer is not None
        assert outer.local is not None
        assert outer.remote is not None
        inner = datagram(type(inside)(4, inside.value + 3), inside, b"forged", PORT)
        hardware = json.loads(self.run("west", "ip", "-json", "link", "show", "eth0"))[0]["address"]
        ethernet = bytes.fromhex(hardware.replace(":", "")) + bytes.fromhex("020000000001") + b"\x08\x00"
        whole = packet(outer.remote, outer.local, GRE, b"\x00\x00\x08\x00" + inner)
        return base64.b64encode(ethernet + whole).decode()

    def seen(self) -> tuple[int, int]:
        """How many forged packets have come to West, and how many of them tun0 has given on."""
        rules = json.loads(self.run("west", "nft", "-j", "list", "table", "inet", "seen"))["nftables"]
        found = {
            item["rule"]["chain"]: item["rule"]["expr"][-1]["counter"]["packets"]
            for item in rules
            if "rule" in item
        }
        return found["arrived"], found["decapsulated"]

    def change(self) -> int:
        """The box maps to other ports, East sends until West has followed; how many forged packets came in meanwhile."""
        before = self.seen()[1]
        self.changes += 1
        first = 20_000 + 1_000 * self.changes
        nat = self.setup.topology.nats[0]
        link = next(a_link for a, a_link, b, _ in self.outer_wires() if a == nat)
        self.rig.ask("rebind", node=nat, link=link, ports=[first, first + 999])
        end = time.monotonic() + FOLLOWED_S
        port = re.compile(rf"dport {first // 1000}\d{{3}}\b")
        while not port.search(self.run("west", "ip", "xfrm", "state")):
            assert time.monotonic() < end, self.run("west", "ip", "xfrm", "state")
            self.run("east", "sh", "-c", "ping -c 2 -i 0.2 -W 1 10.0.0.2 >/dev/null; true")
        time.sleep(PAUSE_S)
        return self.seen()[1] - before

    def outer_wires(self) -> Iterator[tuple[str, str, str, str]]:
        nets = self.setup.topology.nets
        for a, a_link, b, b_link in self.setup.topology.wires:
            if b in nets:
                yield a, a_link, b, b_link
            if a in nets:
                yield b, b_link, a, a_link

    def end(self) -> None:
        self.goes_on(False)
        self.rig.take_down()


@pytest.fixture(scope="module")
def attack() -> Iterator[Attack]:
    with Guest(progress=print) as guest:
        found = Attack(guest)
        found.begin()
        yield found
        found.end()


@pytest.mark.lab
def test_a_forged_packet_comes_in_while_the_sa_moves_unless_a_guard_asks_for_ipsec(attack: Attack) -> None:
    end = time.monotonic() + FOLLOWED_S
    while attack.seen()[0] < STEADY:
        assert time.monotonic() < end, "the attacker sends nothing"
        time.sleep(PAUSE_S)
    taken = attack.seen()[1]
    assert taken == 0, "the inbound policy drops while the SA stays"

    came_in: list[int] = []
    while len(came_in) < CHANGES and not sum(came_in):
        came_in.append(attack.change())
    print(f"{attack.seen()[0]} forged packets; decapsulated at each change without a guard: {came_in}")

    guards = document(guarding([scoped(plan_of(attack.setup, "west"))]))
    attack.run("west", "sh", "-c", f"printf '%s' '{guards}' >/tmp/guard; nft -j -f /tmp/guard")
    kept_out = [attack.change() for _ in range(GUARDED)]
    print(f"with the guard: {kept_out}")

    assert sum(came_in) > 0, f"none came in at {CHANGES} changes"
    assert kept_out == [0] * GUARDED


def test_the_proof_says_so() -> None:
    west = complete(plan_of(setup_of(), "west"))
    (open_,) = prove(west)
    (guarded,) = prove(msgspec.structs.replace(west, guards=(scoped(west),)))

    assert "up" in open_.verdicts["authenticity"].failing_states
    assert "up" not in open_.verdicts["confidentiality"].failing_states
    assert "up" not in open_.verdicts["no-bypass"].failing_states
    assert open_.verdicts["liveness"].verdict == "proved"
    assert guarded.verdicts["authenticity"].verdict == "proved"
