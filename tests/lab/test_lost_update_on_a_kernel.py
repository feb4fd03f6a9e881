"""An updown script that loses an update: the SA is up and its VTI is not, as VyOS' own script can leave it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sapper.cli.lab import prepare_files
from sapper.kernel.plan import Plan, Route
from sapper.lab.parallel import run_pairs
from sapper.lab.swanctl import updown_script

pytestmark = pytest.mark.lab
EXAMPLE = Path(__file__).parents[2] / "examples" / "vti"


def forgetful(plan: Plan, name: str, routes: tuple[Route, ...], mark: str) -> str:
    """West's script does nothing for the first SA. It runs once for each family of the selectors."""
    script = updown_script(plan, name, routes, mark)
    first = f"test -e {mark}.first || echo $PLUTO_UNIQUEID > {mark}.first"
    once = f"  up-*)\n    {first}\n    test $PLUTO_UNIQUEID = $(cat {mark}.first) && exit 0\n"
    return script.replace("  up-*)\n", once) if plan.name == "west" else script


def test_up_is_measured_with_the_vti_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sapper.lab.side.updown_script", forgetful)
    files = [str(EXAMPLE / name) for name in ("east.set", "west.set")]

    (run,) = run_pairs([prepare_files(files, None, "vti")], print, frozenset({"up"}))

    assert run.disagreements == 0
    for tunnel in run.tunnels:
        (up,) = [state for state in tunnel.states if state.state == "up"]
        assert up.delivered == up.sent > 0
