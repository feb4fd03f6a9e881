"""One QEMU process: its command line, its life, its death with the parent.

QEMU runs in a session of its own, so that Ctrl-C reaches only the parent, and the kernel kills it when the thread
that started it dies (PR_SET_PDEATHSIG by setpriv(1)), so that even a killed parent leaves none behind. The channel to
the guest is one end of a socket pair that QEMU inherits, its initramfs and its console are files in memory: nothing
has a name in the file system, nobody else can connect, and a full disk stops no run.

The machine is ``pc`` (``microvm`` saves 0.4 s and hung at times). The kernel leaves its ACPI tables alone: finding an
interrupt for each virtio device by interpreting them took 1 s of 4 under emulation. But it is told where the PM timer
is, and keeps time by that: without it, clock and captures would go in steps of 4 ms. It must not trust the TSC, whose
rate it measures while it boots: on a loaded machine it was once off by a factor of 3, and every timer with it. The emulated
CPU has rdrand, so the guest needs no virtio-rng, and the AES and hash instructions, but not AVX, whose larger state
costs 5 %.
Sources: qemu-system-x86_64(1), prctl(2).
"""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import msgspec

from sapper.lab.channel import PORT_NAME
from sapper.lab.child import Child
from sapper.lab.initramfs import HOST_TAG, KERNEL_TAG, PACKAGES_TAG
from sapper.lab.memory_file import MemoryFile
from sapper.lab.unavailable import LabUnavailable

BINARY = "qemu-system-x86_64"
_CONSOLE_TAIL = 16384
EMULATED_CPU = "qemu64,+rdrand,+rdseed,+aes,+pclmulqdq,+ssse3,+sse4.1,+sse4.2,+popcnt"
APPEND = (
    "console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off random.trust_cpu=on"
    " no_timer_check rcupdate.rcu_expedited=1 cryptomgr.notests audit=0 acpi=off pmtmr=0x608 clocksource=acpi_pm"
)


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """A QEMU that runs: the host's own, or one below an unpacked tree with its libraries and firmware."""

    binary: str
    version: str
    tree: str | None = None

    def environment(self) -> dict[str, str]:
        if self.tree is None:
            return dict(os.environ)
        return {**os.environ, "LD_LIBRARY_PATH": library_path(Path(self.tree))}

    def firmware(self) -> list[str]:
        if self.tree is None:
            return []
        share = f"{self.tree}/usr/share"
        return ["-L", f"{share}/qemu", "-L", f"{share}/seabios"]


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What to boot. ``shares`` are the directories that the guest sees read-only, by their 9p tags."""

    kernel: str
    initrd: bytes
    shares: dict[str, str]
    memory_mb: int
    cpus: int
    accel: str
    append: str


def library_path(tree: Path) -> str:
    found = sorted({str(path.parent) for path in (tree / "usr/lib").rglob("*.so*")})
    return ":".join(found)


def shares(packages: Path, modules: Path) -> dict[str, str]:
    return {HOST_TAG: "/", PACKAGES_TAG: str(packages), KERNEL_TAG: str(modules)}


def command_line(program: Program, machine: Machine, channel_fd: int, initrd: str, console: str) -> list[str]:
    """``initrd`` and ``console`` are paths as QEMU sees them."""
    command = [program.binary, *program.firmware(), "-nodefaults", "-no-user-config", "-no-reboot"]
    command += ["-display", "none", "-machine", "pc,usb=off,vmport=off,hpet=off"]
    if machine.accel == "kvm":
        command += ["-accel", "kvm", "-cpu", "host"]
    else:
        command += ["-accel", "tcg,thread=multi", "-cpu", EMULATED_CPU]
    command += ["-m", str(machine.memory_mb), "-smp", str(machine.cpus)]
    command += [
        "-kernel",
        machine.kernel,
        "-initrd",
        initrd,
        "-append",
        f"{APPEND} {machine.append}".strip(),
    ]
    command += ["-serial", f"file:{_escape(console)}"]
    for tag, path in machine.shares.items():
        local = f"local,id={tag},path={_escape(path)},security_model=none,readonly=on,multidevs=remap"
        command += ["-fsdev", local, "-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}"]
    command += ["-chardev", f"socket,id=channel,fd={channel_fd}", "-device", "virtio-serial-pci"]
    command += ["-device", f"virtserialport,chardev=channel,name={PORT_NAME}"]
    return command


class Process(Child):
    """A running QEMU. ``channel`` is the host's end of the virtio-serial port."""

    def __init__(self, program: Program, machine: Machine) -> None:
        self._errors = MemoryFile("errors")
        self._console = MemoryFile("console")
        initrd = MemoryFile("initramfs", machine.initrd)
        ours, theirs = socket.socketpair()
        with theirs:
            command = command_line(program, machine, theirs.fileno(), initrd.path, self._console.path)
            super().__init__(
                [*_dying_with_parent(), *command],
                program.binary,
                program.environment(),
                self._errors,
                ours,
                (theirs.fileno(), initrd.descriptor, self._console.descriptor),
            )

    def console(self) -> str:
        """The end of what the guest's console said."""
        return self._console.tail(_CONSOLE_TAIL).decode(errors="replace")

    def last_words(self, lines: int = 4) -> str:
        """What QEMU and the guest's console said last, on one line; of a panic, the line that names it."""
        said = [
            line for file in (self._errors, self._console) for line in printable_lines(file.tail(_CONSOLE_TAIL))
        ]
        panics = [line for line in said if "Kernel panic" in line]
        return " | ".join(panics[:1] or said[-lines:]) or "nothing"


def printable_lines(text: bytes) -> list[str]:
    """The lines that say something, without what would move a terminal's cursor."""
    lines = (
        "".join(c for c in line if c.isprintable()).strip() for line in text.decode(errors="replace").splitlines()
    )
    return [line for line in lines if line]


def _dying_with_parent() -> list[str]:
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise LabUnavailable("setpriv (package util-linux) is missing: QEMU could outlive this program")
    return [setpriv, "--pdeathsig", "KILL", "--"]


def _escape(path: str) -> str:
    """QEMU's option syntax doubles a comma in a value."""
    return path.replace(",", ",,")
