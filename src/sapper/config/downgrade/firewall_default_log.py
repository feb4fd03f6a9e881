"""``default-log`` of a chain is enable-default-log: firewall step 14-to-13."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking
from sapper.config.tree import Node
from sapper.config.upgrade.firewall_rules import chains
from sapper.config.upgrade.graft import rename_word, tags


def apply(root: Node) -> list[Lacking]:
    for _path, chain in chains(root):
        rename_word(chain, "default-log", "enable-default-log")
    for zone in tags(root, "firewall", "zone"):
        rename_word(zone, "default-log", "enable-default-log")
    return []
