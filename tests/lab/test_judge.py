"""The judge without a kernel: what it draws, how it reads frames, how it compares, and how it makes a case small."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_errors import PLANTED, planted

from sapper.address import Address
from sapper.kernel.complete import complete
from sapper.lab.injection import packet
from sapper.lab.judge.__main__ import main
from sapper.lab.judge.case import Case, decode, encode
from sapper.lab.judge.compare import Observed, compare
from sapper.lab.judge.coverage import EVERYTHING, features
from sapper.lab.judge.ending import GONE, Ending
from sapper.lab.judge.frames import ending_of, number_of
from sapper.lab.judge.generate import generate
from sapper.lab.judge.packets import frame, injected, whole
from sapper.lab.judge.predict import Predicted, predictions
from sapper.lab.judge.program import indexes_of, program
from sapper.lab.judge.shrink import shrink
from sapper.proof.facts.packet import Packet
from sapper.proof.states.situation import UNDISTURBED

SEEDS = st.integers(0, 1 << 30)
MANY = 400
NEAR, FAR = Address.parse("192.0.2.10"), Address.parse("203.0.113.20")


@pytest.fixture(scope="module")
def drawn() -> list[Case]:
    return [generate(seed) for seed in range(MANY)]


def test_the_generator_draws_everything(drawn: list[Case]) -> None:
    seen = Counter(word for case in drawn for word in features(case))

    assert EVERYTHING - seen.keys() == set()


@given(SEEDS)
@settings(max_examples=25)
def test_a_seed_is_one_case_for_ever_and_a_case_goes_through_json(seed: int) -> None:
    case = generate(seed)

    assert generate(seed) == case
    assert decode(encode(case)) == case
    assert complete(case.plan) == case.plan


@given(SEEDS)
@settings(max_examples=25)
def test_only_the_last_setting_of_a_case_is_disturbed(seed: int) -> None:
    moves = [setting.move for setting in generate(seed).settings]

    assert all(move == UNDISTURBED for move in moves[:-1])


@given(SEEDS)
@settings(max_examples=25)
def test_every_packet_has_a_number_of_its_own_and_every_device_too(seed: int) -> None:
    case = generate(seed)
    prepared = program(case)
    indexes = list(indexes_of(case.plan).values())
    predicted = list(predictions(case))

    assert len(set(indexes)) == len(indexes)
    assert sorted(prepared.numbers) == list(range(1, len(prepared.numbers) + 1))
    assert Counter(prepared.numbers.values()) == Counter(
        (setting, probe) for setting, said in enumerate(predicted) for probe in said
    )


@given(SEEDS, st.integers(1, 1 << 31))
@settings(max_examples=25)
def test_what_is_sent_is_read_back(seed: int, number: int) -> None:
    case = generate(seed)
    for probe in case.probes:
        if probe.packet.source is None:
            continue
        device = case.plan.link(probe.device or "")
        content = injected(device, probe.packet, number) if device else whole(probe.packet, number)
        seen = frame(11, content)

        assert number_of(seen) == number
        assert ending_of("eth0", seen) == Ending(
            "wire",
            "eth0",
            probe.packet.protocol == 50,
            str(probe.packet.source),
            str(probe.packet.destination),
            probe.packet.protocol,
        )


def esp(protocol: int, content: bytes) -> bytes:
    """ESP with a null cipher around that: SPI, sequence number, padding to 4 bytes, its length, what is inside."""
    padding = -(len(content) + 2) % 4
    return bytes(8) + content + bytes(range(1, padding + 1)) + bytes((padding, protocol))


def test_esp_anywhere_around_a_packet_protects_it() -> None:
    inner = whole(Packet(source=NEAR, destination=FAR, protocol=17, source_port=1, destination_port=2), 5)
    outside = packet(NEAR, FAR, 47, b"\0\0\x08\0" + packet(NEAR, FAR, 50, esp(4, inner)))

    found = ending_of("eth0", frame(11, outside))

    assert found == Ending("wire", "eth0", True, "192.0.2.10", "203.0.113.20", 47)


@pytest.mark.parametrize("around", [lambda data: data, lambda data: packet(FAR, NEAR, 50, esp(4, data))])
def test_what_the_router_says_of_a_packet_is_no_way_of_it(around: object) -> None:
    assert callable(around)
    inner = whole(Packet(source=NEAR, destination=FAR, protocol=17, source_port=1, destination_port=2), 5)
    unreachable = packet(FAR, NEAR, 1, b"\3\1\0\0\0\0\0\0" + inner)

    assert number_of(unreachable) == 5
    assert ending_of("eth0", frame(11, around(unreachable))) is None


def test_a_tagged_frame_is_of_its_vlan() -> None:
    content = whole(Packet(source=NEAR, destination=FAR, protocol=47), 5)
    found = ending_of("eth0", frame(11, content, 7), {("eth0", 7): "eth0.7"})

    assert found is not None
    assert found.link == "eth0.7"


@given(st.binary(max_size=200))
@settings(max_examples=50)
def test_reading_a_wire_never_raises(noise: bytes) -> None:
    ending_of("eth0", noise)
    ending_of("eth0", frame(11, bytes((0x45,)) + noise))
    ending_of("eth0", bytes(12) + b"\x86\xdd\x60" + noise)


CLEAR = Ending("wire", "eth0", False, "192.0.2.10", "203.0.113.20", 47)
HIDDEN = Ending("wire", "eth0", True, "192.0.2.10", "203.0.113.20", 50)


@pytest.mark.parametrize(
    ("said", "seen", "agrees"),
    [
        ({CLEAR}, (CLEAR,), True),
        ({CLEAR}, (GONE,), False),
        ({CLEAR}, (HIDDEN,), False),
        ({CLEAR, GONE}, (GONE,), True),
        ({CLEAR, GONE}, (HIDDEN,), False),
        ({CLEAR}, (CLEAR, CLEAR), False),
        ({CLEAR._replace(source=None)}, (CLEAR,), True),
        ({CLEAR._replace(source="198.51.100.1")}, (CLEAR,), False),
        ({GONE}, (Ending("taken", "tun1"),), False),
    ],
)
def test_what_was_seen_must_be_among_what_was_said(
    said: set[Ending], seen: tuple[Ending, ...], agrees: bool
) -> None:
    tally = compare(generate(1), [{0: frozenset(said)}], [{0: seen}])

    assert (not tally.disagreements) == agrees
    assert tally.packets == 1


def test_what_the_model_does_not_know_is_counted_apart() -> None:
    said: list[Predicted] = [{0: frozenset({CLEAR, Ending("unknown", reason="geneve")})}]
    tally = compare(generate(1), said, [{0: (GONE,)}])

    assert tally.disagreements == ()
    assert tally.unknown == Counter({"geneve": 1})


def fulfilled(case: Case) -> Observed:
    """A kernel that does what the model says, the first of its ends where there are several."""
    return [
        {place: (sorted(ends, key=str)[0],) for place, ends in said.items() if ends} for said in predictions(case)
    ]


@pytest.mark.parametrize("error", PLANTED)
def test_a_planted_error_changes_what_is_said_and_goes_away_again(drawn: list[Case], error: str) -> None:
    """If it did not, no kernel could find it."""
    some = drawn[: MANY // 2]
    before = [list(predictions(case)) for case in some]
    with planted(error):
        during = [list(predictions(case)) for case in some]

    assert during != before
    assert [list(predictions(case)) for case in some[:20]] == before[:20]


def test_a_case_shrinks_to_what_the_disagreement_needs(drawn: list[Case]) -> None:
    """The planted error stands for a kernel that differs; what is left is one link, one route, one packet or so."""
    error = "a blackhole does not stop"
    case = next(case for case in drawn if any(differing([case], error)))

    small = shrink(case, lambda cases: list(differing(cases, error)))

    assert list(differing([small], error)) == [True]
    assert len(small.settings) == len(small.probes) == 1
    assert len(small.plan.links) <= 4
    assert len(small.plan.connections) <= 1
    assert len(small.plan.routes) <= 3


def differing(cases: list[Case], error: str) -> Iterator[bool]:
    for case in cases:
        seen = fulfilled(case)
        with planted(error):
            yield bool(compare(case, list(predictions(case)), seen).disagreements)


def test_a_case_without_an_error_agrees_with_itself(drawn: list[Case]) -> None:
    for case in drawn[:50]:
        assert compare(case, list(predictions(case)), fulfilled(case)).disagreements == ()


@pytest.mark.parametrize("content", [None, b"{}", b"no JSON"])
def test_a_kept_case_that_cannot_be_read_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    path = tmp_path / "case.json"
    if content is not None:
        path.write_bytes(content)

    assert main([str(path)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 1
    assert str(path) in told.err
