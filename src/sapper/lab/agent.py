"""The agent inside the guest: does what the host asks, one request at a time, and answers.

A request is ``{"do": NAME, …}``; the answer has ``ok`` and the result's keys, or ``error`` with one line. When the
host is gone the agent ends, and with it the guest.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from sapper.lab.channel import ChannelClosed, LineChannel, open_port
from sapper.lab.inside import daemon, faults, kernels, network, observe, routing, shell, sweep, traffic

Handler = Callable[[dict[str, Any]], dict[str, Any]]

HANDLERS: dict[str, Handler] = {
    "build": network.build,
    "set-links": network.set_links,
    "take-down": network.take_down,
    "block-ike": network.block_ike,
    "xfrm-counts": network.xfrm_counts,
    "flush": network.flush,
    "start": daemon.start,
    "kill": daemon.kill,
    "stop": daemon.stop,
    "vici": daemon.command,
    "vici-all": daemon.commands,
    "wait-for": daemon.wait_for,
    "logs": daemon.logs,
    "open-sockets": traffic.open_sockets,
    "close-sockets": traffic.close_sockets,
    "warm-up": traffic.warm_up,
    "measure": traffic.measure,
    "prepare-sweep": sweep.prepare,
    "sweep": sweep.sweep,
    **faults.HANDLERS,
    **kernels.HANDLERS,
    **observe.HANDLERS,
    **routing.HANDLERS,
    "run": lambda message: _run(message),
}


def _run(message: dict[str, Any]) -> dict[str, Any]:
    """A command in a node, for tests and for a person who looks around."""
    import subprocess

    words = message["words"]
    if "node" in message:
        words = ["ip", "netns", "exec", message["node"], *words]
    done = subprocess.run(words, capture_output=True, text=True, timeout=message.get("timeout_s", 30), check=False)
    return {"status": done.returncode, "out": done.stdout, "err": done.stderr}


def answer(message: dict[str, Any]) -> dict[str, Any]:
    """The answer to one request; a failure becomes one line, since the host cannot see a traceback."""
    started = time.monotonic()
    try:
        result = HANDLERS[message["do"]](message)
    except Exception as error:
        return {"ok": False, "error": f"{message.get('do')}: {type(error).__name__}: {error}"}
    return {"ok": True, "took_s": time.monotonic() - started, **result}


def main() -> None:
    """Serves until the host hangs up."""
    channel = LineChannel(open_port())
    channel.send({"hello": "sapper", "kernel": os.uname().release})
    while True:
        try:
            message = channel.receive()
            channel.send(shell.serve(channel, message) if message.get("do") == "shell" else answer(message))
        except ChannelClosed:
            return


if __name__ == "__main__":
    main()
