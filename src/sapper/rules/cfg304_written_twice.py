"""CFG304: an option with one value is written twice, and the second value silently replaces the first.

Two values on one line of a saved configuration are SYN006's business and not told twice.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import TUNNEL
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject
from sapper.schema.validate import Problem

RULE = Rule(
    code="CFG304",
    title="an option that is written twice",
    severity="warning",
    why=(
        "VyOS keeps the last value and says nothing. It mostly happens when a block is copied to make a second "
        "interface and its name is left as it was: then there is one interface with the options of two."
    ),
    bad=TUNNEL
    + "set interfaces tunnel tun0 parameters ip key 10\nset interfaces tunnel tun0 parameters ip key 20\n",
    good=TUNNEL + "set interfaces tunnel tun0 parameters ip key 10\n",
)

_KINDS = {"tunnel": "tunnels", "vti": "VTIs", "dummy": "dummy interfaces", "bridge": "bridges"}


def find(subject: Subject) -> Iterator[Finding]:
    one_line = [defect.span for defect in subject.document.defects if defect.code == "SYN006"]
    for problem in subject.problems:
        if problem.kind != "written-twice" or problem.first is None:
            continue
        if any(span.start <= problem.span.start < span.end for span in one_line):
            continue
        first = subject.line_column(problem.first)
        message = f"{problem.message}, written at {first}: VyOS silently keeps the last value{_two_names(problem)}"
        yield RULE.finding(message, problem.path, problem.span)


def _two_names(problem: Problem) -> str:
    """Inside one interface it is probably the name that was meant to differ."""
    words = problem.path.split()
    if len(words) < 4 or words[0] != "interfaces":
        return ""
    return f". `{words[2]}` is written twice here: two {_KINDS.get(words[1], 'interfaces')} need two names"
