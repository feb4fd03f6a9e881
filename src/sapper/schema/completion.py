"""What may come next in a configuration: for a shell that completes, and as data for programs that do.

Both read the schema and nothing else. A secret has no candidates, and what a leaf takes is said in words where it
cannot be listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sapper.schema.option import Option
from sapper.schema.register import OPTIONS, SCHEMA, Word


class Candidate(NamedTuple):
    """A word that may come next and what it means."""

    word: str
    help: str


class Next(NamedTuple):
    """``words`` can be listed; ``expects`` says what else is taken here (``ADDRESS/LENGTH``), empty for nothing."""

    words: tuple[Candidate, ...] = ()
    expects: str = ""


def what_follows(path: Sequence[str]) -> Next:
    """What may follow these words of a configuration; nothing after a value, a flag or an unknown word."""
    word = SCHEMA
    for name in path:
        if word.option.kind in ("leaf", "multi"):
            return Next()
        step = word.step(name)
        if step is None:
            return Next()
        word = step
    return _after(word)


def _after(word: Word) -> Next:
    option = word.option
    if option.kind in ("leaf", "multi", "tag"):
        listed = tuple(
            Candidate(text, "the default" if text == option.default else "") for text in option.type.words
        )
        return Next(listed, option.type.name)
    return Next(tuple(Candidate(name, _help(child)) for name, child in word.children.items()))


def _help(word: Word) -> str:
    """What a word means; for a plain node that no file describes, the first words below it."""
    if word.option.help:
        return word.option.help
    below = list(word.children)
    return ", ".join(below[:3]) + (" …" if len(below) > 3 else "")


def completion_data() -> dict[str, object]:
    """The whole schema as one JSON document: path, ``*`` for a name, to what is there."""
    return {
        "schema": "sapper/completion/1",
        "options": {option.path: _described(option) for option in OPTIONS},
    }


def _described(option: Option) -> dict[str, object]:
    described: dict[str, object] = {"kind": option.kind, "help": option.help, "standing": option.standing}
    if option.kind in ("leaf", "multi", "tag"):
        described["type"] = option.type.name
    if option.type.words:
        described["words"] = list(option.type.words)
    if option.default is not None:
        described["default"] = option.default
    if option.unit:
        described["unit"] = option.unit
    if option.type.secret:
        described["secret"] = True
    return described
