"""``sysctl parameter NAME value V`` is ``sysctl custom NAME value V``, as until 1.2."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename_word


def apply(root: Node) -> list[Lacking]:
    if sysctl := root.find("system", "sysctl"):
        rename_word(sysctl, "parameter", "custom")
    return []
