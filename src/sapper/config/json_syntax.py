"""Reads the JSON of the VyOS HTTP API: objects nested as the words are, a value as a string, several as a list.

The answer of the API around it (``{"success": true, "data": {…}, "error": null}``) is taken off. JSON is written by
programs, so nothing is guessed: the first thing that is no JSON, or no configuration in JSON, ends the reading.
Open objects are a list, not calls. A name given twice in an object is one node with two places.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn

from sapper.config.near import near
from sapper.config.tree import Document, Node, Source, Span, UnreadableText

_TOKEN = re.compile(
    r"[ \t\r\n]*+(?:([{}\[\]:,])|(\"(?:[^\"\\\x00-\x1f]|\\(?:[\"\\/bfnrt]|u[0-9a-fA-F]{4}))*+\")"
    r"|(-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)|([A-Za-z]\w*))"
)
_MARK, _STRING, _NUMBER, _WORD = range(1, 5)
_BLANK = re.compile(r"[ \t\r\n]*+")
_ANSWER = frozenset({"success", "error"})
_LITERALS = ("true", "false", "null")


def read_json(source: Source) -> Document:
    """The document of a text in JSON. Raises UnreadableText at the first thing that does not fit."""
    return _Reader(source).read()


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.document = Document(source, "json", Node(""))
        self.at = 1 if source.text.startswith("\ufeff") else 0
        self.open: list[
            tuple[Node, str]
        ] = []  # the node of each open object or list, and the bracket that closes it

    def read(self) -> Document:
        root = self.document.root
        self.open.append((root, "}"))
        start = self._expect("{", "an object: { before the first name")
        fresh = True
        while self.open:
            fresh = self._member(fresh) if self.open[-1][1] == "}" else self._item(fresh)
        root.extent = Span(start, self.at)
        rest = _BLANK.match(self.source.text, self.at)
        if rest and rest.end() < len(self.source.text):
            self._fail(rest.end(), "the end of the text after the object")
        return self._without_answer()

    def _member(self, fresh: bool) -> bool:
        """Read up to one member of the innermost object; ``fresh``: it has none yet. True if it opened another."""
        node, _ = self.open[-1]
        mark, group, start = self._token("a name in double quotes or }" if fresh else "a comma or }")
        if mark == "}":
            return self._close()
        if not fresh:
            if mark != ",":
                self._fail(start, "a comma or }")
            mark, group, start = self._token("a name in double quotes")
        if group != _STRING:
            self._fail(start, "a name in double quotes")
        name = json.loads(mark)
        key = Span(start, self.at)
        self._expect(":", "a colon after the name")
        value, group, at = self._token("a string, a list or an object")
        if len(self.open) == 1 and name in _ANSWER and value in _LITERALS:
            self._written(node, name, key)
            return False
        child = self._written(node, name, key)
        if value in ("{", "["):
            self.open.append((child, "}" if value == "{" else "]"))
            return True
        self._value(child, value, group, at, "a string, a list or an object")
        child.extent = Span(child.extent.start, self.at)
        return False

    def _item(self, fresh: bool) -> bool:
        node, _ = self.open[-1]
        mark, group, start = self._token("a string or ]" if fresh else "a comma or ]")
        if mark == "]":
            return self._close()
        if not fresh:
            if mark != ",":
                self._fail(start, "a comma or ]")
            mark, group, start = self._token("a string")
        self._value(node, mark, group, start, "a string: a list holds the values of one option")
        return False

    def _value(self, node: Node, token: str, group: int, start: int, expected: str) -> None:
        if group not in (_STRING, _NUMBER):
            self._fail(start, expected, token if group == _WORD else None)
        self._written(node, json.loads(token) if group == _STRING else token, Span(start, self.at))

    def _close(self) -> bool:
        node, _ = self.open.pop()
        node.extent = Span(node.extent.start, self.at)
        return False

    def _written(self, parent: Node, word: str, span: Span) -> Node:
        node = parent.add(word, span)
        if node.covers is None:
            node.extent = span
        return node

    def _token(self, expected: str) -> tuple[str, int, int]:
        """The next token, its group and where it starts."""
        found = _TOKEN.match(self.source.text, self.at)
        if found is None:
            blank = _BLANK.match(self.source.text, self.at)
            self._fail(blank.end() if blank else self.at, expected)
        self.at = found.end()
        group = found.lastindex or _MARK
        return found[group], group, found.start(group)

    def _expect(self, mark: str, expected: str) -> int:
        token, _, start = self._token(expected)
        if token != mark:
            self._fail(start, expected)
        return start

    def _fail(self, at: int, expected: str, word: str | None = None) -> NoReturn:
        """Only marks and JSON's own words are shown: anything else could be a secret without its quotes."""
        text = self.source.text
        found, hint = "something else", ""
        if at >= len(text):
            found = "the end of the text"
        elif text[at] in "{}[]:," or word in _LITERALS:
            found = f"`{word or text[at]}`"
        elif word is not None and (meant := near(word, _LITERALS)):
            hint = f"; did you mean `{meant}`?"
        raise UnreadableText(self.source.path, self.source.place(at), f"expected {expected}, found {found}{hint}")

    def _without_answer(self) -> Document:
        root = self.document.root
        data = root.children.get("data")
        if data is not None and "success" in root.children and root.children.keys() <= _ANSWER | {"data"}:
            self.document.root = Node("", None, None, data.children, None, None, 0, 0, data.extent)
        return self.document
