"""The report of ``sapper check`` as SARIF 2.1.0, the form that code scanning services take (OASIS standard).

Lines and columns count from 1 and the end is exclusive, as in sapper's own report; columns are Unicode code points.
A failed verdict without a finding is a result of its own, rule ``unknown/PROPERTY``, or a file would look clean.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal
from urllib.parse import quote

import msgspec

from sapper import __version__
from sapper.rules.check import detail, unexplained
from sapper.rules.report import CheckReport, FileReport, FindingReport

Level = Literal["error", "warning", "note"]
_LEVELS: dict[str, Level] = {"error": "error", "warning": "warning", "info": "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


class Message(msgspec.Struct, frozen=True):
    text: str


class Region(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    start_line: int
    start_column: int
    end_line: int
    end_column: int


class ArtifactLocation(msgspec.Struct, frozen=True):
    uri: str


class PhysicalLocation(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    artifact_location: ArtifactLocation
    region: Region | None = None


class Location(msgspec.Struct, frozen=True, rename="camel"):
    physical_location: PhysicalLocation


class Result(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    rule_id: str
    level: Level
    message: Message
    locations: tuple[Location, ...]


class Rule(msgspec.Struct, frozen=True):
    id: str


class Driver(msgspec.Struct, frozen=True, kw_only=True):
    name: str = "sapper"
    version: str = __version__
    rules: tuple[Rule, ...] = ()


class Tool(msgspec.Struct, frozen=True):
    driver: Driver


class Run(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    tool: Tool
    column_kind: Literal["unicodeCodePoints"] = "unicodeCodePoints"
    results: tuple[Result, ...] = ()


class Log(msgspec.Struct, frozen=True, kw_only=True, rename={"schema": "$schema"}):
    schema: str = _SCHEMA
    version: Literal["2.1.0"] = "2.1.0"
    runs: tuple[Run, ...] = ()


def sarif_log(report: CheckReport) -> Log:
    """One log with one run; rules are listed in order of code."""
    results = tuple(result for file in report.files for result in _file(file))
    rules = tuple(Rule(code) for code in sorted({result.rule_id for result in results}))
    return Log(runs=(Run(tool=Tool(Driver(rules=rules)), results=results),))


def _file(file: FileReport) -> Iterator[Result]:
    for finding in file.findings:
        yield _result(finding.code, _LEVELS[finding.severity], finding.message, file.path, _region(finding))
    for tunnel, name, verdict in unexplained(file):
        level: Level = "error" if verdict.verdict == "refuted" else "warning"
        text = f"{tunnel}: {name} is {verdict.verdict}{detail(verdict)}"
        yield _result(f"{verdict.verdict}/{name}", level, text, file.path, None)


def _region(finding: FindingReport) -> Region:
    return Region(
        start_line=finding.line,
        start_column=finding.column,
        end_line=finding.end_line,
        end_column=finding.end_column,
    )


def _result(code: str, level: Level, text: str, path: str, region: Region | None) -> Result:
    place = PhysicalLocation(artifact_location=ArtifactLocation(quote(path)), region=region)
    return Result(rule_id=code, level=level, message=Message(text), locations=(Location(place),))
