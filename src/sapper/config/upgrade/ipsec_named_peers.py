"""Peers got names of their own, and their address became an option: VyOS' ipsec step 9-to-10, its peers' half.

``peer 192.0.2.1`` is ``peer peer_192-0-2-1`` with remote-address and remote-id 192.0.2.1; ``peer @west`` is
``peer peer_west`` with remote-id west and any remote address. For ``peer any`` VyOS writes the identity ``any``,
which no peer has; what the old generation did is kept instead: any identity.
"""

from __future__ import annotations

from sapper.config.generation import old_peers
from sapper.config.tree import Node
from sapper.config.upgrade.flag import to_flag
from sapper.config.upgrade.graft import rename, rename_word, tags, write
from sapper.config.upgrade.ipsec_passive_peers import ANY_ADDRESS
from sapper.config.upgrade.step import Note, Written

_DASHED = str.maketrans(".:", "--")


def apply(root: Node, written: Written) -> list[Note]:
    for peer in tags(root, "vpn", "ipsec", "site-to-site", "peer"):
        to_flag(peer, "force-encapsulation", "enable", "force-udp-encapsulation")
        if authentication := peer.child("authentication"):
            rename_word(authentication, "id", "local-id")
    renamed = {peer.word: new_name(peer.word) for peer in old_peers(root, written.old_ipsec)}
    for peer in old_peers(root, written.old_ipsec):
        _say_address(peer)
    peers = root.find("vpn", "ipsec", "site-to-site", "peer")
    if peers is not None:
        rename(peers, lambda peer: renamed.get(peer.word, peer.word))
    return []


def new_name(word: str) -> str:
    """The name that VyOS gives to a peer that was known by its address or identity."""
    return "peer_" + word.removeprefix("@").translate(_DASHED)


def _say_address(peer: Node) -> None:
    spot = Node(peer.word, peer.spans)
    spot.extent = peer.span
    identity = peer.word.removeprefix("@")
    anywhere = peer.word.startswith("@") or peer.word in ANY_ADDRESS
    authentication = write(peer, "authentication", of=spot)
    if "remote-id" not in authentication.children:
        write(authentication, "remote-id", "%any" if peer.word in ANY_ADDRESS else identity, of=spot)
    write(peer, "remote-address", "any" if anywhere else identity, of=spot)
