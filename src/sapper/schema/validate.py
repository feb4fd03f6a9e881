"""Walk an upgraded tree against the schema: what is wrong with it, and what in it sapper does not model.

One walk, each word looked at once; nothing here knows a finding's code, a problem's kind is what the rules sort by.
A secret is never repeated: where a mistyped word could be the secret itself, neither the message nor the path names
it. The walk goes on after every problem and never raises for any tree.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Literal, NamedTuple

from sapper.config.tree import Node, Span
from sapper.schema.nearest import nearest
from sapper.schema.register import SCHEMA, Word
from sapper.schema.value import BASE64, NO_LENGTH

ProblemKind = Literal["unknown-word", "wrong-value", "no-length", "written-twice", "missing-value"]
Path = tuple[str, ...]

MOST_SUGGESTIONS = 1000
"""Searches for a similar word in one text; a search is dear, and a text with more mistakes is no configuration."""

_KEY_LENGTH = 16
"""Characters from which a word may be a key, even one that is cut off or mistyped."""


class Problem(NamedTuple):
    """``path`` is that of the option; ``first`` is the earlier place for something that is written twice."""

    kind: ProblemKind
    message: str
    path: str
    span: Span
    first: Span | None = None
    suggestion: str | None = None


class Validated(NamedTuple):
    """``unmodelled``: paths of what is legal, could matter and is not in the Router; in order, each once."""

    problems: tuple[Problem, ...]
    unmodelled: tuple[str, ...]


def validate(root: Node) -> Validated:
    """Every problem of the tree in the order of its walk, and the paths that are not modelled."""
    walk = _Walk()
    walk.words(root, SCHEMA, (), False)
    return Validated(tuple(walk.problems), tuple(walk.unmodelled))


class _Walk:
    """What one walk has found. ``named``, where it is handed down: a word above is in ``unmodelled`` already."""

    __slots__ = ("problems", "searches", "unmodelled")

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.unmodelled: dict[str, None] = {}
        self.searches = 0

    def words(self, node: Node, word: Word, path: Path, named: bool) -> None:
        """The children of a plain node: each must be a word of the schema."""
        for child in node.view.values():
            known = word.children.get(child.word)
            if known is None:
                self._unknown(child, word, path)
            else:
                self._known(child, known, word, (*path, child.word), named)

    def _known(self, node: Node, word: Word, above: Word, path: Path, named: bool) -> None:
        option = word.option
        if option.standing == "unmodelled" and not named:
            self._name(node, path)
            named = True
        match option.kind:
            case "leaf" | "multi":
                self._leaf(node, word, above, path)
            case "flag":
                if node.view:
                    value = next(iter(node.view.values()))
                    self._refuse("wrong-value", f"`{node.word}` takes no value", path, value.span)
            case "tag":
                self._tag(node, word, path, named)
            case "node":
                self.words(node, word, path, named)

    def _leaf(self, node: Node, word: Word, above: Word, path: Path) -> None:
        option = word.option
        value_type = option.type
        if node.lone is not None and value_type.refuse(node.lone) is None:
            return
        if not node.view:
            self._refuse("missing-value", f"`{option.word}` has no value ({value_type.name})", path, node.span)
            return
        for value in node.view.values():
            refusal = value_type.refuse(value.word)
            if refusal is not None:
                hushed = value_type.secret or _may_be_secret(value.word, above)
                shown = "the value" if hushed else f"'{value.word}'"
                if refusal == NO_LENGTH:
                    self._refuse("no-length", f"{shown} {refusal}", path, value.span)
                else:
                    guess = self._nearest(value.word, value_type.words)
                    self._refuse("wrong-value", f"{option.word}: {shown} {refusal}", path, value.span, guess)
            if value.view:
                rest = next(iter(value.view.values()))
                message = f"`{option.word}` takes one word; a value with spaces needs quotes"
                self._refuse("wrong-value", message, path, rest.span)
        if option.kind == "leaf" and len(node.view) > 1 and option.standing == "modelled":
            self._written_twice(node, word, path)

    def _written_twice(self, node: Node, word: Word, path: Path) -> None:
        """One problem for each value after the first that replaces a different one."""
        name = word.option.word
        for earlier, later in pairwise(node.values()):
            if word.option.type.secret:
                message = f"a second {name} replaces the first"
            else:
                message = f"`{name} {later.word}` replaces `{name} {earlier.word}`"
            self.problems.append(Problem("written-twice", message, " ".join(path), later.span, earlier.span))

    def _tag(self, node: Node, word: Word, path: Path, named: bool) -> None:
        option = word.option
        if not node.view:
            self._refuse("missing-value", f"`{option.word}` has no name ({option.type.name})", path, node.span)
        for instance in node.view.values():
            refusal = option.type.refuse(instance.word)
            if refusal is not None:
                shown = "the name" if _may_be_secret(instance.word, word) else f"'{instance.word}'"
                guess = self._nearest(instance.word, option.type.words)
                self._refuse("wrong-value", f"{option.word}: {shown} {refusal}", path, instance.span, guess)
            if word.instance is not None:
                self.words(instance, word.instance, (*path, instance.word), named)

    def _unknown(self, child: Node, word: Word, path: Path) -> None:
        """A word that the schema has not: below a feature a problem, above the features something unmodelled."""
        option = word.option
        if option.standing != "modelled" and not option.whole:
            return
        guess = self._nearest(child.word, word.modelled_words if word.open else word.children)
        if word.open and guess is None:
            self._name(child, (*path, child.word))
            return
        where = " ".join(path) or "the configuration"
        hushed = guess is None and ("authentication" in path or _may_be_secret(child.word, word))
        shown = "this word" if hushed else f"`{child.word}`"
        self._refuse("unknown-word", f"{shown} is not known below `{where}`", path, child.span, guess)

    def _name(self, node: Node, path: Path) -> None:
        """Note what is not modelled as it is named to people: an interface with its name, else its own words."""
        if len(path) == 2 and path[0] == "interfaces" and node.view:
            for name in node.view:
                self.unmodelled[" ".join((*path, name))] = None
        else:
            self.unmodelled[" ".join(path)] = None

    def _refuse(self, kind: ProblemKind, message: str, path: Path, span: Span, guess: str | None = None) -> None:
        self.problems.append(Problem(kind, message, " ".join(path), span, suggestion=guess))

    def _nearest(self, text: str, known: Iterable[str]) -> str | None:
        self.searches += 1
        return nearest(text, known) if self.searches <= MOST_SUGGESTIONS else None


def _may_be_secret(text: str, above: Word) -> bool:
    """True if the text could be a secret that belongs below ``above`` and stands in the wrong place.

    Any text can be a password; a key has a length, and what is shorter is none.
    """
    return any(
        len(text) >= _KEY_LENGTH or (secret.refuse is not BASE64.refuse and secret.refuse(text) is None)
        for secret in above.secrets
    )
