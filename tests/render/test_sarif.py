"""SARIF: the parts of the standard that a code scanning service checks."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from sample_report import PROVED, REFUTED, UNKNOWN, report

from sapper.render.sarif import sarif_log
from sapper.rules.report import CheckReport


def log(sample: CheckReport) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(msgspec.json.encode(sarif_log(sample)))
    return parsed


def test_the_log_has_what_the_standard_requires() -> None:
    parsed = log(report(confidentiality=REFUTED))
    assert parsed["version"] == "2.1.0"
    (run,) = parsed["runs"]
    assert run["tool"]["driver"]["name"] == "sapper"
    known = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    for result in run["results"]:
        assert result["ruleId"] in known
        assert result["level"] in {"error", "warning", "note"}
        assert result["message"]["text"]


def test_places_are_regions_and_paths_are_uris() -> None:
    (run,) = log(report(confidentiality=REFUTED))["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "a%2Cb%3Ac%25.boot"}
    assert place["region"] == {"startLine": 3, "startColumn": 2, "endLine": 5, "endColumn": 9}


def test_a_failed_verdict_without_a_finding_is_a_result_without_region() -> None:
    (run,) = log(report(confidentiality=PROVED, liveness=UNKNOWN))["runs"]
    (extra,) = [result for result in run["results"] if "/" in result["ruleId"]]
    assert extra["ruleId"] == "unknown/liveness"
    assert "region" not in extra["locations"][0]["physicalLocation"]
    assert "policy route" in extra["message"]["text"]
