"""The connection against a kernel made of answers: refusals, interrupted dumps, silence, stray messages."""

from __future__ import annotations

import errno
import struct
from typing import Any, cast

import pytest

from sapper.live.netlink.connection import BATCH, KernelRefused, NetlinkConnection
from sapper.live.netlink.message import NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR, Request, split_answers

DATA = 16


def answer(kind: int, sequence: int, payload: bytes, flags: int = 0) -> bytes:
    return struct.pack("=IHHII", 16 + len(payload), kind, flags, sequence, 0) + payload


def verdict(sequence: int, number: int = 0) -> bytes:
    return answer(NLMSG_ERROR, sequence, struct.pack("=i", -number))


class ScriptedKernel:
    """A socket whose other end answers each request with what ``respond`` makes of its sequence number."""

    def __init__(self, respond: Any) -> None:
        self.respond = respond
        self.waiting: list[bytes] = []
        self.batches: list[int] = []

    def settimeout(self, _: float) -> None: ...

    def setsockopt(self, *_: int) -> None: ...

    def sendall(self, data: bytes) -> None:
        requests = list(split_answers(data))
        self.batches.append(len(requests))
        for request in requests:
            self.waiting += self.respond(request.sequence)

    def recv(self, _: int) -> bytes:
        if not self.waiting:
            raise TimeoutError
        return self.waiting.pop(0)


def connected(respond: Any) -> tuple[NetlinkConnection, ScriptedKernel]:
    kernel = ScriptedKernel(respond)
    return NetlinkConnection(cast(Any, kernel)), kernel


def requests(count: int) -> list[Request]:
    return [Request(DATA, 0, b"", f"object {number}") for number in range(count)]


def test_every_acknowledgement_is_read_and_batches_are_bounded() -> None:
    connection, kernel = connected(lambda sequence: [verdict(sequence)])

    connection.send(requests(2 * BATCH + 1))

    assert kernel.batches == [BATCH, BATCH, 1]
    assert kernel.waiting == []


def test_refusals_name_their_objects_and_the_rest_is_sent() -> None:
    refused = {3, BATCH + 2}
    connection, _ = connected(lambda sequence: [verdict(sequence, errno.EEXIST if sequence in refused else 0)])

    found = connection.attempt(requests(BATCH + 5))

    assert [str(refusal) for _, refusal in found] == ["object 2: File exists", f"object {BATCH + 1}: File exists"]
    connection, _ = connected(lambda sequence: [verdict(sequence, errno.EPERM if sequence == 2 else 0)])
    with pytest.raises(KernelRefused, match="object 1: Operation not permitted") as caught:
        connection.send(requests(3))
    assert caught.value.errno == errno.EPERM


def test_stray_messages_are_not_taken_for_answers() -> None:
    connection, _ = connected(lambda s: [verdict(s + 90, errno.EPERM), answer(DATA, 0, b""), verdict(s)])

    connection.send(requests(1))


def test_a_list_that_changed_while_it_was_read_is_read_again() -> None:
    def respond(sequence: int) -> list[bytes]:
        return [
            answer(DATA, sequence, bytes((sequence,))),
            answer(NLMSG_DONE, sequence, bytes(4), NLM_F_DUMP_INTR if sequence < 3 else 0),
        ]

    connection, kernel = connected(respond)

    assert [found.payload for found in connection.dump(requests(1)[0])] == [b"\3"]
    assert kernel.batches == [1, 1, 1]


def test_a_list_that_never_stands_still_ends() -> None:
    connection, _ = connected(lambda s: [answer(NLMSG_DONE, s, bytes(4), NLM_F_DUMP_INTR)])

    with pytest.raises(KernelRefused, match="object 0: the list changed"):
        connection.dump(requests(1)[0])


def test_silence_ends() -> None:
    connection, _ = connected(lambda sequence: [])

    for call in (lambda: connection.send(requests(1)), lambda: connection.dump(requests(1)[0])):
        with pytest.raises(KernelRefused, match="object 0: the kernel did not answer in time"):
            call()


def test_a_refused_dump_says_why() -> None:
    connection, _ = connected(lambda sequence: [verdict(sequence, errno.EPERM)])

    with pytest.raises(KernelRefused, match="object 0: Operation not permitted"):
        connection.dump(requests(1)[0])
    with pytest.raises(KernelRefused, match="object 0: Operation not permitted"):
        connection.get(requests(1)[0])


def test_one_object_is_one_answer() -> None:
    connection, _ = connected(lambda s: [answer(DATA, s + 1, b"no"), answer(DATA, s, b"yes")])

    assert connection.get(requests(1)[0]).payload == b"yes"
