"""Ask every rule about one subject."""

from __future__ import annotations

from sapper.rules.finding import Finding
from sapper.rules.register import RULES
from sapper.rules.subject import Subject
from sapper.rules.written import as_written, written_peers


def examine(subject: Subject) -> list[Finding]:
    """All findings in order of their places in the text, then of their codes; the same finding only once."""
    renamed = written_peers(subject)
    found = {as_written(finding, renamed): None for rule in RULES for finding in rule.find(subject)}
    return sorted(found, key=lambda finding: (finding.span, finding.code, finding.path))
