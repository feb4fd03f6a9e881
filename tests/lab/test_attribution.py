"""Whose packet it is: a simulated router, whose encryption is known to the test and not to the attribution."""

from __future__ import annotations

import random
import struct

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.address import Address
from sapper.lab.attribution import Account, account
from sapper.lab.injection import datagram, packet
from sapper.lab.result import CapturedFrame, Flow, Sending

EAST, WEST = Address.parse("192.0.2.10"), Address.parse("203.0.113.20")
HOST, FAR = Address.parse("10.1.0.10"), Address.parse("10.2.0.10")
ROUTERS = ("east", "west")
SPI = 0xC1234567


def ether(data: bytes) -> bytes:
    return bytes(12) + struct.pack("!H", 0x0800) + data


def flow(number: int, node: str = "eth1@east", router: str = "east") -> Flow:
    return Flow(
        token=f"sapper:{router}:tun0:{number}",
        router=router,
        tunnel="tun0",
        node=node,
        source=str(HOST),
        destination=str(FAR),
        protocol=17,
        count=5,
    )


def probe(token: str) -> bytes:
    return datagram(HOST, FAR, f"{token}|".encode().ljust(64, b"."), 47011)


def gre(token: str) -> bytes:
    return packet(EAST, WEST, 47, struct.pack("!HH", 0, 0x0800) + probe(token))


def esp(sequence: int, length: int = 120, spi: int = SPI) -> bytes:
    return packet(EAST, WEST, 50, struct.pack("!II", spi, sequence) + bytes(length))


class Wires:
    """Frames as the captures see them, a microsecond apart."""

    def __init__(self) -> None:
        self.frames: list[CapturedFrame] = []
        self.now = 0.0

    def see(self, node: str, interface: str, data: bytes, *, out: bool) -> None:
        self.now += 1e-6
        self.frames.append(
            CapturedFrame(time_s=self.now, router=node, interface=interface, outgoing=out, frame=ether(data))
        )

    def account(self, *flows: Flow, sent: tuple[Sending, ...] = ()) -> Account:
        shuffled = random.Random(7).sample(self.frames, len(self.frames))
        return account(shuffled, flows, sent, ROUTERS)


def owners(found: Account) -> dict[int, str | None]:
    """Sequence number to flow, of what left East."""
    return {
        seen.ticket.sequence: seen.flow
        for seen in found.packets
        if seen.ticket is not None and seen.frame.outgoing and seen.frame.router == "east"
    }


FATES = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["encrypted", "clear outer", "clear inner", "dropped"])),
    max_size=40,
)


@given(FATES, st.integers(0, 2**32))
def test_what_is_encrypted_is_given_to_its_flow_if_nothing_of_it_is_lost(
    fates: list[tuple[int, str]], seed: int
) -> None:
    """Several packets are inside at once; a router keeps their order."""
    flows = [flow(number) for number in range(3)]
    wires = Wires()
    inside: list[tuple[Flow, str]] = []
    true: dict[int, str | None] = {}
    chance = random.Random(seed)
    sequence = 0
    queue = [(flows[number], fate) for number, fate in fates if fate != "dropped"]
    while queue or inside:
        if queue and (not inside or chance.random() < 0.5):
            entering = queue.pop(0)
            wires.see("east", "eth1", probe(entering[0].token), out=False)
            inside.append(entering)
            continue
        leaving, fate = inside.pop(0)
        if fate == "encrypted":
            sequence += 1
            true[sequence] = leaving.token
            wires.see("east", "eth0", esp(sequence), out=True)
        else:
            data = gre(leaving.token) if fate == "clear outer" else probe(leaving.token)
            wires.see("east", "eth0", data, out=True)

    found = wires.account(*flows)

    assert owners(found) == true
    assert not found.dropped
    assert {seen.basis for seen in found.packets if seen.ticket} <= {"order"}
    assert {seen.basis for seen in found.packets if not seen.ticket} <= {"content"}


@given(st.lists(st.sampled_from(["clear outer", "clear inner", "dropped"]), max_size=30))
def test_what_went_in_and_not_out_was_dropped(fates: list[str]) -> None:
    wires = Wires()
    for fate in fates:
        wires.see("east", "eth1", probe(flow(0).token), out=False)
        if fate != "dropped":
            data = gre(flow(0).token) if fate == "clear outer" else probe(flow(0).token)
            wires.see("east", "eth0", data, out=True)

    found = wires.account(flow(0))

    assert len(found.dropped) == fates.count("dropped")
    assert {(entry.router, entry.flow) for entry in found.dropped} <= {("east", flow(0).token)}


def test_the_routers_own_packets_count_from_their_sending() -> None:
    own, forwarded = flow(0, node="east"), flow(1)
    wires = Wires()
    wires.now = 1.0
    for sequence in range(1, 6):
        wires.see("east", "eth0", esp(sequence), out=True)
    wires.see("east", "eth1", probe(forwarded.token), out=False)
    wires.see("east", "eth0", esp(6), out=True)

    found = wires.account(own, forwarded, sent=(Sending(own.token, 0.5), Sending(forwarded.token, 1.0)))

    assert owners(found) == {**dict.fromkeys(range(1, 6), own.token), 6: forwarded.token}


def test_own_packets_that_never_left_were_dropped() -> None:
    found = Wires().account(flow(0, node="east"), sent=(Sending(flow(0).token, 0.25),))

    assert [(entry.router, entry.time_s) for entry in found.dropped] == [("east", 0.25)] * 5


def test_an_esp_packet_is_the_same_on_every_wire() -> None:
    wires = Wires()
    wires.see("east", "eth1", probe(flow(0).token), out=False)
    for node, interface, out in (("east", "eth0", True), ("nat", "in", False), ("nat", "out", True)):
        wires.see(node, interface, esp(1), out=out)
    wires.see("west", "eth0", esp(1), out=False)

    found = wires.account(flow(0))

    assert [seen.flow for seen in found.packets if seen.ticket] == [flow(0).token] * 4


def test_esp_of_another_length_is_nobodys() -> None:
    """A routing protocol speaks in the same SA."""
    wires = Wires()
    for sequence in range(1, 5):
        wires.see("east", "eth1", probe(flow(0).token), out=False)
        wires.see("east", "eth0", esp(sequence, length=80 if sequence == 4 else 120), out=True)

    assert owners(wires.account(flow(0))) == {**dict.fromkeys((1, 2, 3), flow(0).token), 4: None}


def test_a_hub_sends_on_in_another_sa() -> None:
    spoke = flow(0)
    wires = Wires()
    wires.see("east", "eth1", probe(spoke.token), out=False)
    wires.see("east", "eth0", esp(1), out=True)
    wires.see("west", "eth0", esp(1), out=False)
    wires.see("west", "eth0", esp(1, spi=7), out=True)

    found = wires.account(spoke)

    assert {(seen.frame.router, seen.ticket and seen.ticket.spi, seen.flow) for seen in found.packets[1:]} == {
        ("east", SPI, spoke.token),
        ("west", SPI, spoke.token),
        ("west", 7, spoke.token),
    }


def test_what_a_router_received_in_esp_for_itself_is_not_its_own_sending() -> None:
    mine, theirs = flow(0, node="eth1@west", router="west"), flow(1)
    wires = Wires()
    wires.see("east", "eth1", probe(theirs.token), out=False)
    wires.see("east", "eth0", esp(1), out=True)
    wires.see("west", "eth0", esp(1), out=False)
    wires.now += 0.1
    wires.see("west", "eth1", probe(mine.token), out=False)
    wires.see("west", "eth0", esp(1, spi=7), out=True)

    found = wires.account(mine, theirs)

    assert found.packets[-1].flow == mine.token
    assert not found.dropped


def test_a_packet_that_is_shown_again_after_decryption_was_on_no_wire() -> None:
    wires = Wires()
    wires.see("east", "eth1", probe(flow(0).token), out=False)
    wires.see("east", "eth0", esp(1), out=True)
    wires.see("west", "eth0", esp(1), out=False)
    wires.see("west", "eth0", gre(flow(0).token), out=False)
    wires.see("west", "eth1", probe(flow(0).token), out=True)

    assert [seen.echo for seen in wires.account(flow(0)).packets] == [False, False, False, True, False]


@pytest.mark.parametrize("token", [flow(0).token, "sapper:forged:west:tun0"])
def test_what_somebody_sent_in_clear_is_no_echo(token: str) -> None:
    wires = Wires()
    wires.see("west", "eth0", esp(9), out=False)
    if "forged" not in token:
        wires.see("east", "eth0", gre(token), out=True)
    wires.see("west", "eth0", gre(token), out=False)

    assert not any(seen.echo for seen in wires.account(flow(0)).packets)


@given(
    st.lists(st.tuples(st.sampled_from(["east", "west", "x"]), st.booleans(), st.binary(max_size=80)), max_size=9)
)
def test_any_frames_have_an_account(seen: list[tuple[str, bool, bytes]]) -> None:
    wires = Wires()
    for node, out, data in seen:
        wires.see(node, "eth0", data, out=out)

    assert len(wires.account(flow(0)).packets) == len(seen)


def test_the_account_is_in_order_of_time() -> None:
    wires = Wires()
    for number in range(20):
        wires.see("east", "eth0", esp(number), out=True)

    times = [seen.frame.time_s for seen in wires.account().packets]

    assert times == sorted(times)
    assert len(msgspec.to_builtins(wires.account().dropped)) == 0
