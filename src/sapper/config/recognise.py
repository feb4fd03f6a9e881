"""Which syntax a text is written in: set commands, braces, or the JSON of the HTTP API.

Nobody is asked to say it. Lines that can only belong to one syntax are counted in the first part of the text (in
all of it if that part has none); the more frequent syntax wins, so that a stray line of the other kind is a
defect of that line and not of the file.
"""

from __future__ import annotations

import re

from sapper.config.tree import Syntax

PROMPT = r"(?:[\w.-]+@[\w.-]+(?::[^\s#$]*)?[#$]|\$)[ \t]+"
"""What a shell prints before a command: ``vyos@r1# ``, ``vyos@r1:~$ ``, ``$ ``."""

_SET_LINE = re.compile(rf"^\ufeff?[ \t]*(?:{PROMPT})?(?:set|delete|comment)[ \t]+[^\s{{}}]", re.MULTILINE)
_WORD = r"[^\s{}'\"]+"
_BRACES_LINE = re.compile(
    rf"^\ufeff?[ \t]*(?:\}}|{_WORD}(?:[ \t]+(?:{_WORD}|'[^'\n]*'|\"[^\"\n]*\"))?[ \t]*\{{)", re.MULTILINE
)
_FOOTER_LINE = re.compile(r"^[ \t]*(?:// vyos-config-version:|/\* === vyatta-config-version:)", re.MULTILINE)
_JSON_START = re.compile(r"\ufeff?\s*(?:\{\s*[\"}]|\[\s*[\[{\"\]])")
_SAMPLE_CHARACTERS = 20_000


def recognise(text: str) -> Syntax | None:
    """The syntax, or None if no line of the text belongs to any."""
    if _JSON_START.match(text):
        return "json"
    found = _majority(text[:_SAMPLE_CHARACTERS])
    if found is None and len(text) > _SAMPLE_CHARACTERS:
        found = _majority(text)
    return found


def _majority(text: str) -> Syntax | None:
    set_lines = len(_SET_LINE.findall(text))
    braces_lines = len(_BRACES_LINE.findall(text))
    if set_lines or braces_lines:
        return "set" if set_lines >= braces_lines else "braces"
    return "braces" if _FOOTER_LINE.search(text) else None
