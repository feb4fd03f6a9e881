"""An agent that writes files and runs shell scripts in the guest, for tests that try other people's programs there.

It imports little, because imports cost ten times more in the guest.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any


def answer(message: dict[str, Any]) -> dict[str, Any]:
    """``write``: path to text; ``script``: shell text, with ``timeout_s``."""
    for path, text in message.get("write", {}).items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text)
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", message["script"]],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=message.get("timeout_s", 60),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"status": -1, "out": "", "err": "too slow"}
    return {"status": done.returncode, "out": done.stdout, "err": done.stderr}


def main() -> None:
    from sapper.lab.channel import ChannelClosed, LineChannel, open_port

    channel = LineChannel(open_port())
    channel.send({"hello": "shell", "kernel": os.uname().release})
    while True:
        try:
            message = channel.receive()
        except ChannelClosed:
            return
        channel.send(answer(message))


if __name__ == "__main__":
    main()
