"""``sapper lab run`` as a whole process: it can contradict, it can be interrupted, two of them do not meet, and the
key is in no process list."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sapper.cli.lab import prepare_files
from sapper.lab.guest import Guest
from sapper.lab.rig import Rig
from sapper.lab.swanctl import Timers

pytestmark = pytest.mark.lab
ROOT = Path(__file__).parents[2]
CANONICAL = ["examples/canonical/east.set", "examples/canonical/west.set"]
SECRET = "correct-horse-battery-tunnel"


def lab_run(*words: str, source: Path = ROOT / "src") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "sapper", "lab", "run", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(source)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,
    )


def heed_interrupts() -> None:
    """A shell without job control starts what it puts into the background with SIGINT ignored, and so its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_a_wrong_model_is_contradicted(tmp_path: Path) -> None:
    """`start` treated as a trap: the proof then believes that a policy is there before the SA is."""
    broken = tmp_path / "src"
    shutil.copytree(ROOT / "src", broken, ignore=shutil.ignore_patterns("__pycache__"))
    lifecycle = broken / "sapper/proof/states/lifecycle.py"
    line = '(start_action == "trap")'
    assert lifecycle.read_text().count(line) == 1
    lifecycle.write_text(lifecycle.read_text().replace(line, '(start_action in ("trap", "start"))'))

    done = lab_run(*CANONICAL, "--states", "boot,negotiating", "--format", "json", source=broken)
    out, err = done.communicate(timeout=240)

    assert done.returncode == 1, err
    report = json.loads(out)
    wrong = [
        (tunnel["router"], state["state"])
        for tunnel in report["tunnels"]
        for state in tunnel["states"]
        if not state["agrees"]
    ]
    assert wrong == [("east", "negotiating")]
    assert report["disagreements"] == 1


def test_two_runs_at_once_do_not_disturb_each_other() -> None:
    pair = [lab_run(*CANONICAL, "--states", "boot,up", "--format", "json") for _ in range(2)]
    for process in pair:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        assert json.loads(out)["disagreements"] == 0
        assert SECRET not in out + err


def test_the_key_is_in_no_process_list_of_the_guest() -> None:
    setup = prepare_files(list(map(str, (ROOT / name for name in CANONICAL))), None)
    with Guest() as guest:
        rig = Rig(guest, setup.topology, setup.sides, Timers())
        rig.build()
        rig.start()
        rig.load()
        rig.establish()
        look = (
            "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ /sapper-lab/*/charon.log /sapper-lab/*/strongswan.conf"
        )
        shown = rig.ask("run", words=["sh", "-c", f"{look} 2>/dev/null | tr '\\0' '\\n'"])["out"]

    assert "charon" in shown
    assert SECRET not in shown
