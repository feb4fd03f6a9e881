"""Whether a daemon is in the middle of something: asked so that the next question gets its own answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sapper.lab.inside import daemon, kernels


class Session:
    """A vici session as far as it matters: an answer that is not read to its end stays in the socket."""

    def __init__(self, *states: bytes) -> None:
        self.states = states
        self.left = 0

    def list_sas(self, _: dict[str, Any]) -> Iterator[dict[str, Any]]:
        assert self.left == 0, "what was left of the last answer would be read as this one's"
        self.left = len(self.states)
        for number, state in enumerate(self.states):
            child = {"state": state if state == b"REKEYING" else b"INSTALLED"}
            yield {f"peer{number}": {"state": state, "child-sas": {"c": child}}}
            self.left -= 1


@pytest.mark.parametrize(
    ("states", "busy"),
    [
        ((), False),
        ((b"ESTABLISHED", b"ESTABLISHED"), False),
        ((b"CONNECTING", b"ESTABLISHED", b"ESTABLISHED"), True),
        ((b"ESTABLISHED", b"REKEYING", b"ESTABLISHED"), True),
    ],
)
def test_an_answer_is_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch, states: tuple[bytes, ...], busy: bool
) -> None:
    session = Session(*states)
    monkeypatch.setitem(daemon._sessions, "east", session)

    for _ in range(2):
        assert kernels._busy("east") is busy
        assert session.left == 0


def test_without_a_daemon_nothing_is_going_on() -> None:
    assert kernels._busy("nowhere") is False
