"""How long the lab's guest takes to start, and a scenario in it, beside the plain way of doing the same.

Guest start: from calling QEMU until the agent in the guest speaks. The peer is the same guest (kernel, user space,
agent, memory, one processor) with the distribution's QEMU as it comes: the packed kernel that the distribution ships,
QEMU's default machine, processor and devices, and no more kernel options than the guest needs to speak at all.

Scenario: one pair of routers through the states ``boot`` and ``up``, in a guest that runs one after the other; the
peer starts a guest for each. Both take turns, because what else the machine does must hit both alike. Nothing is
asserted. Run by ``make bench``; the number of rounds as argument.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from sapper.cli.failure import Failure
from sapper.cli.lab import prepare_files
from sapper.lab import cache as store
from sapper.lab import qemu
from sapper.lab.guest import Guest
from sapper.lab.packages import Apt, unpack
from sapper.lab.run import Setup, run_pair
from sapper.lab.setup import Installed, setup
from sapper.lab.unavailable import LabUnavailable

ROUNDS = 3
SCENARIOS = 2
STATES = frozenset({"boot", "up"})
PAIR = Path("examples/canonical")
PLAIN_OPTIONS = "console=ttyS0 panic=-1"
TUNED = ("-nodefaults", "-no-user-config")


def silent(_: str) -> None:
    """Progress that nobody wants among the numbers."""


def packed_kernel(installed: Installed) -> Path:
    """The distribution's own kernel image, which the set-up throws away; fetched once into the cache."""
    cache = Path(installed.cache)
    component = store.complete(cache, "kernel")
    plain = store.complete(cache, "kernel-plain")
    if component is None:
        raise LabUnavailable("the guest's kernel is not there")
    if plain is None or plain.packages != component.packages:
        apt = Apt(cache, silent)
        found = [apt.known(name, version) for name, version in component.packages.items()]
        packages = [package for package in found if package is not None]

        def fill(root: Path) -> dict[str, str]:
            for package in packages:
                unpack(apt.archive(package), root, lambda path: path.startswith("boot/vmlinuz-"))
            return dict(component.packages)

        with store.locked(cache, silent):
            apt.download(packages)
            plain = store.build(cache, "kernel-plain", fill)
            for package in packages:
                apt.archive(package).unlink()
    return next(plain.path(cache).glob("boot/vmlinuz-*"))


def plain_command(kernel: Path) -> Callable[..., list[str]]:
    """The guest's own command line with everything left out that was chosen for speed."""
    tuned = qemu.command_line

    def command_line(*arguments: object) -> list[str]:
        words = iter(tuned(*arguments))  # type: ignore[arg-type]
        kept: list[str] = []
        for word in words:
            if word in ("-machine", "-accel", "-cpu"):
                next(words)
            elif word in ("-kernel", "-append"):
                next(words)
                kept += [word, str(kernel) if word == "-kernel" else PLAIN_OPTIONS]
            elif word not in TUNED:
                kept.append(word)
        return kept

    return command_line


def start_s() -> float:
    with Guest(boot_deadline_s=180) as guest:
        return guest.boot_s


def plain_start_s(kernel: Path) -> float:
    with mock.patch.object(qemu, "command_line", plain_command(kernel)):
        return start_s()


def timed(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def in_one_guest(pair: Setup) -> None:
    with Guest() as guest:
        for _ in range(SCENARIOS):
            run_pair(pair, guest, silent, STATES)


def in_a_guest_each(pair: Setup) -> None:
    for _ in range(SCENARIOS):
        with Guest() as guest:
            run_pair(pair, guest, silent, STATES)


def measure_start(rounds: int, kernel: Path) -> None:
    starts = [(start_s(), plain_start_s(kernel)) for _ in range(rounds)]
    start, plain = (statistics.median(seconds) for seconds in zip(*starts, strict=True))
    print(
        f"  guest start       {start:6.2f} s   {start / plain:4.2f} of QEMU's defaults ({plain:.2f} s)", flush=True
    )


def measure_scenario() -> None:
    pair = prepare_files([str(PAIR / "east.set"), str(PAIR / "west.set")], None, "canonical")
    each = timed(lambda: in_one_guest(pair)) / SCENARIOS
    alone = timed(lambda: in_a_guest_each(pair)) / SCENARIOS
    print(f"  scenario          {each:6.2f} s   {each / alone:4.2f} of one guest per scenario ({alone:.2f} s)")


def main(words: list[str]) -> int:
    try:
        installed = setup(silent)
        print(f"lab, guest {installed.versions['linux']}, QEMU {installed.versions['qemu']}", flush=True)
        measure_start(int(words[0]) if words else ROUNDS, packed_kernel(installed))
        measure_scenario()
    except (LabUnavailable, Failure) as error:
        print(f"  not measured: {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
