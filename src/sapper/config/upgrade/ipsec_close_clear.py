"""``close-action clear`` is none: VyOS' ipsec step 8-to-9."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename_word, tags
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    for group in tags(root, "vpn", "ipsec", "ike-group"):
        if close := group.child("close-action"):
            rename_word(close, "clear", "none")
    return []
