"""The JSON of a lab run has the contract's keys and counts."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from report_sample import STATES, run

from sapper.lab.report import LabReport, lab_report
from sapper.lab.result import TunnelState


def document(report: LabReport) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(msgspec.json.encode(report))
    return parsed


def test_it_has_the_keys_of_the_contract() -> None:
    found = document(lab_report([run()]))
    assert next(iter(found)) == "schema"
    assert found["schema"] == "sapper/lab/1"
    assert {"provider", "kernel", "ike", "tunnels", "disagreements"} <= set(found)
    assert {"router", "tunnel", "states"} <= set(found["tunnels"][0])
    wanted = {"state", "cause", "sent", "delivered", "esp", "clear_outer", "clear_inner", "injected"}
    wanted |= {"decapsulated", "seen", "predicted", "agrees"}
    for tunnel in found["tunnels"]:
        assert len(tunnel["states"]) == len(STATES)
        for state in tunnel["states"]:
            assert wanted <= set(state)


def test_disagreements_are_counted_over_all_runs_and_tunnels() -> None:
    assert document(lab_report([run(), run("other", disagree="stopped")]))["disagreements"] == 2


def test_no_frame_goes_into_the_document() -> None:
    assert b"frames" not in msgspec.json.encode(lab_report([run()]))


def test_every_field_of_a_state_is_published_or_known_to_be_private() -> None:
    published = set(document(lab_report([run()]))["tunnels"][0]["states"][0])
    assert published == set(TunnelState.__struct_fields__)
