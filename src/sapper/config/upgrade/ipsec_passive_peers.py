"""A peer without an address of its own is loaded passively until 1.3, whatever its connection-type says.

``peer @id``, ``peer any`` and ``peer 0.0.0.0`` cannot be called, so the old generations load them to answer only.
The newest words say that as ``connection-type none``.
"""

from __future__ import annotations

from sapper.config.generation import old_peers
from sapper.config.tree import Node
from sapper.config.upgrade.graft import take, write
from sapper.config.upgrade.step import Note, Written

ANY_ADDRESS = frozenset({"any", "0.0.0.0", "::"})


def apply(root: Node, written: Written) -> list[Note]:
    for peer in list(old_peers(root, written.old_ipsec)):
        if peer.word.startswith("@") or peer.word in ANY_ADDRESS:
            take(peer, "connection-type")
            spot = Node(peer.word, peer.spans)
            spot.extent = peer.span
            write(peer, "connection-type", "none", of=spot)
    return []
