"""All options of all features, as one tree to look words up in.

A new feature is one file with ``OPTIONS`` and one line here. Words above a feature that no file declares become
plain nodes with the standing of what they stand below; those in ``OPEN`` have children that sapper does not model,
so an unknown word there is kept and named instead of refused.
"""

from __future__ import annotations

from collections.abc import Iterable

from sapper.schema import (
    bonding,
    bridge,
    dummy,
    ethernet,
    firewall,
    geneve,
    ipsec_authentication,
    ipsec_group,
    ipsec_peer,
    ipsec_profile,
    l2tpv3,
    loopback,
    nat,
    nhrp,
    policy,
    pppoe,
    section,
    static,
    system,
    tunnel,
    vrf,
    vti,
    vxlan,
    wireguard,
)
from sapper.schema.option import Option
from sapper.schema.value import ValueType

FEATURES = (
    ethernet,
    bonding,
    bridge,
    dummy,
    loopback,
    pppoe,
    tunnel,
    vti,
    wireguard,
    vxlan,
    geneve,
    l2tpv3,
    static,
    vrf,
    policy,
    nat,
    ipsec_group,
    ipsec_peer,
    ipsec_authentication,
    ipsec_profile,
    nhrp,
    firewall,
    system,
    section,
)
OPTIONS: tuple[Option, ...] = tuple(option for feature in FEATURES for option in feature.OPTIONS)

OPEN = frozenset(
    {
        *("", "interfaces", "protocols", "vpn", "nat", "policy", "service", "vrf name * protocols"),
        *("load-balancing", "system", "system conntrack", "system ip", "system ipv6"),
        "protocols nhrp tunnel * map *",  # late releases of 1.5 write `map tunnel-ip ADDRESS nbma ADDRESS`
    }
)
"""Paths above the features, where a word that sapper does not know may be legal."""


class Word:
    """One word of the schema with what may follow it: fixed words, or for a tag any name and then ``instance``.

    ``open``: an unknown word below may be legal. ``secrets`` are the types of secret values that belong here or one
    step further, so that a word in their place is not repeated.
    """

    __slots__ = ("children", "instance", "open", "option", "secrets")

    def __init__(self, option: Option, *, is_open: bool = False) -> None:
        self.option = option
        self.children: dict[str, Word] = {}
        self.instance: Word | None = None
        self.open = is_open
        self.secrets: tuple[ValueType, ...] = ()

    @property
    def modelled_words(self) -> list[str]:
        """The fixed words that may follow and that lead to something sapper models."""
        return [name for name, word in self.children.items() if word.option.standing == "modelled"]

    def step(self, name: str) -> Word | None:
        """What that name leads to, for a tag whatever it is called; None where the schema has nothing."""
        if self.option.kind == "tag" and self.instance is not None:
            return self.instance
        return self.children.get(name)

    def followers(self) -> list[Word]:
        """All words that may follow, a tag's instance among them."""
        return [*self.children.values(), *((self.instance,) if self.instance is not None else ())]


def grow(options: Iterable[Option]) -> Word:
    """The tree of the options. Raises ValueError where two files declare the same path."""
    root = Word(Option("", "node", "the configuration"), is_open="" in OPEN)
    for option in options:
        words = option.path.split()
        own = words.pop()
        word = root
        for depth, name in enumerate(words, 1):
            word = _step(word, name, words, depth)
        known = word.children.get(own)
        if known is None:
            word.children[own] = Word(option, is_open=option.path in OPEN)
        elif known.option.help:
            raise ValueError(f"two options for {option.path}")
        else:
            known.option = option
    _note_secrets(root)
    return root


def _step(word: Word, name: str, words: list[str], depth: int) -> Word:
    """The word below, made as a plain node where no option has declared it yet."""
    if name == "*" and word.instance is not None:
        return word.instance
    if name != "*" and name in word.children:
        return word.children[name]
    path = " ".join(words[:depth])
    above = word.option
    made = Word(Option(path, "node", "", standing=above.standing, reason=above.reason), is_open=path in OPEN)
    if name == "*":
        word.instance = made
    else:
        word.children[name] = made
    return made


def _note_secrets(word: Word) -> tuple[ValueType, ...]:
    """The secret types directly below ``word``; notes for every word those of its tags' instances too."""
    own: list[ValueType] = []
    nearby: list[ValueType] = []
    for child in word.followers():
        below = _note_secrets(child)
        if child.option.type.secret and child.option.kind == "leaf":
            own.append(child.option.type)
        elif word.option.kind == "tag" or child.option.kind == "tag":
            nearby += below
    word.secrets = tuple(dict.fromkeys(own + nearby))
    return word.secrets


SCHEMA = grow(OPTIONS)


def follow(path: Iterable[str]) -> Word | None:
    """The schema's word for a configuration path (with real tag names), or None where the schema has none."""
    word = SCHEMA
    for name in path:
        step = word.step(name)
        if step is None:
            return None
        word = step
    return word


def option_at(path: Iterable[str]) -> Option | None:
    """The option of a configuration path without its value, or None."""
    word = follow(path)
    return word.option if word is not None else None
