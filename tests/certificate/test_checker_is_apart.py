"""The import contract that keeps the fast proof out of the checker names all of it."""

from __future__ import annotations

import configparser
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
PROOF = CHECKOUT / "src" / "sapper" / "proof"


ROOMS = {"facts", "index", "over_sets", "properties", "sets", "states", "walk"}
"""A new room needs a thought about this contract."""


def test_the_fast_proof_is_forbidden() -> None:
    contracts = configparser.ConfigParser()
    contracts.read(CHECKOUT / ".importlinter")
    contract = contracts["importlinter:contract:checker"]
    forbidden = set(contract["forbidden_modules"].split())
    fast = {f"sapper.proof.{name}" for name in ("over_sets", "index", "sets", "prove", "standing", "change")}
    assert fast <= forbidden
    assert {path.name for path in PROOF.iterdir() if path.is_dir()} - {"__pycache__"} == ROOMS
    assert contract["source_modules"].split() == ["sapper.certificate.check"]
