"""IKE's actions in the words before 1.4: ipsec step 13-to-12."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename, rename_word, tags

_CLOSE = {"trap": "hold", "start": "restart"}


def apply(root: Node) -> list[Lacking]:
    for group in tags(root, "vpn", "ipsec", "ike-group"):
        if close := group.child("close-action"):
            rename(close, lambda value: _CLOSE.get(value.word, value.word))
        if dpd := group.find("dead-peer-detection", "action"):
            rename_word(dpd, "trap", "hold")
    return []
