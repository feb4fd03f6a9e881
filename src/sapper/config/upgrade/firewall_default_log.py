"""``enable-default-log`` of a chain is default-log: VyOS' firewall step 13-to-14."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.firewall_rules import chains
from sapper.config.upgrade.graft import rename_word, tags
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    for _path, chain in chains(root):
        rename_word(chain, "enable-default-log", "default-log")
    for zone in tags(root, "firewall", "zone"):
        rename_word(zone, "enable-default-log", "default-log")
    return []
