"""All options of all features, as one tree to look words up in.

A new feature is one file with ``OPTIONS`` and one line here. Words above a feature that no file declares become
plain nodes; those in ``OPEN`` have children that sapper does not model, so an unknown word there is kept and named
instead of refused.
"""

from __future__ import annotations

from collections.abc import Iterable

from sapper.schema import (
    bridge,
    dummy,
    ethernet,
    ipsec_authentication,
    ipsec_group,
    ipsec_peer,
    loopback,
    section,
    source_nat,
    static,
    tunnel,
    vti,
)
from sapper.schema.option import Option

FEATURES = (
    ethernet,
    dummy,
    loopback,
    bridge,
    tunnel,
    vti,
    static,
    ipsec_group,
    ipsec_peer,
    ipsec_authentication,
    source_nat,
    section,
)
OPTIONS: tuple[Option, ...] = tuple(option for feature in FEATURES for option in feature.OPTIONS)

OPEN = frozenset(
    {
        *("", "interfaces", "protocols", "vpn", "nat", "policy", "service"),
        *("system", "system conntrack", "system ip", "system ipv6"),
    }
)
"""Paths above the features, where a word that sapper does not know may be legal."""


class Word:
    """One word of the schema with what may follow it: fixed words, or for a tag any name and then ``instance``."""

    __slots__ = ("children", "instance", "open", "option")

    def __init__(self, option: Option, *, is_open: bool = False) -> None:
        self.option = option
        self.children: dict[str, Word] = {}
        self.instance: Word | None = None
        self.open = is_open

    @property
    def modelled_words(self) -> list[str]:
        """The fixed words that may follow and that lead to something sapper models."""
        return [name for name, word in self.children.items() if word.option.standing == "modelled"]


def grow(options: Iterable[Option]) -> Word:
    """The tree of the options. Raises ValueError where two files declare the same path."""
    root = Word(Option("", "node", "the configuration"), is_open="" in OPEN)
    for option in options:
        word = root
        words = option.words
        for depth, name in enumerate(words[:-1], 1):
            path = " ".join(words[:depth])
            word = _step(word, name, Option(path, "node", ""), path in OPEN)
        known = word.children.get(option.word)
        if known is not None and known.option.help:
            raise ValueError(f"two options for {option.path}")
        if known is not None:
            known.option = option
        else:
            word.children[option.word] = Word(option, is_open=option.path in OPEN)
    return root


def _step(word: Word, name: str, option: Option, is_open: bool) -> Word:
    if name == "*":
        if word.instance is None:
            word.instance = Word(option)
        return word.instance
    if name not in word.children:
        word.children[name] = Word(option, is_open=is_open)
    return word.children[name]


SCHEMA = grow(OPTIONS)


def follow(path: Iterable[str]) -> Word | None:
    """The schema's word for a configuration path (with real tag names), or None where the schema has none."""
    word = SCHEMA
    for name in path:
        step = word.instance if word.option.kind == "tag" and word.instance else word.children.get(name)
        if step is None:
            return None
        word = step
    return word


def option_at(path: Iterable[str]) -> Option | None:
    """The option of a configuration path without its value, or None."""
    word = follow(path)
    return word.option if word is not None else None
