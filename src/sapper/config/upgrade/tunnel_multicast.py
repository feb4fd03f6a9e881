"""A tunnel's ``multicast enable`` became a flag: VyOS' interfaces step 28-to-29."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.flag import to_flag
from sapper.config.upgrade.graft import tags
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    for tunnel in tags(root, "interfaces", "tunnel"):
        to_flag(tunnel, "multicast", "enable", "enable-multicast")
    return []
