"""What a peer of 1.4 may have and one of 1.3 may not: ipsec step 10-to-9.

Several prefixes on one side of a tunnel, a VTI beside tunnels or in transport mode, ``connection-type none`` where
the peer has an address.
"""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import tags


def apply(root: Node) -> list[Lacking]:
    lacks: list[Lacking] = []
    for peer in tags(root, "vpn", "ipsec", "site-to-site", "peer"):
        path = ("vpn", "ipsec", "site-to-site", "peer", peer.word)
        for tunnel in tags(peer, "tunnel"):
            for side in ("local", "remote"):
                lacks += [
                    lacking(
                        value, "a tunnel has one prefix on each side", *path, "tunnel", tunnel.word, side, "prefix"
                    )
                    for value in list(tags(tunnel, side, "prefix"))[1:]
                ]
        vti = peer.child("vti")
        if vti is None:
            continue
        if "tunnel" in peer.children:
            lacks.append(lacking(vti, "a peer has a VTI or tunnels, not both", *path, "vti"))
        if _transport(root, peer, vti):
            lacks.append(lacking(vti, "a VTI is in tunnel mode", *path, "vti"))
    return lacks


def _transport(root: Node, peer: Node, vti: Node) -> bool:
    names = [*tags(vti, "esp-group")] or [*tags(peer, "default-esp-group")]
    return any(root.find("vpn", "ipsec", "esp-group", name.word, "mode", "transport") for name in names)
