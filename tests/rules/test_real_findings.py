"""Real configurations load on a real VyOS, so no rule may say that VyOS refuses one, or that a word is unknown."""

from __future__ import annotations

from pathlib import Path

import pytest
from subject_from_text import subject_of

from sapper.rules.examine import examine

CONFIGS = Path(__file__).parents[3] / "shared" / "oracles" / "vyos-configs"
NAMES = sorted(path.name for path in CONFIGS.glob("*") if path.suffix in (".boot", ".set"))

REMARKS: dict[str, list[str]] = {
    "bgp-evpn-l2vpn-leaf": ["CFG350"],
    "tunnel-broker": ["CFG355", "CFG355", "CFG355"],
}
"""What VyOS takes and silently leaves unused, or only remarks on, by the stem of the file."""


@pytest.mark.skipif(not NAMES, reason="the real configurations are not here")
@pytest.mark.parametrize("name", NAMES or ["none"])
def test_a_real_configuration_has_no_finding_of_text_or_configuration(name: str) -> None:
    findings = [
        finding
        for finding in examine(subject_of((CONFIGS / name).read_text()))
        if finding.code.startswith(("SYN", "CFG"))
    ]
    assert [finding for finding in findings if finding.severity == "error"] == []
    assert [finding.code for finding in findings] == REMARKS.get(name.split(".")[0], [])
