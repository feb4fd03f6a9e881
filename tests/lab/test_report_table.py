"""The lab's table on a terminal: predicted beside seen, and no disagreement hidden."""

from __future__ import annotations

import msgspec
from report_sample import STATES, run, state_of

from sapper.lab.table import contradicts, situations, table
from sapper.render.line import plain_text


def row(text: str, start: str) -> str:
    return next(line for line in text.splitlines() if line.strip().startswith(start))


def test_one_run_has_a_row_for_each_situation_and_tunnel() -> None:
    text = plain_text(table([run()]))
    assert text.count("✓") == 2 * len(STATES)
    assert "leak/leak" in row(text, "boot")
    assert "safe/safe" in row(text, "up ")
    assert text.splitlines()[-1] == "1 setup, 16 situations, 0 disagreements"


def test_a_disagreement_is_named_in_its_row_and_counted() -> None:
    text = plain_text(table([run(disagree="stopped")]))
    assert "safe/leak" in row(text, "stopped")
    assert row(text, "stopped").endswith("DISAGREES")
    assert text.splitlines()[-1].endswith("2 disagreements")


def test_several_runs_become_a_matrix_of_setups() -> None:
    text = plain_text(table([run("first"), run("second", disagree="up"), run("third")]))
    assert row(text, "up ").split() == ["up", "safe/safe", "leak/safe", "DISAGREES", "safe/safe"]
    listed = [line for line in text.splitlines() if line.startswith("DISAGREES")]
    assert len(listed) == 2
    assert all("second" in line and "predicted refuted, seen proved" in line for line in listed)


def test_the_worse_of_both_routers_fills_the_cell() -> None:
    sample = run("one end leaks")
    east, west = sample.tunnels
    tight = msgspec.structs.replace(
        west, states=tuple(state_of(name, cause, leaks=False) for name, cause in STATES)
    )
    both = msgspec.structs.replace(sample, tunnels=(tight, east))
    none = msgspec.structs.replace(sample, title="none leaks", tunnels=(tight, tight))
    assert row(plain_text(table([both, none])), "boot").split() == ["boot", "leak/leak", "safe/safe"]


def test_versions_and_what_was_shortened_are_said() -> None:
    text = plain_text(table([run()]))
    assert "shortened: hard lifetime 3600 s to 4 s" in text
    assert "provider vm:tcg, Linux 6.1.0-40-amd64, strongSwan 5.9.8, sapper 0.1.0" in text


def test_setups_share_rows_whatever_their_vtis_do() -> None:
    sample = run("vti")
    moved = {"up": "vti0 raised", "boot": "vti0 lowered", "crashed": "lifetime passed, vti0 raised"}
    tunnels = tuple(
        msgspec.structs.replace(
            tunnel,
            states=tuple(msgspec.structs.replace(state, variant=moved.get(state.state)) for state in tunnel.states),
        )
        for tunnel in sample.tunnels
    )
    text = plain_text(table([msgspec.structs.replace(sample, tunnels=tunnels), run("gre")]))
    assert row(text, "up ").split() == ["up", "safe/safe", "safe/safe"]
    assert row(text, "boot ").split() == ["boot", "leak/leak", "leak/leak"]
    assert row(text, "crashed (lifetime passed)").split()[-1] == "safe/safe"
    assert "raised" not in text


def test_rows_are_in_the_order_of_the_lifecycle() -> None:
    sample = run("backwards")
    tunnels = tuple(msgspec.structs.replace(tunnel, states=tunnel.states[::-1]) for tunnel in sample.tunnels)
    names = situations([msgspec.structs.replace(sample, tunnels=tunnels), run()])
    assert [name.split()[0] for name in names] == [name for name, _ in STATES]


def test_what_was_not_seen_contradicts_nothing() -> None:
    odd = msgspec.structs.replace(
        state_of("up", None, leaks=False, agrees=False), seen={"confidentiality": "refuted"}
    )
    assert contradicts(odd, "confidentiality") is (odd.predicted["confidentiality"] == "proved")
    assert not contradicts(odd, "no-bypass")
    assert not contradicts(odd, "liveness")
