"""A bridge's ``stp true`` and ``igmp-snooping querier enable`` became flags: VyOS' interfaces step 0-to-1."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.flag import to_flag
from sapper.config.upgrade.graft import move, tags, take, write
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    for bridge in tags(root, "interfaces", "bridge"):
        to_flag(bridge, "stp", "true", "stp")
        snooping = take(bridge, "igmp-snooping")
        if snooping is None:
            continue
        to_flag(snooping, "querier", "enable", "querier")
        if querier := take(snooping, "querier"):
            move(querier, write(bridge, "igmp", of=snooping), "querier")
    return []
