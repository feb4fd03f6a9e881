"""A tunnel's flag ``enable-multicast`` is ``multicast enable``: interfaces step 29-to-28."""

from __future__ import annotations

from sapper.config.downgrade.from_flag import from_flag
from sapper.config.downgrade.step import Lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import tags


def apply(root: Node) -> list[Lacking]:
    for tunnel in tags(root, "interfaces", "tunnel"):
        from_flag(tunnel, "enable-multicast", "multicast", "enable")
    return []
