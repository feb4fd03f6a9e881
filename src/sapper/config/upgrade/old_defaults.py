"""Defaults that changed between generations, written out where an old configuration left the option away.

Only those that can matter to a tunnel: IKE groups until 1.3 speak IKEv1 and hold a connection that died, a peer
with credentials but no mode uses a pre-shared key, and tunnels until 1.2 send with TTL 255. VyOS' own upgrade
leaves these to the new defaults, and so silently changes what a router does.
"""

from __future__ import annotations

from sapper.config.generation import old_peers
from sapper.config.tree import Node
from sapper.config.upgrade.graft import tags, write
from sapper.config.upgrade.step import Note, Written

_TTL_255 = frozenset({"gre", "ipip", "sit"})


def apply(root: Node, written: Written) -> list[Note]:
    if written.old_ipsec:
        for group in tags(root, "vpn", "ipsec", "ike-group"):
            _fill(group, "key-exchange", "ikev1")
            if dpd := group.child("dead-peer-detection"):
                _fill(dpd, "action", "trap")
        for peer in old_peers(root, written.old_ipsec):
            if authentication := peer.child("authentication"):
                _fill(authentication, "mode", "pre-shared-secret")
    if written.generation in ("1.1", "1.2"):
        for tunnel in tags(root, "interfaces", "tunnel"):
            encapsulation = tunnel.child("encapsulation")
            if encapsulation and encapsulation.children and encapsulation.values()[-1].word in _TTL_255:
                _default_ttl(tunnel)
    return []


def _default_ttl(tunnel: Node) -> None:
    if tunnel.find("parameters", "ip", "ttl") is None:
        write(tunnel, "parameters", "ip", "ttl", "255", of=_spot(tunnel))


def _fill(parent: Node, option: str, value: str) -> None:
    if option not in parent.children:
        write(parent, option, value, of=_spot(parent))


def _spot(owner: Node) -> Node:
    """The place of the owner's word, for what no text wrote."""
    spot = Node(owner.word, owner.spans)
    spot.extent = owner.span
    return spot
