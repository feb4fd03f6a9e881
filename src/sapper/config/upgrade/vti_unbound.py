"""A VTI that no peer binds is dropped: VyOS' interfaces step 24-to-25."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import prune, tags, take
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    bound = {
        value.word
        for peer in tags(root, "vpn", "ipsec", "site-to-site", "peer")
        for value in tags(peer, "vti", "bind")
    }
    notes = []
    vtis = root.find("interfaces", "vti")
    for vti in tags(root, "interfaces", "vti"):
        if vtis is not None and vti.word not in bound:
            take(vtis, vti.word)
            message = f"no peer binds {vti.word}; VyOS drops it from 1.4 on"
            notes.append(Note("", message, vti.span, ("interfaces", "vti", vti.word)))
    prune(root, "interfaces", "vti")
    return notes
