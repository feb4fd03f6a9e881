"""A WireGuard peer's ``public-key`` is pubkey: interfaces step 26-to-25.

The interface's private key cannot be said: older releases read it from a file.
"""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename_word, tags
from sapper.config.upgrade.wireguard_keys import KEY


def apply(root: Node) -> list[Lacking]:
    lacks = []
    for interface in tags(root, "interfaces", "wireguard"):
        for peer in tags(interface, "peer"):
            rename_word(peer, "public-key", "pubkey")
        key = interface.child("private-key")
        if key and any(KEY.fullmatch(value) for value in key.children):
            path = ("interfaces", "wireguard", interface.word, "private-key")
            lacks.append(lacking(key, "it reads the private key from a file of the router", *path))
    return lacks
