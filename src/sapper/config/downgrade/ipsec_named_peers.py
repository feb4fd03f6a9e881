"""A peer's name is its address or identity: ipsec step 10-to-9, its peers' half.

``remote-address 192.0.2.1`` makes ``peer 192.0.2.1``; without an address the remote identity makes ``peer @west``, and
without that ``peer any``. Those two only answer, which 1.4 says as ``connection-type none``.
"""

from __future__ import annotations

from sapper.config.downgrade.from_flag import from_flag
from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import prune, rename, rename_word, spot, tags, take, write
from sapper.config.upgrade.ipsec_passive_peers import ANY_ADDRESS

_PEERS = ("vpn", "ipsec", "site-to-site", "peer")
_ANYONE = frozenset({"%any", "any"})


def apply(root: Node) -> list[Lacking]:
    lacks: list[Lacking] = []
    names: dict[str, str] = {}
    for peer in tags(root, *_PEERS):
        path = (*_PEERS, peer.word)
        if _is_old(peer):
            names[peer.word] = peer.word
            continue
        addresses = list(tags(peer, "remote-address"))
        somewhere = [value for value in addresses if value.word not in ANY_ADDRESS]
        if len(somewhere) == len(addresses) == 1:
            name = somewhere[0].word
            lacks += _reachable(peer, name, path)
        elif len(somewhere) == len(addresses) > 0:
            lacks.append(lacking(addresses[1], "a peer has one address", *path, "remote-address"))
            continue
        else:
            name = _passive_name(peer)
            lacks += _passive(peer, path)
        if name in names.values():
            lacks.append(lacking(peer, "a peer's name is its address or identity, and another has that", *path))
        names[peer.word] = name
        _old_words(peer)
    if peers := root.find(*_PEERS):
        rename(peers, lambda peer: names.get(peer.word, peer.word))
    return lacks


def _is_old(peer: Node) -> bool:
    return "remote-address" not in peer.children and ("." in peer.word or ":" in peer.word)


def _reachable(peer: Node, address: str, path: tuple[str, ...]) -> list[Lacking]:
    authentication = write(peer, "authentication", of=spot(peer))
    identity = authentication.child("remote-id")
    if identity is None:
        write(authentication, "remote-id", "%any", of=spot(peer))
    elif set(identity.children) == {address}:
        take(authentication, "remote-id")
    prune(peer, "authentication")
    if kind := peer.find("connection-type", "none"):
        return [lacking(kind, "a peer with an address is called or answered", *path, "connection-type")]
    return []


def _passive_name(peer: Node) -> str:
    identities = [value.word for value in tags(peer, "authentication", "remote-id")]
    if authentication := peer.child("authentication"):
        take(authentication, "remote-id")
        prune(peer, "authentication")
    named = [word for word in identities if word not in _ANYONE]
    return f"@{named[-1]}" if named else "any"


def _passive(peer: Node, path: tuple[str, ...]) -> list[Lacking]:
    lacks = []
    kind = peer.child("connection-type")
    if kind is None or set(kind.children) != {"none"}:
        reason = "a peer without an address only answers; say connection-type none"
        lacks.append(lacking(kind or peer, reason, *path, "connection-type"))
    take(peer, "connection-type")
    if vti := peer.child("vti"):
        lacks.append(lacking(vti, "a peer without an address has no VTI", *path, "vti"))
    return lacks


def _old_words(peer: Node) -> None:
    take(peer, "remote-address")
    from_flag(peer, "force-udp-encapsulation", "force-encapsulation", "enable")
    if authentication := peer.child("authentication"):
        rename_word(authentication, "local-id", "id")
