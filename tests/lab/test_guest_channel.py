"""The channel over a socket pair: any messages, cut anywhere, both ways; deadlines; the other end gone."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.lab.channel import ChannelClosed, ChannelTimeout, LineChannel

values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
messages = st.dictionaries(st.text(), values, max_size=4)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    here, there = socket.socketpair()
    with here, there:
        yield here, there


@given(st.lists(messages, max_size=5), st.integers(1, 50))
def test_messages_cut_anywhere_arrive_in_order(sent: list[dict[str, Any]], size: int) -> None:
    here, there = socket.socketpair()
    with here, there:
        channel = LineChannel(there.fileno())
        data = b"".join(json.dumps(message).encode() + b"\n" for message in sent)
        received: list[dict[str, Any]] = []
        for start in range(0, len(data), size):
            here.sendall(data[start : start + size])
            with suppress(ChannelTimeout):
                while True:
                    received.append(channel.receive(0))
            assert len(received) == data[: start + size].count(b"\n")
        assert received == sent
        with pytest.raises(ChannelTimeout):
            channel.receive(0)


def test_megabytes_both_ways_at_once(pair: tuple[socket.socket, socket.socket]) -> None:
    here, there = (LineChannel(end.fileno()) for end in pair)
    message = {"data": "x" * 6_000_000}

    def echo() -> None:
        there.send(there.receive(20), 20)

    thread = threading.Thread(target=echo)
    thread.start()
    here.send(message, 20)
    assert here.receive(20) == message
    thread.join()


def test_deadlines_hold(pair: tuple[socket.socket, socket.socket]) -> None:
    channel = LineChannel(pair[0].fileno())
    for action in (lambda: channel.receive(0.2), lambda: channel.send({"data": "x" * 10_000_000}, 0.2)):
        started = time.monotonic()
        with pytest.raises(ChannelTimeout):
            action()
        assert 0.19 < time.monotonic() - started < 5


def test_the_other_end_gone_is_said_at_once(pair: tuple[socket.socket, socket.socket]) -> None:
    channel = LineChannel(pair[0].fileno())
    pair[1].sendall(b'{"last": 1}\n{"half')
    pair[1].close()
    assert channel.receive(5) == {"last": 1}
    with pytest.raises(ChannelClosed):
        channel.receive(5)
    with pytest.raises(ChannelClosed):
        channel.send({}, 5)


def test_what_is_not_json_is_an_error(pair: tuple[socket.socket, socket.socket]) -> None:
    pair[1].sendall(b"Kernel panic\n")
    with pytest.raises(ValueError, match="Expecting value"):
        LineChannel(pair[0].fileno()).receive(5)
