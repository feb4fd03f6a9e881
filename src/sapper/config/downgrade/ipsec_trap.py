"""``connection-type trap`` is respond: ipsec step 14-to-13."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename_word, tags


def apply(root: Node) -> list[Lacking]:
    for peer in tags(root, "vpn", "ipsec", "site-to-site", "peer"):
        if kind := peer.child("connection-type"):
            rename_word(kind, "trap", "respond")
    return []
