"""What a look must show: each word's meaning, each count, and the proof's verdicts beside the wire."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.lab.expected import contradictions, differences
from sapper.lab.faults.traffic import Sent
from sapper.lab.result import TunnelState, Verdict
from sapper.lab.scenario_file import WORDS, Count, Expectation, Step

SMALL = st.integers(0, 3)
STATES = st.builds(
    TunnelState,
    state=st.just("up"),
    sent=SMALL,
    delivered=SMALL,
    esp=SMALL,
    clear_outer=SMALL,
    clear_inner=SMALL,
    injected=SMALL,
    decapsulated=SMALL,
)


def said(words: tuple[str, ...], state: TunnelState, **verdicts: Verdict) -> list[str]:
    return list(contradictions(Expectation(router="east", row="up", words=words), state, dict(verdicts)))


@given(STATES, st.sampled_from([("encrypted", "clear"), ("delivered", "lost"), ("decapsulated", "refused")]))
def test_opposite_words_never_hold_together(state: TunnelState, words: tuple[str, str]) -> None:
    assert said(words, state)


@given(STATES)
def test_what_is_dropped_is_lost_and_neither_encrypted_nor_clear(state: TunnelState) -> None:
    if not said(("dropped",), state):
        assert not said(("lost",), state)
        assert said(("encrypted",), state)
        assert said(("clear",), state)


@given(st.sampled_from(WORDS))
def test_a_look_at_nothing_satisfies_no_word(word: str) -> None:
    assert said((word,), TunnelState(state="up"))


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("encrypted", TunnelState(state="up", sent=5, esp=5)),
        ("clear", TunnelState(state="up", sent=5, clear_inner=1)),
        ("clear", TunnelState(state="up", sent=5, clear_outer=1)),
        ("dropped", TunnelState(state="up", sent=5)),
        ("delivered", TunnelState(state="up", sent=5, delivered=5)),
        ("lost", TunnelState(state="up", sent=5, esp=5)),
        ("decapsulated", TunnelState(state="up", injected=5, decapsulated=5)),
        ("refused", TunnelState(state="up", injected=5)),
    ],
)
def test_each_word_holds_where_it_should(word: str, state: TunnelState) -> None:
    assert said((word,), state) == []


def test_the_proof_is_contradicted_by_what_it_did_not_say() -> None:
    seen: dict[str, Verdict] = {"confidentiality": "refuted", "authenticity": "proved"}
    state = TunnelState(state="up", seen=seen)

    assert said((), state, confidentiality="refuted", authenticity="proved") == []
    assert said((), state, confidentiality="unknown", liveness="refuted") == []
    (sentence,) = said((), state, confidentiality="proved", authenticity="proved")
    assert "the proof says confidentiality proved, the wire says refuted" in sentence


def test_counts_are_compared() -> None:
    expected = Expectation(router="east", counts=(("clear", Count("==", 3)), ("esp", Count(">=", 1))))

    assert list(contradictions(expected, TunnelState(state="up", clear_outer=1, clear_inner=2, esp=4), {})) == []
    assert list(contradictions(expected, TunnelState(state="up", clear_outer=1), {})) == [
        "clear is 1, expected 3",
        "esp is 0, expected >= 1",
    ]


def test_what_a_fault_reports_is_compared() -> None:
    step = Step(number=0, fault=Sent(), saw=(("lost", Count("<=", 1)), ("path_mtu", None)))

    assert list(differences(step, {"lost": 1, "path_mtu": None})) == []
    assert len(list(differences(step, {"lost": 2, "path_mtu": 600}))) == 2
    assert "does not report" in next(differences(step, {}))
