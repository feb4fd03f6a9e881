"""``connection-type respond`` is ``trap``: VyOS' ipsec step 13-to-14. It always installed a trap policy."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename_word, tags
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    for peer in tags(root, "vpn", "ipsec", "site-to-site", "peer"):
        if kind := peer.child("connection-type"):
            rename_word(kind, "respond", "trap")
    return []
