"""Both halves of ``sapper lab shell`` without a guest between them: the agent's in a child, joined by a socket pair.

Run as a program: its standard input and output are the person's, its exit status the shell's.
"""

from __future__ import annotations

import os
import socket
import sys
from typing import Any

from sapper.lab.channel import ChannelClosed, LineChannel
from sapper.lab.guest import exit_on_sigterm
from sapper.lab.inside import shell as agent
from sapper.lab.shell import attend
from sapper.lab.unavailable import GuestDied


class StubGuest:
    """The part of a guest that a shell needs."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._channel = LineChannel(link.fileno())

    def send(self, message: dict[str, Any]) -> None:
        self._channel.send(message)

    def receive(self, deadline_s: float) -> dict[str, Any]:
        try:
            return self._channel.receive(deadline_s)
        except ChannelClosed:
            raise GuestDied("the guest ended by itself") from None

    def close(self) -> None:
        self._link.shutdown(socket.SHUT_RDWR)


def main() -> int:
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        ours.close()
        agent._inside = lambda node, words: words
        channel = LineChannel(theirs.fileno())
        channel.send(agent.serve(channel, channel.receive()))
        os._exit(0)
    theirs.close()
    command = sys.argv[1] if len(sys.argv) > 1 else None
    with exit_on_sigterm():
        return attend(StubGuest(ours), "east", command)  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(main())
