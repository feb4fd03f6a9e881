"""WireGuard's keys are in the configuration, not in files beside it: VyOS' interfaces step 25-to-26.

``pubkey`` is public-key. The private key was a file's name (``default`` if unsaid); the file is not in this text, so
that the name is kept and the loss noted.
"""

from __future__ import annotations

import re

from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename_word, tags
from sapper.config.upgrade.step import Note, Written

KEY = re.compile(r"[A-Za-z0-9+/]{43}=")


def apply(root: Node, written: Written) -> list[Note]:
    notes = []
    for interface in tags(root, "interfaces", "wireguard"):
        old = False
        for peer in tags(interface, "peer"):
            old = old or "pubkey" in peer.children
            rename_word(peer, "pubkey", "public-key")
        key = interface.child("private-key")
        if (old and key is None) or (key and not any(KEY.fullmatch(value) for value in key.children)):
            message = "the private key is in a file of the router, not in this text; 1.4 wants the key itself"
            path = ("interfaces", "wireguard", interface.word, "private-key")
            notes.append(Note("", message, (key or interface).span, path))
    return notes
