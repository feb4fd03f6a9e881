"""``logging log-modes all`` is any: VyOS' ipsec step 4-to-5."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename_word
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    if modes := root.find("vpn", "ipsec", "logging", "log-modes"):
        rename_word(modes, "all", "any")
    return []
