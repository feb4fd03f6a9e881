"""Write the JSON Schema of every published document to docs/schema, from the records that produce it.

``python tools/schemas.py`` writes, ``--check`` only compares and exits with 1 where a file is stale.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from sapper.certificate.document import Certificate
from sapper.cli.certificate import VerificationReport
from sapper.cli.explain import Explained
from sapper.cli.fix import FixReport
from sapper.lab.report import LabReport
from sapper.lab.scenario_report import ScenarioReport
from sapper.mtu.document import ConfigReport, StackReport
from sapper.rules.report import CheckReport

DIRECTORY = Path(__file__).resolve().parent.parent / "docs" / "schema"
DOCUMENTS: dict[str, tuple[Any, ...]] = {
    "certificate": (Certificate,),
    "check": (CheckReport,),
    "explain": (Explained,),
    "fix": (FixReport,),
    "lab": (LabReport,),
    "scenario": (ScenarioReport,),
    "mtu": (StackReport, ConfigReport),
    "verify": (VerificationReport,),
}
"""Each document's records; one that has several is one of them."""


def schema_text(name: str) -> str:
    """The schema of one document, as its file has it."""
    found, definitions = msgspec.json.schema_components(DOCUMENTS[name], ref_template="#/$defs/{name}")
    for definition in definitions.values():
        _require_everything(definition)
    schema = {**(found[0] if len(found) == 1 else {"anyOf": list(found)}), "$defs": definitions}
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"sapper {name}: the document of sapper/{name}/1",
        **schema,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def stale() -> list[str]:
    """The names of documents whose file is missing or differs."""
    return [name for name in DOCUMENTS if not _path(name).exists() or _path(name).read_text() != schema_text(name)]


def main(words: list[str]) -> int:
    if words == ["--check"]:
        for name in stale():
            print(f"{_path(name).name} is stale; run: python tools/schemas.py", file=sys.stderr)
        return 1 if stale() else 0
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    for name in DOCUMENTS:
        _path(name).write_text(schema_text(name))
    return 0


def _require_everything(definition: dict[str, Any]) -> None:
    """Every key is always written, so a reader may rely on it; records' defaults say nothing about the output."""
    if definition.get("type") == "object" and "properties" in definition:
        definition["required"] = list(definition["properties"])
        for value in definition["properties"].values():
            value.pop("default", None)


def _path(name: str) -> Path:
    return DIRECTORY / f"{name}.json"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
