"""IPsec defaults of 1.4 that 1.3 does not share, written out: ipsec step 10-to-9.

Dead peer detection clears unless told otherwise. A group without key-exchange speaks both versions of IKE, which a
group of 1.3 cannot.
"""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import fill, tags


def apply(root: Node) -> list[Lacking]:
    lacks = []
    for group in tags(root, "vpn", "ipsec", "ike-group"):
        if dpd := group.child("dead-peer-detection"):
            fill(dpd, "action", "clear")
        if "key-exchange" not in group.children:
            path = ("vpn", "ipsec", "ike-group", group.word, "key-exchange")
            lacks.append(lacking(group, "a group speaks one version of IKE; say ikev1 or ikev2", *path))
    return lacks
