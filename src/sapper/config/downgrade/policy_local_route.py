"""``policy local-route rule N source address X`` is ``source X``: policy step 6-to-5."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, tags, take


def apply(root: Node) -> list[Lacking]:
    lacks: list[Lacking] = []
    for kind in ("local-route", "local-route6"):
        for rule in tags(root, "policy", kind, "rule"):
            for side in ("source", "destination"):
                leaf = rule.child(side)
                if leaf is None:
                    continue
                if port := leaf.child("port"):
                    path = ("policy", kind, "rule", rule.word, side, "port")
                    lacks.append(lacking(port, "a local route takes addresses only", *path))
                addresses = take(leaf, "address")
                for value in list(addresses.children.values()) if addresses else ():
                    move(value, leaf, value.word)
    return lacks
