"""IKE and ESP group options that became flags: VyOS' ipsec step 9-to-10, its groups' half."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.flag import to_flag
from sapper.config.upgrade.graft import tags
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    for group in tags(root, "vpn", "ipsec", "ike-group"):
        to_flag(group, "mobike", "disable", "disable-mobike")
        to_flag(group, "ikev2-reauth", "yes", "ikev2-reauth")
    for group in tags(root, "vpn", "ipsec", "esp-group"):
        to_flag(group, "compression", "enable", "compression")
    return []
