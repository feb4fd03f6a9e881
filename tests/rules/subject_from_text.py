"""From a text to what rules look at, as ``sapper check`` does it, without Plan and proof."""

from __future__ import annotations

from sapper.config.read import read
from sapper.config.upgrade import upgrade
from sapper.model.build import build
from sapper.rules.examine import examine
from sapper.rules.subject import Subject


def subject_of(text: str, path: str = "east.conf") -> Subject:
    document = read(text, path)
    upgraded = upgrade(document)
    return Subject(document=document, upgraded=upgraded, built=build(upgraded.root, upgraded.generation, "east"))


def places_of(text: str, codes: tuple[str, ...] = ("SYN", "CFG")) -> list[tuple[str, int, int]]:
    """Code, line and column of every finding whose code begins with one of ``codes``, in order."""
    subject = subject_of(text)
    found = []
    for finding in examine(subject):
        place = subject.document.source.place(finding.span.start)
        if finding.code.startswith(codes):
            found.append((finding.code, place.line, place.column))
    return found
