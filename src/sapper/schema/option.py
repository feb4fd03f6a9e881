"""What a feature file declares: one Option for each word that VyOS takes at a place in the tree.

A path is written as words with ``*`` for a tag's name: ``interfaces tunnel * mtu``. Three standings: ``modelled``
(the Router has it), ``immaterial`` (legal, cannot change whether a packet is encrypted; ``reason`` says why) and
``unmodelled`` (legal, could matter, and the Router does not have it; ``reason`` says how). The last two are
subtrees: whatever stands below them belongs to them.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from sapper.schema.value import TEXT, ValueType

Kind = Literal["leaf", "multi", "flag", "tag", "node"]
Standing = Literal["modelled", "immaterial", "unmodelled"]


class Option(NamedTuple):
    """One word of the schema. ``type`` is that of a leaf's values or of a tag's names; ``unit`` is its unit."""

    path: str
    kind: Kind
    help: str
    type: ValueType = TEXT
    default: str | None = None
    unit: str = ""
    standing: Standing = "modelled"
    reason: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(self.path.split())

    @property
    def word(self) -> str:
        """The option's own word."""
        return self.words[-1]


def leaf(path: str, meaning: str, value: ValueType = TEXT, default: str | None = None, unit: str = "") -> Option:
    """One value; written again it replaces."""
    return Option(path, "leaf", meaning, value, default, unit)


def multi(path: str, meaning: str, value: ValueType = TEXT) -> Option:
    """Any number of values."""
    return Option(path, "multi", meaning, value)


def flag(path: str, meaning: str) -> Option:
    """A word without a value."""
    return Option(path, "flag", meaning)


def tag(path: str, meaning: str, name: ValueType = TEXT) -> Option:
    """A word followed by a name, under which the options of that instance stand."""
    return Option(path, "tag", meaning, name)


def node(path: str, meaning: str) -> Option:
    """A plain word that means something by being there."""
    return Option(path, "node", meaning)


def immaterial(above: str, words: str, reason: str) -> tuple[Option, ...]:
    """Legal words below ``above`` that change nothing for any verdict."""
    return tuple(
        Option(f"{above} {word}".strip(), "node", reason, standing="immaterial", reason=reason)
        for word in words.split()
    )


def unmodelled(above: str, words: str, reason: str) -> tuple[Option, ...]:
    """Legal words below ``above`` that could change a verdict and that the Router does not carry."""
    return tuple(
        Option(f"{above} {word}".strip(), "node", reason, standing="unmodelled", reason=reason)
        for word in words.split()
    )
