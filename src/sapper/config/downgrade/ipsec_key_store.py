"""Pre-shared keys belong to their peers: ipsec step 11-to-10.

A peer gets the key whose identities fit it best, as strongSwan chooses: the remote end counts before the local one, a
name more than ``%any``. A key that no peer uses, and a choice between two, cannot be said.
"""

from __future__ import annotations

from collections import defaultdict

from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import prune, tags, write, write_value

_ANY = frozenset({"%any", "any"})
_STORE = ("vpn", "ipsec", "authentication", "psk")


def apply(root: Node) -> list[Lacking]:
    keys = list(tags(root, *_STORE))
    by_identity: dict[str, list[int]] = defaultdict(list)
    for number, key in enumerate(keys):
        for identity in {"%any" if value.word in _ANY else value.word for value in tags(key, "id")}:
            by_identity[identity].append(number)
    lacks: list[Lacking] = []
    used: set[int] = set()
    for peer in tags(root, "vpn", "ipsec", "site-to-site", "peer"):
        best = _best(by_identity, peer) if peer.find("authentication", "mode", "pre-shared-secret") else []
        if not best:
            continue
        used.update(best)
        secrets = {value.word: value for number in best for value in tags(keys[number], "secret")}
        if len(secrets) > 1:
            reason = "a peer has one key, and two fit it equally well"
            lacks.append(lacking(peer, reason, "vpn", "ipsec", "site-to-site", "peer", peer.word))
        authentication = write(peer, "authentication", of=peer)
        for value in secrets.values():
            write_value(authentication, "pre-shared-secret", value)
    reason = "a key belongs to a peer, and no peer has its identities"
    lacks += [lacking(key, reason, *_STORE) for number, key in enumerate(keys) if number not in used]
    if store := root.find(*_STORE):
        store.children = {}
        prune(root, *_STORE)
    return lacks


def _best(by_identity: dict[str, list[int]], peer: Node) -> list[int]:
    """The keys that fit the peer best: the remote end counts first; 2 for a name, 1 where any identity fits."""
    remote = _named(by_identity, peer, ("authentication", "remote-id"), ("remote-address",))
    local = _named(by_identity, peer, ("authentication", "local-id"), ("local-address",))
    anyone = set(by_identity.get("%any", ()))
    pool = remote or anyone or local
    fits = {number: 2 if number in local else int(number in anyone) for number in pool}
    highest = max(fits.values(), default=0)
    return sorted(number for number, fit in fits.items() if fit == highest)


def _named(by_identity: dict[str, list[int]], peer: Node, *places: tuple[str, ...]) -> set[int]:
    """The keys that name an end of the peer: its identity, or its addresses where it has none."""
    for place in places:
        words = {value.word for value in tags(peer, *place)} - _ANY
        if words:
            return {number for word in words for number in by_identity.get(word, ())}
    return set()
