"""A process of this host in namespaces of its own: network, mounts, processes; what it does there ends with it.

Its root is a tmpfs with the host's directories bound read-only and private /run, /proc, /sys beside them, so that a
lab writes nowhere else and named network namespaces (/run/netns) are its own. It loses the capabilities that reach
past namespaces (clock, reboot, modules, raw devices), and /proc's doors to the whole machine are shut. It is the
first process of its process namespace and dies with its parent: the kernel then ends everything that it started.
Sources: unshare(1), setpriv(1), pid_namespaces(7), mount_namespaces(7).
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence

from sapper.lab.channel import DESCRIPTOR
from sapper.lab.child import Child
from sapper.lab.memory_file import MemoryFile
from sapper.lab.qemu import printable_lines

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


class Sandbox(Child):
    """A running process like :class:`sapper.lab.qemu.Process`, in namespaces of its own."""

    def __init__(self, command: Sequence[str]) -> None:
        self._log = MemoryFile("log")
        ours, theirs = socket.socketpair()
        with theirs:
            environment = {
                "PATH": os.environ.get("PATH", "") + _PATH,
                "HOME": "/root",
                "LANG": "C.UTF-8",
                "TMPDIR": "/run/tmp",
                DESCRIPTOR: str(theirs.fileno()),
            }
            super().__init__(command_line(command), PROGRAMS[0], environment, self._log, ours, (theirs.fileno(),))

    def last_words(self, lines: int = 4) -> str:
        """What it said last, on one line."""
        return " | ".join(printable_lines(self._log.tail(_TAIL))[-lines:]) or "nothing"


def command_line(command: Sequence[str]) -> list[str]:
    """``command`` run in the sandbox."""
    outer = ["setpriv", "--pdeathsig", "KILL", f"--bounding-set={_LOST}", "--"]
    return [*outer, "unshare", *_UNSHARED, "--", "sh", "-c", _ENTER, "sh", *command]
