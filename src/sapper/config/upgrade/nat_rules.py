"""The rules of source and destination NAT."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.config.tree import Node
from sapper.config.upgrade.graft import tags

SIDES = ("outbound-interface", "inbound-interface")


def nat_rules(root: Node) -> Iterator[Node]:
    for kind in ("source", "destination"):
        yield from tags(root, "nat", kind, "rule")
