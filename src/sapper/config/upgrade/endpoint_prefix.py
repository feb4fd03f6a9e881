"""``/N`` on an end point of a tunnel: no generation takes it, articles write it, the address alone is meant."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename, tags
from sapper.config.upgrade.step import Note, Written

_KINDS = ("tunnel", "l2tpv3")
_ENDS = ("local-ip", "remote-ip", "source-address", "remote")


def apply(root: Node, written: Written) -> list[Note]:
    notes: list[Note] = []
    for kind in _KINDS:
        for interface in tags(root, "interfaces", kind):
            for end in _ENDS:
                leaf = interface.child(end)
                if leaf is not None:
                    notes += _strip(leaf, ("interfaces", kind, interface.word, end))
    return notes


def _strip(leaf: Node, path: tuple[str, ...]) -> list[Note]:
    notes = []
    for value in leaf.view.values():
        length = _length(value.word)
        if length:
            message = f"an endpoint takes an address without a prefix length; /{length} is ignored"
            notes.append(Note("CFG305", message, value.span, (*path, value.word)))
    rename(leaf, lambda value: value.word.partition("/")[0] if _length(value.word) else value.word)
    return notes


def _length(word: str) -> str:
    """The digits behind the slash, empty if the word has none."""
    length = word.partition("/")[2]
    return length if length.isascii() and length.isdigit() else ""
