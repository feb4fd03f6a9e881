"""Changes a text of set commands line by line into another tree.

A line whose path the tree still has stays. One whose path it has no longer makes room for the commands that came
from it, at the same place; a new command that came from a line that stays follows that line.
"""

from __future__ import annotations

import re
from collections import defaultdict

from sapper.config.print_set import quote
from sapper.config.shape import Path, Shape
from sapper.config.source import Span
from sapper.config.splice import Splice, line_start, new_line
from sapper.config.tree import Document, Node

_QUOTED_VALUE = re.compile(r" '[^'\n]*'[ \t\r]*$", re.MULTILINE)
_VERB = re.compile(r"(?:set|comment)(?=[ \t])")
_VALUED = ("leaf", "multi")


def patch_set(document: Document, root: Node, shape: Shape) -> list[Splice]:
    """The splices that make the document's text one of ``root``."""
    return _Lines(document, shape).changes(root)


class _Lines:
    def __init__(self, document: Document, shape: Shape) -> None:
        self.document = document
        self.text = document.source.text
        self.shape = shape
        self.quotes_values = _QUOTED_VALUE.search(self.text) is not None
        self.made: dict[int, list[str]] = defaultdict(list)  # new lines, by the start of the line they go before

    def changes(self, root: Node) -> list[Splice]:
        wanted = dict(root.walk())
        written = self._written()
        kept = {path for path, _ in written.values() if path in wanted}
        splices = [Splice(start, self._after(end)) for start, (path, end) in written.items() if path not in wanted]
        removed = {splice.start for splice in splices}
        for path, node in wanted.items():
            if not node.children and path not in kept:
                self._command(path, wanted, removed)
        splices += self._comments(wanted)
        ending = new_line(self.text)
        missing = "" if self.text.endswith("\n") or not self.text else ending
        for at, lines in self.made.items():
            new = "".join(f"{line}{ending}" for line in lines)
            splices.append(Splice(at, at, missing + new if at == len(self.text) else new))
        return splices

    def _written(self) -> dict[int, tuple[Path, int]]:
        """For the start of each line with a command: the path it writes, and the end of its last word."""
        found: dict[int, tuple[Path, int]] = {}
        for path, node in self.document.root.walk():
            for span in node.spans:
                start = self._start(span)
                if start not in found or len(found[start][0]) < len(path):
                    found[start] = (path, span.end)
        return found

    def _start(self, span: Span) -> int:
        """Where the command of a word starts: at its line, unless a backslash continues the line before it."""
        start = line_start(self.text, span.start)
        while self.text.endswith(("\\\n", "\\\r\n"), max(0, start - 3), start):
            start = line_start(self.text, start - 1)
        return start

    def _command(self, path: Path, wanted: dict[Path, Node], removed: set[int]) -> None:
        """Note one new command where it came from."""
        nodes = (wanted[path[:length]] for length in range(len(path), 0, -1))
        place = next((node.span for node in nodes if node.spans), None)
        start = self._start(place) if place is not None else len(self.text)
        words = [quote(word) for word in path]
        was_quoted = place is not None and self.text[place.start] in "'\""
        if was_quoted or (self.quotes_values and self.shape(path[:-1]) in _VALUED):
            words[-1] = quote(path[-1], always=True)
        at = start if start in removed or place is None else self._after(place.end)
        self.made[at].append(f"{self._before_verb(start)}set {' '.join(words)}")

    def _comments(self, wanted: dict[Path, Node]) -> list[Splice]:
        """Comment commands of nodes that have another path now, or none."""
        paths = {id(node): path for path, node in self.document.root.walk()}
        missing = {path: node.comment for path, node in wanted.items() if node.comment}
        moved: list[tuple[int, str]] = []
        splices: list[Splice] = []
        for node, span in self.document.remarks:
            path = paths.get(id(node), ())
            if node.comment and missing.get(path) == node.comment:
                del missing[path]
            else:
                start = line_start(self.text, span.start)
                splices.append(Splice(start, self._after(span.end)))
                moved.append((start, node.comment or ""))
        for path, comment in missing.items():
            at = next((start for start, said in moved if said == comment), len(self.text))
            command = f"comment {' '.join(map(quote, path))} {quote(comment or '', always=self.quotes_values)}"
            self.made[at].append(f"{self._before_verb(at)}{command}")
        return splices

    def _before_verb(self, start: int) -> str:
        """The indentation and prompt of a line."""
        verb = _VERB.search(self.text, start, self.document.source.line_end(start))
        return self.text[start : verb.start()] if verb else ""

    def _after(self, at: int) -> int:
        """Where the line behind that offset starts."""
        return min(self.document.source.line_end(at) + 1, len(self.text))
