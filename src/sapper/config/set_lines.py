"""Where the nodes of a text in set commands stand, and what is below those that nobody looked at yet.

A command is known by the number of its line. A node's ``at`` names the commands noted at the node itself, for most
those that end there; every command below it writes its word too. So no place is stored: it is read off the line
when it is wanted. Only commands that do not read the same by themselves, because they go over several lines or have
a defect, are kept as they were read.
"""

from __future__ import annotations

import re
from sys import intern

from sapper.config.recognise import PROMPT
from sapper.config.set_words import Shell, Statement
from sapper.config.source import Source, Span
from sapper.config.tree import Node

# What the router itself prints: single spaces, at most the last word in quotes. Anything else takes the slow way.
_PRINTED = re.compile(r"set((?: [^\s'\"\\#]+)+)(?: '([^'\n]*)')?[ \t\r]*(?:\n|\Z)")
_VERB = re.compile(rf"\ufeff?[ \t\r]*(?:{PROMPT})?(?:set|delete|comment)(?=[ \t\r\n]|\Z)")


class SetLines:
    """The commands of one text. ``kept`` are those that are not read again, ``unusual`` those with more than words
    and one quoted value.
    """

    __slots__ = ("_last", "_shell", "_source", "kept", "unusual")

    def __init__(self, source: Source) -> None:
        self._source = source
        self._shell = Shell(source.text)
        self._last: tuple[int, Statement] = (-1, Statement([], []))
        self.kept: dict[int, Statement] = {}
        self.unusual: set[int] = set()

    def spans(self, node: Node) -> list[Span]:
        return [self._place(number, node.index) for number in commands(node)] if node.index >= 0 else []

    def extent(self, node: Node) -> Span:
        numbers = commands(node)
        if not numbers:
            return Span(0, 0)
        return Span(self._place(numbers[0], max(node.index, 0)).start, self._end(numbers[-1]))

    def unfold(self, node: Node) -> dict[str, Node]:
        """The children of a node whose ``below`` is the list of the commands that go on after its word."""
        numbers, node.below = node.below, {}
        children: dict[str, Node] = node.below
        assert isinstance(numbers, list)
        index = node.index + 1
        text, starts, unusual = self._source.text, self._source.line_starts, self.unusual
        above = ""  # what the section's lines begin with as a router prints them
        for number in numbers:
            if above and number not in unusual:
                line = text[starts[number] : starts[number + 1] - 1]
                name, option = option_and_value(line[len(above) :]) if line.startswith(above) else ("", "")
                if name and name not in children:
                    children[intern(name)] = Node(name, None, None, option, self, number, index)
                    continue
            words = self.words(number)
            if len(words) == index:
                note(node, [number])
                continue
            self.insert(node, words[index:], number)
            if not above and number not in unusual:
                above = f"set {' '.join(words[:index])} "
        return children

    def insert(self, node: Node, words: list[str], number: int) -> None:
        """Note that a command goes on after the node with these words."""
        *above, last = words
        index = node.index
        for word in above[:-1]:
            node = self._below(node, word, number)
        index = node.index + 1
        if above:
            leaf = node.children.get(above[-1])
            if leaf is None:
                name = intern(above[-1])
                node.children[name] = Node(name, None, None, last, self, number, index)
                return
            node = leaf
            index += 1
        value = node.children.get(last)
        if value is None:
            node.children[last] = Node(last, None, None, None, self, number, index)
        else:
            note(value, [number])

    def _below(self, node: Node, word: str, number: int) -> Node:
        children = node.children
        child = children.get(word)
        if child is None:
            word = intern(word)
            # The command is noted here too, so that the node has a place whatever is taken from below it.
            child = children[word] = Node(word, None, None, None, self, number, node.index + 1)
        return child

    def words(self, number: int) -> list[str]:
        """The words of a command, its verb left out."""
        line = self._usual_line(number)
        words = plain_words(line) if line is not None else None
        return self.statement(number).words if words is None else words

    def _place(self, number: int, index: int) -> Span:
        """Where a command's word stands, without reading the rest of it if the line is as a router prints it."""
        line = self._usual_line(number)
        parts = line.split(" ", index + 2) if line is not None else []
        if len(parts) < index + 2 or "'" in parts[index + 1] or "" in parts:
            return self.statement(number).spans[index]
        start = self._source.line_starts[number] + sum(map(len, parts[: index + 1])) + index + 1
        return Span(start, start + len(parts[index + 1]))

    def _end(self, number: int) -> int:
        """Where a command's last word ends. A usual line has no comment, and closes its quotes."""
        line = self._usual_line(number)
        if line is None:
            return self.statement(number).spans[-1].end
        return self._source.line_starts[number] + len(line.rstrip(" \t\r"))

    def _usual_line(self, number: int) -> str | None:
        """The command's line; None if it is unusual."""
        if number in self.unusual:
            return None
        starts = self._source.line_starts
        return self._source.text[starts[number] : starts[number + 1] - 1].removesuffix("\r")

    def statement(self, number: int) -> Statement:
        """The words of a command and their places."""
        if number == self._last[0]:
            return self._last[1]
        statement = self.kept.get(number) or self._read(self._source.line_starts[number])
        self._last = (number, statement)
        return statement

    def _read(self, at: int) -> Statement:
        text = self._source.text
        printed = _PRINTED.match(text, at)
        if printed is None:
            verb = _VERB.match(text, at)
            assert verb is not None
            return self._shell.split(verb.end())[0]
        words = printed[1][1:].split(" ")
        spans: list[Span] = []
        at = printed.start(1) + 1
        for word in words:
            spans.append(Span(at, at + len(word)))
            at += len(word) + 1
        if printed[2] is not None:
            words.append(printed[2])
            spans.append(Span(printed.start(2) - 1, printed.end(2) + 1))
        return Statement(words, spans)


def plain_words(line: str) -> list[str] | None:
    """The words of ``set a b 'c d'`` without its verb; None if quotes or blanks stand anywhere else."""
    if "'" not in line:
        words = line.split(" ")
        del words[0]
    else:
        path, quote, value = line[:-1].partition(" '")
        if not quote or line[-1] != "'" or "'" in path or "'" in value:
            return None
        words = path.split(" ")
        if "" in words:
            return None
        del words[0]
        words.append(value)
        return words
    return None if "" in words else words


def option_and_value(rest: str) -> tuple[str, str]:
    """The words of a line's rest ``mtu '1400'``; two empty ones if it is anything else."""
    name, _, value = rest.partition(" ")
    if value[:1] == "'" == value[-1:] and len(value) > 1:
        value = value[1:-1]
    elif " " in value or not value:
        return "", ""
    return ("", "") if "'" in value or "'" in name or "\r" in value else (name, value)


def commands(node: Node) -> list[int]:
    """The numbers of all commands that write the node's word, in order."""
    found: list[int] = []
    stack = [node]
    while stack:
        node = stack.pop()
        at, below = node.at, node.below
        if isinstance(at, int):
            found.append(at)
        elif at is not None:
            found += at
        if type(below) is dict:
            stack += below.values()
        elif type(below) is list:
            found += below
    return sorted(set(found))


def note(node: Node, numbers: list[int]) -> None:
    """Note more commands at a node."""
    if isinstance(node.below, str):
        node.unfold()  # what is below was written by the commands until now
    if node.at is None:
        node.at = list(numbers)
    elif isinstance(node.at, int):
        node.at = [node.at, *numbers]
    else:
        node.at += numbers
