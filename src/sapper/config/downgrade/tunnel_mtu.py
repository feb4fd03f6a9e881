"""A tunnel's MTU is at most 8024 bytes until 1.3."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import tags

LARGEST = 8024


def apply(root: Node) -> list[Lacking]:
    return [
        lacking(value, f"a tunnel's MTU is at most {LARGEST} bytes", "interfaces", "tunnel", tunnel.word, "mtu")
        for tunnel in tags(root, "interfaces", "tunnel")
        for value in tags(tunnel, "mtu")
        if value.word.isdigit() and int(value.word[:9]) > LARGEST
    ]
