"""``sapper lab run`` interrupted anywhere: nothing runs on, no file is left, one line says what happened."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sapper.lab.guest import Guest
from sapper.lab.setup import setup
from sapper.lab.unavailable import GuestDied

pytestmark = pytest.mark.lab
ROOT = Path(__file__).parents[2]
PAIR = [str(ROOT / "examples/canonical" / name) for name in ("east.set", "west.set")]
RUN = [sys.executable, "-m", "sapper", "lab", "run", *PAIR, "--provider", "vm", "--states", "boot,up"]
DEADLINE_S = 150
# A file system of a few pages, in a mount namespace of its own, around a command: $1 is where, $2 its size.
SMALL_DISK = 'mount -t tmpfs -o size=$2 none "$1" && cd / && place=$1 && shift 2 && "$@"; status=$?; ls -A "$place" >&2; exit $status'


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The run's TMPDIR, whose name marks what the run started."""
    path = tmp_path / "temporary"
    path.mkdir()
    return path


class Run:
    """``sapper lab run`` as a person starts it, its lines on standard error read as they come."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.process = subprocess.Popen(
            RUN,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TMPDIR": str(place)},
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None,
        )
        self.said: list[str] = []

    def wait_said(self, pattern: str) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line.rstrip("\n"))
            if re.search(pattern, line):
                return
        pytest.fail(f"never said {pattern!r}: {self.said}")

    def end(self) -> list[str]:
        """The lines said since the last look."""
        _, rest = self.process.communicate(timeout=DEADLINE_S)
        return rest.splitlines()

    def left(self, deadline_s: float = 10) -> list[str]:
        """The command lines of what still runs, once it had time to end, and the files that are there."""
        end = time.monotonic() + deadline_s
        while (found := children_of(self.place)) and time.monotonic() < end:
            time.sleep(0.1)
        return found + [path.name for path in self.place.iterdir()]


def children_of(place: Path) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            line, variables = (path / "cmdline").read_bytes(), (path / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if line and f"TMPDIR={place}".encode() in variables:
            found.append(line.replace(b"\0", b" ").decode(errors="replace"))
    return found


@pytest.fixture
def lab(place: Path) -> Iterator[Run]:
    setup(lambda message: None)
    started = Run(place)
    yield started
    started.process.kill()
    started.process.communicate()


SIGNALS = [
    (signal.SIGINT, 130, "sapper: interrupted"),
    (signal.SIGTERM, 143, "sapper: terminated"),
    (signal.SIGKILL, -9, None),
]


@pytest.mark.parametrize(("number", "status", "words"), SIGNALS)
def test_a_signal_while_the_guest_boots(lab: Run, number: signal.Signals, status: int, words: str | None) -> None:
    end = time.monotonic() + DEADLINE_S
    while not any("qemu" in line for line in children_of(lab.place)):
        assert time.monotonic() < end
        time.sleep(0.05)
    lab.process.send_signal(number)
    assert lab.end() == ([words] if words else [])
    assert lab.process.returncode == status
    assert lab.left() == []


@pytest.mark.parametrize(("number", "status", "words"), SIGNALS)
def test_a_signal_in_the_middle_of_a_run(lab: Run, number: signal.Signals, status: int, words: str | None) -> None:
    lab.wait_said(": boot$")
    assert any("qemu" in line for line in children_of(lab.place))
    lab.process.send_signal(number)
    said = lab.end()
    assert lab.process.returncode == status
    assert [line for line in said if not line.endswith((": boot", ": up"))] == ([words] if words else [])
    assert lab.left() == []


def test_a_guest_that_is_killed_under_the_run_is_said_in_one_line(lab: Run) -> None:
    """As the kernel does when memory runs out."""
    lab.wait_said(": boot$")
    for path in Path("/proc").glob("[0-9]*/comm"):
        try:
            mine = f"TMPDIR={lab.place}".encode() in (path.parent / "environ").read_bytes().split(b"\0")
            if path.read_text().startswith("qemu-system") and mine:
                os.kill(int(path.parent.name), signal.SIGKILL)
        except OSError:
            continue
    said = [line for line in lab.end() if not line.endswith((": boot", ": up"))]
    assert lab.process.returncode == 3
    assert len(said) == 1
    assert said[0].startswith("sapper lab run: the guest ended by itself")
    assert lab.left() == []


def test_a_panic_of_the_guests_kernel_is_named(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(place))
    with Guest() as guest:
        started = time.monotonic()
        with pytest.raises(GuestDied, match="Kernel panic - not syncing: sysrq triggered crash") as caught:
            guest.call({"do": "run", "words": ["sh", "-c", "echo c > /proc/sysrq-trigger"]}, 60)
    assert "\n" not in str(caught.value)
    assert time.monotonic() - started < 30
    assert children_of(place) == []
    assert list(place.iterdir()) == []


def on_small_disk(
    place: Path, size: str, environment: dict[str, str], *command: str
) -> subprocess.CompletedProcess[str]:
    """Runs ``command`` with a full disk at ``place``; what lies there afterwards is said last on standard error."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("needs unshare")
    mounting = [unshare, "--mount"] if os.geteuid() == 0 else [unshare, "--mount", "--map-root-user"]
    if subprocess.run([*mounting, "mount", "-t", "tmpfs", "none", str(place)], check=False).returncode:
        pytest.skip("needs a mount namespace")
    return subprocess.run(
        [*mounting, "sh", "-c", SMALL_DISK, "sh", str(place), size, *command],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )


def test_a_full_temporary_directory_does_not_matter(place: Path) -> None:
    setup(lambda message: None)
    done = on_small_disk(place, "4k", {"TMPDIR": str(place)}, *RUN[:-1], "boot", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert '"disagreements": 0' in done.stdout
    assert done.stderr.splitlines()[-1].endswith(": boot")
    assert children_of(place) == []


def test_a_full_disk_under_the_report_is_one_line(place: Path) -> None:
    setup(lambda message: None)
    report = str(place / "page.html")
    done = on_small_disk(place, "8k", {}, *RUN[:-1], "boot", "--report", report)
    assert done.returncode == 3
    assert f"sapper lab run: {report}: No space left on device" in done.stderr.splitlines()
    assert "Traceback" not in done.stderr


def test_a_full_disk_under_the_set_up_is_one_line_and_leaves_nothing(place: Path, tmp_path: Path) -> None:
    whole = setup(lambda message: None)
    kernel = f"{whole.vmlinux}:{whole.modules}"
    copied = (
        f'cp -a "{whole.packages}" "$SAPPER_CACHE" && cp "{whole.cache}/guest.json" "$SAPPER_CACHE" && exec "$@"'
    )
    command = [sys.executable, "-m", "sapper", "lab", "setup", "--kernel", kernel]
    done = on_small_disk(place, "30m", {"SAPPER_CACHE": str(place)}, "sh", "-c", copied, "sh", *command)
    lines = done.stderr.splitlines()
    assert done.returncode == 3, done.stderr
    assert sum(line.startswith("sapper lab setup: no space left for the lab in ") for line in lines) == 1
    assert not any(line.startswith("kernel-") or line.endswith(".partial") for line in lines)
