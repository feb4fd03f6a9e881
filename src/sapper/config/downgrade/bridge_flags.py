"""A bridge's flags are ``stp true`` and ``igmp-snooping querier enable``: interfaces step 1-to-0."""

from __future__ import annotations

from sapper.config.downgrade.from_flag import from_flag
from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import prune, tags, take, write


def apply(root: Node) -> list[Lacking]:
    lacks = []
    for bridge in tags(root, "interfaces", "bridge"):
        from_flag(bridge, "stp", "stp", "true")
        igmp = bridge.child("igmp")
        if igmp is not None and (querier := take(igmp, "querier")):
            write(bridge, "igmp-snooping", "querier", "enable", of=querier)
            prune(bridge, "igmp")
        for word in ("enable-vlan", "igmp"):
            if option := bridge.child(word):
                path = ("interfaces", "bridge", bridge.word, word)
                lacks.append(lacking(option, "there is no such option of a bridge", *path))
    return lacks
