"""Reads ``set`` commands, one per line, as a router prints them or a person types them.

Words are split as a shell does: single quotes, double quotes, backslash, ``#`` comments at the start of a word.
``delete`` removes what stands above it, ``comment`` notes a node. A shell prompt before the command is skipped,
and so are the session's own words (``configure``, ``commit``, ``save``, ``exit``, ``[edit]``). Every line stands
alone: what cannot be read is a defect, and reading goes on with the next line. Work is linear in the text.

Reading sorts the commands by their first three words and looks at the rest of a line only for what could be wrong
with it; the nodes below are made when somebody looks there.
"""

from __future__ import annotations

import re
from itertools import repeat

from sapper.config.footer import read_footer_line
from sapper.config.near import near
from sapper.config.recognise import PROMPT
from sapper.config.set_lines import SetLines, commands, note, plain_words
from sapper.config.set_words import Shell, next_line
from sapper.config.tree import Defect, Document, Node, Source, Span

_LINE = re.compile(
    rf"[ \t\r]*(?:(?P<blank>(?:\#[^\n]*)?(?:\n|\Z))|(?P<foreign>//[^\n]*|/\*[^\n]*?\*/)"
    rf"|(?:{PROMPT})?(?:(?P<verb>set|delete|comment)(?=[ \t\r\n]|\Z)"
    rf"|(?P<session>(?:\#[^\n]*|configure|commit|save|exit|\[edit\])?[ \t\r]*(?:\n|\Z))))"
)
_NODE_NAME = re.compile(r"[a-z][a-z-]*(?:v[346]|(?:route|list)6)?")
_FIRST_WORD = re.compile(rf"(?:{PROMPT})?([^\s'\"{{}}]+)")
_EXPECTED = "expected set, delete or comment and a path"
_CHARACTERS_AT_ONCE = 16_384
_SORTED_BY = 3
_UNUSUAL = ('"', "\\", "#", "\t")

Sections = dict[str, dict[str, dict[str, dict[str, list[int]]]]]
"""The commands of each section that nobody looked at yet, by ``set`` and the three words after it."""


def read_set(source: Source) -> Document:
    """The document of a text in set commands. Never fails; what could not be read is in its defects."""
    return _Reader(source).read()


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.lines = SetLines(source)
        self.document = Document(source, "set", Node("", None, None, {}, self.lines, None, -1))
        self.shell = Shell(source.text)
        self.shell.defects = self.document.defects
        self.comments: list[tuple[list[str], str, Span]] = []
        self.number = 0  # of the line that is read next
        self.sections: Sections = {}
        returns = self.text.count("\r")
        self.from_windows = returns > 0 and returns == self.text.count("\r\n")
        marks = _UNUSUAL if self.from_windows or not returns else (*_UNUSUAL, "\r")
        self.unusual = dict.fromkeys(marks, -1)

    def read(self) -> Document:
        text = self.text
        at = 0
        if text.startswith("\ufeff"):
            at = self._line(1)
        while at < len(text):
            stop = self._usual_until(at)
            at = self._run(at, stop) if stop > at else self._line(at)
        for path, words, span in self.comments:
            node = self.document.root.find(*path)
            if node is None:
                self._defect("SYN004", "a comment for a path that is not set here; skipped", span.start, span.end)
            else:
                node.comment = words or None
                self.document.remarks.append((node, span))
        self.document.defects.sort(key=lambda defect: defect.span)
        return self.document

    def _usual_until(self, at: int) -> int:
        """The start of the next line with an unusual character in it, or of one that is far enough away."""
        text = self.text
        nearest = min(len(text), at + _CHARACTERS_AT_ONCE)
        for mark, known in self.unusual.items():
            found = known
            if found < at:
                found = text.find(mark, at)
                self.unusual[mark] = found = len(text) if found < 0 else found
            nearest = min(nearest, found)
        return nearest if nearest == len(text) else text.rfind("\n", at, nearest) + 1 or at

    def _run(self, at: int, stop: int) -> int:
        """Read whole lines without unusual characters; returns where it left off."""
        chunk = self.text[at:stop]
        if self.from_windows:
            chunk = chunk.replace("\r\n", "\n")
        lines = chunk.split("\n")
        if not lines[-1]:
            lines.pop()
        sections = self.sections
        number = before = self.number
        quoted = map(str.count, lines, repeat("'"))
        for number, (line, quotes) in enumerate(zip(lines, quoted, strict=True), before):
            try:
                verb, first, second, third, _ = line.split(" ", _SORTED_BY + 1)
                section = sections[verb][first][second][third]
            except (KeyError, ValueError):
                pass
            else:
                if not quotes or quotes == 2:
                    section.append(number)
                    continue
            if line and not self._new_section(number, line, quotes):
                self.number = number
                at = self._line(self.source.line_starts[number])
                if self.number != number + 1:
                    return at
        self.number = number + 1
        return stop

    def _new_section(self, number: int, line: str, quotes: int) -> bool:
        """Take a usual line that is the first of its section or has no more words than one; False if it is not."""
        if not line.startswith("set ") or quotes not in (0, 2):
            return False
        words = plain_words(line)
        if words is None:
            return False
        section = self._place(number, words)
        if section is not None and "'" not in "".join(line.split(" ", _SORTED_BY + 1)[:-1]):
            first, second, third = words[:_SORTED_BY]
            self.sections.setdefault("set", {}).setdefault(first, {}).setdefault(second, {})[third] = section
        return True

    def _place(self, number: int, words: list[str]) -> list[int] | None:
        """Put a command where it belongs; the list of commands that it went into, if there is one."""
        node = self.document.root
        if len(words) <= _SORTED_BY:
            for index, word in enumerate(words):
                node = self._child(node, word, index)
            note(node, [number])
            return None
        for index, word in enumerate(words[:_SORTED_BY]):
            node = self._child(node, word, index)
        if node.below is None:
            node.below = []
        if isinstance(node.below, list):
            node.below.append(number)
            return node.below
        self.lines.insert(node, words[_SORTED_BY:], number)
        return None

    def _child(self, node: Node, word: str, index: int) -> Node:
        child = node.children.get(word)
        if child is None:
            child = node.children[word] = Node(word, None, None, None, self.lines, None, index)
        return child

    def _line(self, at: int) -> int:
        """Read the line that starts at ``at`` and what belongs to it; returns where the next one starts."""
        start, number = at, self.number
        while at < len(self.text):
            at = self._part(at, alone=at == start)
            if self.text[at - 1] == "\n":
                break
        self.number = number + self.text.count("\n", start, at)
        return at

    def _part(self, at: int, alone: bool) -> int:
        found = _LINE.match(self.text, at)
        if found is None:
            return self._skip(at)
        if found["foreign"] is not None:
            return self._foreign_comment(found.start("foreign"), found["foreign"])
        verb = found["verb"]
        if verb is None:
            return found.end()
        defects = len(self.document.defects)
        statement, end = self.shell.split(found.end())
        words, spans = statement
        if not words or (verb == "comment" and len(words) < 2):
            wanted = "a path and a text" if verb == "comment" else "a path"
            self._defect("SYN004", f"{verb} without {wanted}; skipped", found.start("verb"), found.end())
        elif verb == "set":
            if not alone or defects < len(self.document.defects) or self.text.find("\n", at, end - 1) >= 0:
                self.lines.kept[self.number] = statement
            self.lines.unusual.add(self.number)
            self._place(self.number, words)
        elif verb == "delete":
            self._delete(words, self.text[spans[-1].start] in "'\"")
        else:
            self.comments.append((words[:-1], words[-1], Span(found.start("verb"), spans[-1].end)))
        return end

    def _delete(self, words: list[str], quoted: bool) -> None:
        """Remove a node; a leaf that loses its last value goes with it.

        Without a schema, a word is taken for a value if it was quoted or does not look like a node's name.
        """
        self.sections.clear()
        *above, last = words
        parent = self.document.root.find(*above)
        removed = parent.children.pop(last, None) if parent is not None else None
        if parent is None or removed is None:
            return
        note(parent, commands(removed))
        if not parent.children and above and (quoted or not _NODE_NAME.fullmatch(last)):
            owner = self.document.root.find(*above[:-1])
            if owner is not None:
                note(owner, commands(owner.children.pop(parent.word)))

    def _foreign_comment(self, at: int, comment: str) -> int:
        end = at + len(comment.rstrip())
        text = comment[2:-2] if comment.startswith("/*") else comment[2:]
        if not read_footer_line(self.document, text.strip()):
            self._defect("SYN005", "set commands have no such comment; write # instead", at, end)
        rest = self.text[end : self.source.line_end(end)]
        return end if rest.strip(" \t\r") else next_line(self.text, end)

    def _skip(self, at: int) -> int:
        after = next_line(self.text, at)
        line = self.text[at:after]
        if words := line.strip():
            start = at + line.index(words)
            first = _FIRST_WORD.match(words)
            meant = near(first[1], ("set", "delete", "comment")) if first else None
            hint = f"; `{first[1]}` is no command, did you mean `{meant}`?" if first and meant else ""
            message = f"no set command; {_EXPECTED}; the line was skipped{hint}"
            self._defect("SYN004", message, start, start + len(words))
        return after

    def _defect(self, code: str, message: str, start: int, end: int) -> None:
        self.document.defects.append(Defect(code, message, Span(start, end)))
