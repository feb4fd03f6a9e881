"""One netlink socket: send requests in batches, read every acknowledgement, dump lists.

The only file of the codec that does I/O. A socket belongs to the network namespace in which it was opened, for ever:
the caller opens it there (:mod:`sapper.live.namespace`) and may then use it from anywhere. Every wait ends after
``timeout_s``. A refusal names the object that was refused.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterable, Iterator
from itertools import islice

from sapper.live.netlink.message import (
    NLM_F_DUMP_INTR,
    NLMSG_DONE,
    NLMSG_ERROR,
    Answer,
    Request,
    pack_batch,
    split_answers,
)

NETLINK_ROUTE, NETLINK_XFRM = 0, 6  # include/uapi/linux/netlink.h
SOL_NETLINK = 270
NETLINK_CAP_ACK = 10  # do not send the refused message back
NETLINK_EXT_ACK = 11  # say in words why
BATCH = 100  # acknowledgements of one batch must fit the default receive buffer of 208 KiB
RECEIVE_BYTES = 1 << 17
DUMP_TRIES = 5


class KernelRefused(Exception):
    """The kernel refused one object. ``errno`` is its number, ``what`` names the object, ``why`` says it in words."""

    def __init__(self, number: int, what: str, why: str = "") -> None:
        self.errno = number
        self.what = what
        self.why = why or os.strerror(number)
        super().__init__(f"{what}: {self.why}")


class NetlinkConnection:
    """Speaks one netlink protocol on an open socket, which it closes when it is closed itself."""

    def __init__(self, opened: socket.socket, *, timeout_s: float = 20.0) -> None:
        self._socket = opened
        self._socket.settimeout(timeout_s)
        self._sequence = 0
        for option in (NETLINK_CAP_ACK, NETLINK_EXT_ACK):
            self._socket.setsockopt(SOL_NETLINK, option, 1)

    @classmethod
    def open(cls, protocol: int = NETLINK_ROUTE) -> NetlinkConnection:
        """Open a socket in the namespace of the calling thread."""
        return cls(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol))

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> NetlinkConnection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, requests: Iterable[Request]) -> None:
        """Send all; the first refusal is raised after the whole list has been tried."""
        refusals = self.attempt(requests)
        if refusals:
            raise refusals[0][1]

    def attempt(self, requests: Iterable[Request]) -> list[tuple[Request, KernelRefused]]:
        """Send all and return those that were refused, in order."""
        remaining = iter(requests)
        refusals: list[tuple[Request, KernelRefused]] = []
        while batch := list(islice(remaining, BATCH)):
            first = self._number(len(batch))
            self._socket.sendall(pack_batch(batch, first))
            waiting = dict(enumerate(batch, first))
            while waiting:
                for answer in self._receive(next(iter(waiting.values())).about):
                    request = waiting.pop(answer.sequence, None) if answer.kind == NLMSG_ERROR else None
                    if request is not None and answer.error:
                        refusals.append((request, KernelRefused(answer.error, request.about, answer.sentence)))
        return refusals

    def dump(self, request: Request) -> list[Answer]:
        """Every answer to a request with NLM_F_DUMP, of a list that did not change while it was read."""
        for _ in range(DUMP_TRIES):
            *answers, done = self._dump_once(request)
            if not any(answer.flags & NLM_F_DUMP_INTR for answer in (*answers, done)):
                return answers
        raise KernelRefused(errno.EINTR, request.about, "the list changed whenever it was read")

    def get(self, request: Request) -> Answer:
        """The one answer to a request that asks for one object."""
        sequence = self._number(1)
        self._socket.sendall(pack_batch([request], sequence))
        while True:
            for answer in self._receive(request.about):
                if answer.sequence != sequence:
                    continue
                if answer.kind == NLMSG_ERROR:
                    raise KernelRefused(answer.error or errno.ENODATA, request.about, answer.sentence)
                return answer

    def _dump_once(self, request: Request) -> Iterator[Answer]:
        sequence = self._number(1)
        self._socket.sendall(pack_batch([request], sequence))
        while True:
            for answer in self._receive(request.about):
                if answer.sequence != sequence:
                    continue
                if answer.kind in (NLMSG_ERROR, NLMSG_DONE):
                    if answer.error:
                        raise KernelRefused(answer.error, request.about, answer.sentence)
                    yield answer
                    return
                yield answer

    def _receive(self, about: str) -> Iterator[Answer]:
        try:
            datagram = self._socket.recv(RECEIVE_BYTES)
        except TimeoutError as error:
            raise KernelRefused(errno.ETIMEDOUT, about, "the kernel did not answer in time") from error
        return split_answers(datagram)

    def _number(self, count: int) -> int:
        first = self._sequence + 1
        self._sequence += count
        return first
