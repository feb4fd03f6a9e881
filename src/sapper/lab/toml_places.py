"""Where a key of a TOML document stands: ``tomllib`` gives values without places.

Good for complaints about files that people write: tables by their headers, arrays of tables by their order, keys by
the beginning of their line or inside of an inline table. A path that is nowhere in the text falls back to the
longest part of it that is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sapper.config.source import Source, UnreadableText

_HEADER = re.compile(r"[ \t]*(\[\[?)[ \t]*([^\]#\n]+?)[ \t]*\]")
_KEY = re.compile(
    r"[ \t]*((?:[A-Za-z0-9_-]+|\"[^\"\n]*\")(?:[ \t]*\.[ \t]*(?:[A-Za-z0-9_-]+|\"[^\"\n]*\"))*)[ \t]*="
)

Path = tuple[str | int, ...]


class Places:
    """The places of one document's keys. A path has names of keys and, for an array of tables, numbers from 0."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._found: dict[Path, tuple[int, int]] = {}
        self._scan()

    def complaint(self, message: str, *path: str | int) -> UnreadableText:
        """The message, at the place of that path."""
        return self.complaint_at(self._offset(path), message)

    def complaint_at(self, offset: int, message: str) -> UnreadableText:
        """The message, at that offset in the text."""
        return UnreadableText(self.source.path, self.source.place(min(offset, len(self.source.text))), message)

    def _offset(self, path: Path) -> int:
        for length in range(len(path), 0, -1):
            if path[:length] in self._found:
                return self._within(*self._found[path[:length]], path[length:])
        return 0

    def _within(self, start: int, end: int, rest: Path) -> int:
        """The key of an inline table or the item of an array of them, in the text of its value."""
        at, began = start, start
        for word in rest:
            if isinstance(word, int):
                for _ in range(word + 1):
                    at = max(at, self.source.text.find("{", at + 1, end))
                continue
            found = re.compile(rf"[{{,\s](\"?{re.escape(word)}\"?)\s*=").search(self.source.text, at, end)
            if found is None:
                return began
            at = began = found.start(1)
        return at

    def _scan(self) -> None:
        table: Path = ()
        open_key: tuple[Path, int] | None = None
        for start, line in self._lines():
            header, key = _HEADER.match(line), _KEY.match(line)
            if not header and not key:
                continue
            if open_key is not None:
                self._found[open_key[0]] = (open_key[1], start)
                open_key = None
            if header:
                table = self._enter(header[2], array=len(header[1]) == 2)
                self._found[table] = (start + header.start(1), start + header.end())
            elif key:
                open_key = ((*table, *_names(key[1])), start + key.start(1))
        if open_key is not None:
            self._found[open_key[0]] = (open_key[1], len(self.source.text))

    def _lines(self) -> Iterator[tuple[int, str]]:
        at = 0
        for line in self.source.text.splitlines(keepends=True):
            yield at, line
            at += len(line)

    def _enter(self, header: str, *, array: bool) -> Path:
        """The full path of a header: its parents' last items, and its own next one where it is an array's."""
        path: Path = ()
        names = _names(header)
        for position, name in enumerate(names):
            path = (*path, name)
            count = sum(known[:-1] == path and isinstance(known[-1], int) for known in self._found if known)
            if array and position == len(names) - 1:
                self._found.setdefault(path, (0, 0))
                path = (*path, count)
            elif count:
                path = (*path, count - 1)
        return path


def _names(text: str) -> Path:
    return tuple(part.strip().strip('"') for part in re.split(r"\.(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", text))
