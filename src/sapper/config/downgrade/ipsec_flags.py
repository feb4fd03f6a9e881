"""IKE and ESP group options that took a value: ipsec step 10-to-9, its groups' half. A lifetime is 30 s at least."""

from __future__ import annotations

from sapper.config.downgrade.from_flag import from_flag
from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import tags

_SHORTEST = 30


def apply(root: Node) -> list[Lacking]:
    lacks: list[Lacking] = []
    for group in tags(root, "vpn", "ipsec", "ike-group"):
        from_flag(group, "disable-mobike", "mobike", "disable")
        from_flag(group, "ikev2-reauth", "ikev2-reauth", "yes")
        path = ("vpn", "ipsec", "ike-group", group.word, "lifetime")
        lacks += [
            lacking(value, f"a lifetime is at least {_SHORTEST} seconds", *path)
            for value in tags(group, "lifetime")
            if value.word.isdigit() and int(value.word[:9]) < _SHORTEST
        ]
    for group in tags(root, "vpn", "ipsec", "esp-group"):
        from_flag(group, "compression", "compression", "enable")
    return lacks
