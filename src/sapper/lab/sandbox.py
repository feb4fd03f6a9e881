"""A process of this host in namespaces of its own: network, mounts, processes; what it does there ends with it.

Its root is a tmpfs with the host's directories bound read-only and private /run, /proc, /sys beside them, so that a
lab writes nowhere else and named network namespaces (/run/netns) are its own. It loses the capabilities that reach
past namespaces (clock, reboot, modules, raw devices), and /proc's doors to the whole machine are shut. It is the
first process of its process namespace and dies with its parent: the kernel then ends everything that it started.
Sources: unshare(1), setpriv(1), pid_namespaces(7), mount_namespaces(7).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import weakref
from collections.abc import Sequence
from contextlib import suppress

from sapper.lab.channel import DESCRIPTOR
from sapper.lab.memory_file import MemoryFile
from sapper.lab.qemu import printable_lines
from sapper.lab.unavailable import LabUnavailable

PROGRAMS = ("setpriv", "unshare", "mount", "chroot", "sh")
_LOST = "-sys_time,-sys_boot,-sys_module,-sys_rawio"
_UNSHARED = (
    "--mount",
    "--net",
    "--pid",
    "--ipc",
    "--uts",
    "--fork",
    "--kill-child=KILL",
    "--propagation",
    "private",
)
_PATH = ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_TAIL = 4096
# /run is replaced anyway, so the new root can stand there while it is put together: no directory of the host's is made.
_ENTER = """set -e
root=/run
mount -t tmpfs -o mode=755 sapper $root
for entry in /*; do
  name=${entry#/}
  if [ -L "$entry" ]; then cp -P "$entry" "$root/$name"
  elif [ -d "$entry" ]; then
    mkdir "$root/$name"
    case $name in
      run|proc|sys) ;;
      dev) mount --rbind /dev $root/dev ;;
      *) mount --rbind "$entry" "$root/$name"
         mount -o remount,bind,ro "$root/$name" 2>/dev/null || true ;;
    esac
  fi
done
mount -t proc proc $root/proc
mount -t sysfs sysfs $root/sys
mount -t tmpfs -o mode=755 run $root/run
mkdir $root/run/tmp
[ ! -e $root/proc/sysrq-trigger ] || mount --bind /dev/null $root/proc/sysrq-trigger
for part in kernel vm fs; do
  mount --bind $root/proc/sys/$part $root/proc/sys/$part
  mount -o remount,bind,ro $root/proc/sys/$part
done
exec chroot $root "$@"
"""


class Sandbox:
    """A running process like :class:`sapper.lab.qemu.Process`. ``channel`` is this end of its socket pair."""

    def __init__(self, command: Sequence[str]) -> None:
        self._log = MemoryFile("log")
        self.channel, theirs = socket.socketpair()
        weakref.finalize(self, self.channel.close)
        with theirs:
            environment = {
                "PATH": os.environ.get("PATH", "") + _PATH,
                "HOME": "/root",
                "LANG": "C.UTF-8",
                "TMPDIR": "/run/tmp",
                DESCRIPTOR: str(theirs.fileno()),
            }
            try:
                self._process = subprocess.Popen(
                    command_line(command),
                    stdin=subprocess.DEVNULL,
                    stdout=self._log.descriptor,
                    stderr=self._log.descriptor,
                    env=environment,
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                )
            except OSError as error:
                raise LabUnavailable(f"{PROGRAMS[0]} cannot be run: {error.strerror}") from None

    def wait(self, deadline_s: float) -> bool:
        """Whether it ended within the deadline."""
        try:
            self._process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """Ends it and everything that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        with suppress(OSError):
            self.channel.shutdown(socket.SHUT_RDWR)

    def last_words(self, lines: int = 4) -> str:
        """What it said last, on one line."""
        return " | ".join(printable_lines(self._log.tail(_TAIL))[-lines:]) or "nothing"


def command_line(command: Sequence[str]) -> list[str]:
    """``command`` run in the sandbox."""
    outer = ["setpriv", "--pdeathsig", "KILL", f"--bounding-set={_LOST}", "--"]
    return [*outer, "unshare", *_UNSHARED, "--", "sh", "-c", _ENTER, "sh", *command]
