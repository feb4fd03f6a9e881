"""The import contract that keeps the fast proof out of the checker names every module of it."""

from __future__ import annotations

import configparser
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
PROOF = CHECKOUT / "src" / "sapper" / "proof"


def test_every_module_over_sets_is_forbidden() -> None:
    contracts = configparser.ConfigParser()
    contracts.read(CHECKOUT / ".importlinter")
    contract = contracts["importlinter:contract:checker"]
    forbidden = set(contract["forbidden_modules"].split())
    fast = {f"sapper.proof.{path.stem}" for path in PROOF.glob("set_*.py")}
    assert fast | {"sapper.proof.index", "sapper.proof.sets", "sapper.proof.prove"} <= forbidden
    assert contract["source_modules"].split() == ["sapper.certificate.check"]
