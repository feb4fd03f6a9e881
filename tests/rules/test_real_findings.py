"""Real configurations load on a real VyOS, so no rule may say that VyOS refuses one, or that a word is unknown."""

from __future__ import annotations

from pathlib import Path

import pytest
from subject_from_text import places_of

CONFIGS = Path(__file__).parents[3] / "shared" / "oracles" / "vyos-configs"
NAMES = sorted(path.name for path in CONFIGS.glob("*") if path.suffix in (".boot", ".set"))


@pytest.mark.skipif(not NAMES, reason="the real configurations are not here")
@pytest.mark.parametrize("name", NAMES or ["none"])
def test_a_real_configuration_has_no_finding_of_text_or_configuration(name: str) -> None:
    assert places_of((CONFIGS / name).read_text()) == []
