"""A NAT rule without an interface says ``any``, which older rules must: nat step 7-to-6."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import spot, tags, write

_SIDES = {"source": "outbound-interface", "destination": "inbound-interface"}


def apply(root: Node) -> list[Lacking]:
    for kind, side in _SIDES.items():
        for rule in tags(root, "nat", kind, "rule"):
            if side not in rule.children:
                write(rule, side, "interface-name", "any", of=spot(rule))
    return []
