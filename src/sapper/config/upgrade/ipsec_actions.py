"""What IKE does when a peer closes or is gone got strongSwan's words: VyOS' ipsec step 12-to-13."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename, rename_word, tags
from sapper.config.upgrade.step import Note, Written

_CLOSE = {"hold": "trap", "restart": "start"}


def apply(root: Node, written: Written) -> list[Note]:
    for group in tags(root, "vpn", "ipsec", "ike-group"):
        if close := group.child("close-action"):
            rename(close, lambda value: _CLOSE.get(value.word, value.word))
        if dpd := group.find("dead-peer-detection", "action"):
            rename_word(dpd, "hold", "trap")
    return []
