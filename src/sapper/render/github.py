"""The report of ``sapper check`` as GitHub workflow commands: one annotation for each finding and unknown verdict.

The form is ``::error file=…,line=…::message``; percent signs and line ends are escaped in all of it, commas and
colons in the properties (GitHub's documentation of workflow commands, actions/toolkit's command module).
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.render.line import visible
from sapper.rules.check import detail, unexplained
from sapper.rules.report import CheckReport, FileReport, FindingReport

_LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def github_text(report: CheckReport) -> str:
    """One line for each annotation."""
    return "".join(f"{text}\n" for file in report.files for text in _file(file))


def _file(file: FileReport) -> Iterator[str]:
    for finding in file.findings:
        yield _annotation(_LEVELS[finding.severity], _properties(file.path, finding), finding.message)
    for tunnel, name, verdict in unexplained(file):
        level = "error" if verdict.verdict == "refuted" else "warning"
        yield _annotation(
            level, {"file": file.path, "title": f"{name} {verdict.verdict}"}, tunnel + detail(verdict)
        )


def _properties(path: str, finding: FindingReport) -> dict[str, str]:
    properties = {"file": path, "line": str(finding.line), "col": str(finding.column)}
    properties["endLine"] = str(finding.end_line)
    if finding.end_line == finding.line:
        # GitHub drops an annotation's columns when it spans lines.
        properties["endColumn"] = str(finding.end_column)
    properties["title"] = finding.code
    return properties


def _annotation(level: str, properties: dict[str, str], message: str) -> str:
    fields = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{level} {fields}::{_data(message)}"


def _data(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
