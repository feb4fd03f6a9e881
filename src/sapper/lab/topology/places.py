"""Where in a TOML text a table or a key stands: the standard library's reader does not tell.

A scan by lines, of which only headers and ``key =`` are looked at. A key inside a multi-line string may be taken for
one; the first of a name in a table counts, so that what is found is at worst a place near by.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_.-]+)\s*\]\]?")
_KEY = re.compile(r"\s*(\"[^\"]*\"|'[^']*'|[A-Za-z0-9_-]+)\s*=\s*")
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")

Place = tuple[int, int]


class Places:
    """Of a text: ``table`` is a name with its number among its like, counted from 0."""

    def __init__(self, text: str) -> None:
        self.tables: dict[tuple[str, int], Place] = {}
        self.keys: dict[tuple[str, int, str], Place] = {}
        self._end: Place = (text.count("\n") + 1, len(text) - text.rfind("\n"))
        counts: dict[str, int] = {}
        table = ("", 0)
        for number, line in enumerate(text.splitlines(), start=1):
            if header := _HEADER.match(line):
                name = header[1]
                table = (name, counts.get(name, 0))
                counts[name] = table[1] + 1
                self.tables[table] = (number, line.index("[") + 1)
            elif key := _KEY.match(line):
                self.keys.setdefault((*table, key[1].strip("\"'")), (number, key.end() + 1))

    def of(self, name: str, number: int = 0, key: str | None = None) -> Place:
        """The value of a key, or the table's header, or else the start of the text."""
        if key is not None and (name, number, key) in self.keys:
            return self.keys[name, number, key]
        return self.tables.get((name, number), self.keys.get(("", 0, name), (1, 1)))

    def of_error(self, message: str) -> tuple[Place, str]:
        """The place that a message of the TOML reader names at its end, and the message without it."""
        found = _AT.search(message)
        if found is None:
            return (1, 1), message
        place = (int(found[1]), int(found[2])) if found[1] else self._end
        return place, message[: found.start()]


def unknown(name: str, known: Mapping[str, object]) -> str:
    """What to say of a name that is not known."""
    return f"unknown {name!r}; expected one of {', '.join(known)}"
