"""Walk an upgraded tree against the schema: what is wrong with it, and what in it sapper does not model.

Nothing here knows a finding's code; a problem's kind is what the rules sort by. A secret is never repeated: where
a mistyped word could be the secret itself, neither the message nor the path names it. The walk goes on after every
problem and never raises for any tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Literal, NamedTuple

from sapper.config.tree import Node, Span
from sapper.schema.nearest import nearest
from sapper.schema.register import SCHEMA, Word
from sapper.schema.value import NO_LENGTH

ProblemKind = Literal["unknown-word", "wrong-value", "no-length", "written-twice", "missing-value"]
Path = tuple[str, ...]


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
    problems: list[Problem] = []
    unmodelled: dict[str, None] = {}
    for entry in _fixed_words(root, SCHEMA, ()):
        if isinstance(entry, Problem):
            problems.append(entry)
        else:
            unmodelled[entry] = None
    return Validated(tuple(problems), tuple(unmodelled))


def _fixed_words(node: Node, word: Word, path: Path) -> Iterator[Problem | str]:
    """The children of a plain node: each must be a word of the schema."""
    for child in node.children.values():
        known = word.children.get(child.word)
        if known is None:
            yield from _unknown(child, word, path)
        elif known.option.standing == "unmodelled":
            yield from _unmodelled(child, (*path, child.word))
        elif known.option.standing == "modelled":
            yield from _known(child, known, (*path, child.word))


def _known(node: Node, word: Word, path: Path) -> Iterator[Problem | str]:
    match word.option.kind:
        case "leaf" | "multi":
            yield from _leaf(node, word, path)
        case "flag":
            if node.children:
                value = next(iter(node.children.values()))
                yield Problem("wrong-value", f"`{node.word}` takes no value", " ".join(path), value.span)
        case "tag":
            yield from _tag(node, word, path)
        case "node":
            yield from _fixed_words(node, word, path)


def _leaf(node: Node, word: Word, path: Path) -> Iterator[Problem]:
    option = word.option
    where = " ".join(path)
    if not node.children:
        yield Problem("missing-value", f"`{option.word}` has no value ({option.type.name})", where, node.span)
    for value in node.children.values():
        refusal = option.type.refuse(value.word)
        shown = f"'{value.word}'" if "psk" not in path else "the value"
        if refusal == NO_LENGTH:
            yield Problem("no-length", f"{shown} {refusal}", where, value.span)
        elif refusal is not None:
            guess = nearest(value.word, option.type.words)
            yield Problem("wrong-value", f"{option.word}: {shown} {refusal}", where, value.span, suggestion=guess)
        if value.children:
            rest = next(iter(value.children.values()))
            message = f"`{option.word}` takes one word; a value with spaces needs quotes"
            yield Problem("wrong-value", message, where, rest.span)
    if option.kind == "leaf":
        yield from _written_twice(node, word, where)


def _written_twice(node: Node, word: Word, where: str) -> Iterator[Problem]:
    """One problem for each value after the first that replaces a different one."""
    values = node.values()
    for earlier, later in pairwise(values):
        if word.option.type.secret:
            message = f"a second {word.option.word} replaces the first"
        else:
            message = f"`{word.option.word} {later.word}` replaces `{word.option.word} {earlier.word}`"
        yield Problem("written-twice", message, where, later.span, earlier.span)


def _tag(node: Node, word: Word, path: Path) -> Iterator[Problem | str]:
    option = word.option
    if not node.children:
        yield Problem(
            "missing-value", f"`{option.word}` has no name ({option.type.name})", " ".join(path), node.span
        )
    for instance in node.children.values():
        refusal = option.type.refuse(instance.word)
        if refusal is not None:
            guess = nearest(instance.word, option.type.words)
            shown = f"'{instance.word}'" if option.word != "psk" else "the name"
            message = f"{option.word}: {shown} {refusal}"
            yield Problem("wrong-value", message, " ".join(path), instance.span, suggestion=guess)
        if word.instance is not None:
            yield from _fixed_words(instance, word.instance, (*path, instance.word))


def _unknown(child: Node, word: Word, path: Path) -> Iterator[Problem | str]:
    """A word that the schema has not: below a feature a problem, above the features something unmodelled."""
    guess = nearest(child.word, word.modelled_words if word.open else word.children)
    if word.open and guess is None:
        yield from _unmodelled(child, (*path, child.word))
        return
    where = " ".join(path) or "the configuration"
    may_be_secret = "authentication" in path and guess is None
    shown = "this word" if may_be_secret else f"`{child.word}`"
    yield Problem(
        "unknown-word", f"{shown} is not known below `{where}`", " ".join(path), child.span, suggestion=guess
    )


def _unmodelled(node: Node, path: Path) -> Iterator[str]:
    """The path as it is named to people: an interface with its name, anything else by its own words."""
    if len(path) == 2 and path[0] == "interfaces" and node.children:
        for name in node.children:
            yield " ".join((*path, name))
    else:
        yield " ".join(path)
