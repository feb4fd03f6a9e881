"""The exhibits of ``make findings`` without a kernel: each is there, ready, proved when mended, and judged by what is seen."""

from __future__ import annotations

import hashlib
import hmac
import struct

import pytest

from sapper.address import Address
from sapper.cli.findings import main
from sapper.lab.exhibits.caught import CAUGHT
from sapper.lab.exhibits.exhibit import Exhibit, NotShown, Shown
from sapper.lab.exhibits.guessed_key import guessed, payloads
from sapper.lab.exhibits.perform import Seen
from sapper.lab.exhibits.prepared import Case, prepared
from sapper.lab.exhibits.register import EXHIBITS, NOT_SHOWN
from sapper.lab.exhibits.table import Row, table
from sapper.lab.exhibits.witness import packet_on_the_wire
from sapper.lab.injection import packet
from sapper.lab.result import CapturedFrame, LabRun, TunnelRun, TunnelState
from sapper.proof.states.lifecycle import STATES
from sapper.proof.verdict import OnWire, Witness, WitnessPacket
from sapper.render.line import plain_text
from sapper.rules.check import check_end, compared
from sapper.rules.register import PEER_RULES, RULES

RULE_OF = {module.RULE.code: module.RULE for module in RULES}
EXHIBIT_OF = {exhibit.code: exhibit for exhibit in EXHIBITS}


@pytest.mark.parametrize("code", [code for _, code in CAUGHT])
def test_each_has_an_exhibit_or_a_reason(code: str) -> None:
    reasons = {item.code: item.reason for item in NOT_SHOWN}

    assert (code in EXHIBIT_OF) is not (code in reasons)
    assert RULE_OF[code].lab.endswith(".")


@pytest.mark.parametrize("exhibit", EXHIBITS, ids=lambda exhibit: exhibit.label)
def test_it_is_ready_and_its_states_exist(exhibit: Exhibit) -> None:
    case = prepared(exhibit, RULE_OF[exhibit.code])

    assert exhibit.states <= set(STATES)
    assert bool(exhibit.states) is not bool(exhibit.show)
    assert case.how
    names = {side.name for side in case.bad.sides}
    assert exhibit.router in names
    assert {side.name for side in case.mended.sides} == names


@pytest.mark.parametrize("exhibit", EXHIBITS, ids=lambda exhibit: exhibit.label)
def test_the_bad_example_gives_the_code(exhibit: Exhibit) -> None:
    rule = RULE_OF[exhibit.code]
    texts = [exhibit.bad or rule.bad, *([rule.far] if rule.far and exhibit.code.startswith("PAIR") else [])]
    report = compared([check_end(text, f"{number}.set") for number, text in enumerate(texts)])[0]

    assert exhibit.code in {finding.code for finding in report.findings}
    assert len(texts) == 1 or exhibit.code in {module.RULE.code for module in PEER_RULES}


def seen(
    bad: TunnelState | Shown, mended: TunnelState, shown: Shown | None = None, about: str = "confidentiality"
) -> Row:
    exhibit = Exhibit(code="LEAK101", about=about)
    setup = prepared(EXHIBITS[0], RULE_OF["LEAK101"]).bad
    case = Case(exhibit, setup, setup, "somehow", ())
    return Row(Seen(case, bad if isinstance(bad, Shown) else run(bad), run(mended), shown))


def run(*states: TunnelState, frames: tuple[CapturedFrame, ...] = ()) -> LabRun:
    tunnel = TunnelRun(router="east", tunnel="tun0", encapsulation="gre", protection="ipsec", states=states)
    labels = {states[0].state: frames} if states else {}
    return LabRun(title="t", provider="", kernel="", ike="", sapper="", tunnels=(tunnel,), frames=labels)


LEAKS = TunnelState(state="boot", sent=5, clear_outer=5, seen={"confidentiality": "refuted"})
QUIET = TunnelState(state="up", sent=5, delivered=5, esp=5, seen={"confidentiality": "proved"})
DEAD = TunnelState(state="up", sent=5, delivered=0, seen={"confidentiality": "proved"})
WRONG = TunnelState(state="up", sent=5, delivered=5, seen={"confidentiality": "proved"}, agrees=False)
OPENED = TunnelState(state="flushed", sent=5, clear_inner=5, seen={"no-bypass": "refuted"})
SHOWN, NOTHING = Shown(count=3, words="three got in"), Shown(count=0, words="none")


@pytest.mark.parametrize(
    ("row", "holds"),
    [
        (seen(LEAKS, QUIET), True),
        (seen(QUIET, QUIET), False),
        (seen(LEAKS, LEAKS), False),
        (seen(LEAKS, DEAD), False),
        (seen(LEAKS, WRONG), False),
        (seen(SHOWN, QUIET, NOTHING), True),
        (seen(NOTHING, QUIET, NOTHING), False),
        (seen(SHOWN, QUIET, SHOWN), False),
        (seen(SHOWN, QUIET, Shown(count=0, words="none", works=False)), False),
    ],
)
def test_a_row_holds_if_it_was_seen_and_is_quiet_and_works(row: Row, holds: bool) -> None:
    assert row.holds is holds
    assert ("not as they should be" in plain_text(table([row], ()))) is not holds


def test_a_flush_is_asked_about_only_where_the_finding_is_about_it() -> None:
    row = seen(LEAKS, QUIET)
    flushed = Row(row.seen._replace(mended=run(QUIET, OPENED)))
    assert flushed.still is None

    exhibit = Exhibit(code="LEAK105", about="no-bypass", states=frozenset({"flushed"}))
    about = Row(flushed.seen._replace(case=row.seen.case._replace(exhibit=exhibit)))
    assert about.still == "flushed: 5 clear inner packets"


def test_a_row_that_the_lab_failed_at_says_so() -> None:
    row = seen(LEAKS, QUIET)
    failed = Row(row.seen._replace(bad=None, mended=None, failed="no SA"))

    assert not failed.holds
    assert "no SA" in plain_text(table([failed], [NotShown("SEC599", "for a reason")]))


def test_the_witness_is_found_among_the_captured_packets() -> None:
    local, remote, other = (Address.parse(text) for text in ("192.0.2.10", "203.0.113.20", "203.0.113.21"))
    frames = tuple(
        CapturedFrame(
            time_s=0.0,
            router="east",
            interface="eth0",
            outgoing=True,
            frame=bytes(12) + b"\x08\x00" + packet(local, far, 47, b"\0\0\x08\0" + b"sapper:east:tun0:0|"),
            category="clear-outer",
        )
        for far in (other, remote, remote)
    )
    wire = OnWire(interface="eth0", src="192.0.2.10", dst="203.0.113.20", protocol="gre")
    inner = WitnessPacket(in_="tun0", src="any", dst="any", protocol="any")
    found = packet_on_the_wire(
        run(LEAKS, frames=frames), "east", LEAKS, Witness(state="boot", packet=inner, trace=(), wire=wire)
    )

    assert found is not None
    assert (found.exact, found.number) == (True, 2)
    alike = packet_on_the_wire(run(LEAKS, frames=frames[:1]), "east", LEAKS, None)
    assert alike is not None
    assert not alike.exact


def payload(following: int, body: bytes) -> bytes:
    return struct.pack("!BBH", following, 0, len(body) + 4) + body


def exchange(key: str, name: str, number: int) -> list[bytes]:
    """Two messages of RFC 2409 5.4, with the responder's hash computed here from its definition."""
    attributes = b"".join(struct.pack("!HH", kind, value) for kind, value in ((0x8001, 7), (0x8002, number)))
    transform = struct.pack("!BBHBBH", 0, 0, 8 + len(attributes), 1, 1, 0) + attributes
    proposal = struct.pack("!BBHBBBB", 0, 0, 8 + len(transform), 1, 1, 0, 1) + transform
    sa = struct.pack("!II", 1, 1) + proposal
    mine, theirs = b"i" * 8, b"r" * 8
    ours_ke, their_ke, ni, nr = b"A" * 128, b"B" * 128, b"n" * 32, b"m" * 16
    identity = b"\x01\x11\x01\xf4\xcb\x00\x71\x14"
    skeyid = hmac.new(key.encode(), ni + nr, name).digest()
    hashed = hmac.new(skeyid, their_ke + ours_ke + theirs + mine + sa + identity, name).digest()
    first = payload(4, sa) + payload(10, ours_ke) + payload(5, ni) + payload(0, identity)
    second = payload(4, sa) + payload(10, their_ke) + payload(5, nr) + payload(8, identity) + payload(0, hashed)
    return [
        ours + struct.pack("!BBBBII", 1, 0x10, 4, 0, 0, 28 + len(body)) + body
        for ours, body in ((mine + bytes(8), first), (mine + theirs, second))
    ]


@pytest.mark.parametrize(("name", "number"), [("md5", 1), ("sha1", 2), ("sha256", 4), ("sha512", 6)])
def test_a_key_is_found_if_it_is_among_the_words(name: str, number: int) -> None:
    two = exchange("example", name, number)

    assert guessed(two, ("secret", "example"))
    assert not guessed(two, ("secret", "exampel"))
    assert not guessed(two[:1], ("example",))
    assert not guessed(two[1:], ("example",))
    # A second exchange, the other way round, and the third message, which is encrypted.
    other = exchange("example", name, number)[0].replace(b"i" * 8, b"j" * 8, 1)
    third = two[0][:19] + b"\x01" + two[0][20:]
    assert guessed([other, third, *two], ("example",))
    assert hashlib.new(name).digest_size == len(payloads(two[1])[8])


@pytest.mark.parametrize("cut", range(0, 300, 7))
def test_what_is_cut_short_gives_no_key(cut: int) -> None:
    first, second = exchange("example", "sha1", 2)

    assert not guessed([first, (second + bytes(28))[: 28 + cut % (len(second) - 29)]], ("example",))


def test_an_unknown_code_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["LEAK999"]) == 2
    assert main(["LEAK101", "--guests", "0"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert all(line.startswith("sapper findings: ") or "[" in line for line in said)
