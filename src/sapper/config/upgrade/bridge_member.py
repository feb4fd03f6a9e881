"""Writes a bridge's member where the newest words have it: ``interfaces bridge BR member interface IF``."""

from __future__ import annotations

from sapper.config.shown import shown
from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, write
from sapper.config.upgrade.step import Note

_OPTIONS = ("cost", "priority")


def join_bridge(root: Node, group: Node, interface: str, path: tuple[str, ...]) -> list[Note]:
    """Turn a ``bridge-group`` into membership of ``interface``; ``path`` leads to the group."""
    notes: list[Note] = []
    named = list(group.children["bridge"].children.values()) if "bridge" in group.children else []
    for child in group.children.values():
        if child.word == "bridge" or child.word in _OPTIONS:
            continue
        named.append(child)
        message = (
            f"bridge-group takes the word bridge before the name; read as bridge-group bridge {shown(child.word)}"
        )
        notes.append(Note("CFG310", message, child.span, (*path, child.word)))
    for bridge in named:
        member = write(root, "interfaces", "bridge", bridge.word, "member", "interface", interface, of=bridge)
        for option in _OPTIONS:
            if option in group.children:
                move(group.children[option], member, option)
    return notes
