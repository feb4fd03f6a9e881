"""IPsec defaults that changed with 1.4, written out where an old configuration left the option away.

IKE groups until 1.3 speak IKEv1 and hold a connection that died, and a peer with credentials but no mode uses a
pre-shared key. VyOS' own upgrade leaves these to the new defaults, and so silently changes what a router does.
"""

from __future__ import annotations

from sapper.config.generation import old_peers
from sapper.config.tree import Node
from sapper.config.upgrade.graft import fill, tags
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    if not written.old_ipsec:
        return []
    for group in tags(root, "vpn", "ipsec", "ike-group"):
        fill(group, "key-exchange", "ikev1")
        if dpd := group.child("dead-peer-detection"):
            fill(dpd, "action", "trap")
    for peer in old_peers(root, written.old_ipsec):
        if authentication := peer.child("authentication"):
            fill(authentication, "mode", "pre-shared-secret")
    return []
