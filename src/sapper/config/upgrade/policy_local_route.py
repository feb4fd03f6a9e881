"""``policy local-route rule N source X`` is ``source address X``: VyOS' policy step 5-to-6."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, tags, write
from sapper.config.upgrade.step import Note, Written

_NEW = frozenset({"address", "port"})


def apply(root: Node, written: Written) -> list[Note]:
    for kind in ("local-route", "local-route6"):
        for rule in tags(root, "policy", kind, "rule"):
            for side in ("source", "destination"):
                leaf = rule.child(side)
                if leaf is None or _NEW & leaf.children.keys():
                    continue
                values, leaf.children = list(leaf.children.values()), {}
                for value in values:
                    move(value, write(leaf, "address", of=value), value.word)
    return []
