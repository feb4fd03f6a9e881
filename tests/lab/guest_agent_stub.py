"""The smallest agent for tests: says hello, then answers what it is asked."""

import os
import subprocess

from sapper.lab.channel import ChannelClosed, LineChannel, open_port


def main() -> None:
    channel = LineChannel(open_port())
    channel.send({"hello": "stub", "kernel": os.uname().release})
    while True:
        try:
            message = channel.receive()
        except ChannelClosed:
            return
        if "run" in message:
            done = subprocess.run(message["run"], capture_output=True, text=True, check=False)
            channel.send({"code": done.returncode, "out": done.stdout, "err": done.stderr})
        elif "size" in message:
            channel.send({"data": "x" * message["size"], "got": len(message.get("data", ""))})
        elif "exit" in message:
            return
        else:
            channel.send(message)


if __name__ == "__main__":
    main()
