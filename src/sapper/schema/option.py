"""What a feature file declares: one Option for each word that VyOS takes at a place in the tree.

A path is written as words with ``*`` for a tag's name: ``interfaces tunnel * mtu``. Three standings: ``modelled``
(the Router has it), ``immaterial`` (legal, cannot change whether a packet is encrypted; ``reason`` says why) and
``unmodelled`` (legal, could matter, and the Router does not have it; ``reason`` says how). The last two are
subtrees: whatever stands below them belongs to them, declared or not, unless the option is ``whole``.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from sapper.schema.value import TEXT, ValueType

Kind = Literal["leaf", "multi", "flag", "tag", "node"]
Standing = Literal["modelled", "immaterial", "unmodelled"]


class Option(NamedTuple):
    """One word of the schema. ``type`` is that of a leaf's values or of a tag's names; ``unit`` is its unit.

    ``whole``: every word below is declared, so an unknown one is a mistake although the option is not modelled.
    """

    path: str
    kind: Kind
    help: str
    type: ValueType = TEXT
    default: str | None = None
    unit: str = ""
    standing: Standing = "modelled"
    reason: str = ""
    whole: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(self.path.split())

    @property
    def word(self) -> str:
        """The option's own word."""
        return self.path.rpartition(" ")[2]


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


def node(path: str, meaning: str, whole: bool = False) -> Option:
    """A plain word that means something by being there."""
    return Option(path, "node", meaning, whole=whole)


def immaterial(above: str, words: str, reason: str) -> tuple[Option, ...]:
    """Legal words below ``above`` that change nothing for any verdict, each with whatever stands below it."""
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


def as_immaterial(reason: str, *options: Option) -> tuple[Option, ...]:
    """The same options, whose values are checked and then change nothing for any verdict."""
    return tuple(option._replace(standing="immaterial", reason=reason) for option in options)


def as_unmodelled(reason: str, *options: Option) -> tuple[Option, ...]:
    """The same options, whose values are checked; they could change a verdict, and the Router does not carry them."""
    return tuple(option._replace(standing="unmodelled", reason=reason) for option in options)


def flags(below: str, words: str, meaning: str) -> tuple[Option, ...]:
    """Several words without a value that share their meaning."""
    return tuple(flag(f"{below} {word}", meaning) for word in words.split())
