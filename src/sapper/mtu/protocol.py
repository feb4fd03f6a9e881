"""The record that describes one protocol of the catalogue, and the reading of its options.

A protocol belongs to groups (``ip``, ``udp-tunnel`` …), and a layer's shape says which groups it carries: so what
may stand under what is written once, with the protocol. Options are ``name`` or ``name=number``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sapper.mtu.misread import WrongOption
from sapper.mtu.shape import Shape

IN_ETHERNET = frozenset({"tag", "macsec", "pppoe", "mpls", "ip"})
"""What an Ethernet frame carries here."""
IN_IP = frozenset({"ip", "udp", "tcp", "ip-tunnel", "ipsec", "mpls"})
"""What an IP packet carries here."""
IP = frozenset({"ip"})


class Options:
    """The options of one layer as written. Raises WrongOption for a number that does not fit."""

    __slots__ = ("words",)

    def __init__(self, words: Mapping[str, str | None]) -> None:
        self.words = words

    def has(self, name: str) -> bool:
        """True if the option stands there."""
        return name in self.words

    def number(self, name: str, default: int, low: int, high: int, multiple: int = 1) -> int:
        """The value of ``name=N``, in bytes or a count; ``default`` where it is not there."""
        if name not in self.words:
            return default
        text = self.words[name]
        value = int(text) if text and text.isascii() and text.isdigit() else -1
        if not low <= value <= high or value % multiple:
            step = f" in steps of {multiple}" if multiple > 1 else ""
            written = name if text is None else f"{name}={text}"
            raise WrongOption(written, f"{name} takes a number from {low} to {high}{step}")
        return value


class Protocol(NamedTuple):
    """``word`` is its name in a stack, ``source`` the RFC of the formula, ``options`` maps each option to its help.

    ``shape`` makes the layer from its options and the word of the layer right outside ("" outermost). ``rides``: a
    layer that always stands right outside and may be left out. ``open_options``: one option is not a fixed word.
    """

    word: str
    title: str
    source: str
    groups: frozenset[str]
    shape: Callable[[Options, str], Shape]
    options: Mapping[str, str] = {}
    outermost: bool = False
    rides: str = ""
    open_options: bool = False
    example: str = ""
