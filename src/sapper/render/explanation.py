"""``sapper explain`` for people: the page of a finding's code, or of a topic, and the list of all of them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from sapper.render.line import Line, Piece, Role, aligned, line
from sapper.rules.rule import Rule
from sapper.rules.topics.topic import Topic

_WIDTH = 88
_ROLES: dict[str, Role] = {"error": "bad", "warning": "doubt", "info": "note"}


def rule_lines(rule: Rule) -> list[Line]:
    """A finding's page: why, where it comes from, a bad and a good example, and how the lab shows it."""
    lines = [line(Piece(f"{rule.code}: {rule.title}", "title")), line("severity ", _severity(rule)), line()]
    lines += _paragraphs(rule.why)
    if rule.reference:
        lines += [line(), line(Piece("From: ", "faint"), rule.reference)]
    lines += _example(f"This gives {rule.code}:", rule.bad)
    lines += _example("This does not:", rule.good)
    if rule.far:
        lines += _example("Both checked together with this far end:", rule.far)
    if rule.lab:
        lines += [line(), line(Piece("In the lab", "title")), *_paragraphs(rule.lab)]
    return lines


def topic_lines(topic: Topic) -> list[Line]:
    """A topic's page."""
    lines = [line(Piece(topic.title, "title")), line(), *_paragraphs(topic.text)]
    if topic.see:
        lines += [line(), line(Piece(f"See also: {', '.join(topic.see)}", "faint"))]
    return lines


def index_lines(rules: Sequence[Rule], topics: Sequence[Topic]) -> list[Line]:
    """Every topic and every code."""
    lines = [line(Piece("Topics", "title")), *aligned([line(f"  {topic.name}", topic.title) for topic in topics])]
    rows = [line(f"  {rule.code}", _severity(rule), rule.title) for rule in rules]
    return [*lines, line(), line(Piece("Codes", "title")), *aligned(rows)]


def _severity(rule: Rule) -> Piece:
    return Piece(rule.severity, _ROLES[rule.severity])


def _paragraphs(text: str) -> Iterator[Line]:
    """Paragraphs wrapped; lines that stand alone stay alone."""
    for number, paragraph in enumerate(text.strip().split("\n\n")):
        if number:
            yield line()
        listed = ": " in paragraph.partition("\n")[0] and paragraph.count("\n") > 1
        for part in paragraph.splitlines() if listed else [" ".join(paragraph.split())]:
            for wrapped in textwrap.wrap(part, _WIDTH, subsequent_indent="  " if listed else ""):
                yield line(wrapped)


def _example(title: str, text: str) -> list[Line]:
    return [line(), line(Piece(title, "title")), *(line(Piece(f"  {each}", "note")) for each in text.splitlines())]
