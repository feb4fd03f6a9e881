"""Findings whose facts an earlier room already has: defects of the text, notes of the upgrade, assumptions of the
model, problems of the validation. The rule gives them their code, severity and page.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject
from sapper.schema.validate import ProblemKind


def from_defects(subject: Subject, rule: Rule) -> Iterator[Finding]:
    for defect in subject.document.defects:
        if defect.code == rule.code:
            yield rule.finding(defect.message, "", defect.span)


def from_notes(subject: Subject, rule: Rule) -> Iterator[Finding]:
    for note in subject.notes:
        if note.code == rule.code:
            yield rule.finding(note.message, " ".join(note.path), note.span)


def from_assumptions(subject: Subject, rule: Rule) -> Iterator[Finding]:
    for assumed in subject.defaulted:
        if assumed.code == rule.code:
            yield rule.finding(assumed.message, assumed.path, assumed.span)


def from_problems(subject: Subject, rule: Rule, *kinds: ProblemKind) -> Iterator[Finding]:
    for problem in subject.problems:
        if problem.kind in kinds:
            hint = f"; did you mean `{problem.suggestion}`?" if problem.suggestion else ""
            yield rule.finding(f"{problem.message}: VyOS refuses it{hint}", problem.path, problem.span)
