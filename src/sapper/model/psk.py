"""Which pre-shared key strongSwan takes for a peer: keys belong to identities, not to peers.

The better match for the peer's identity wins, then the better one for our own, then the first; an exact identity
is better than ``%any``, and one side alone is enough. An identity that is not written is the address. Source:
strongSwan's src/libstrongswan/credentials/credential_manager.c, get_shared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sapper.model.branch import Branch
from sapper.secret import Secret

ANY_ID = "%any"
_NO_ID = frozenset({ANY_ID, "any"})


class PreSharedKey(NamedTuple):
    ids: tuple[str, ...]
    secret: Secret


class KeyRing:
    """All keys of a configuration, found by identity."""

    def __init__(self, keys: Sequence[PreSharedKey]) -> None:
        self._keys = keys
        self._for_anyone = [key for key in keys if ANY_ID in key.ids or not key.ids]
        self._by_id: dict[str, list[PreSharedKey]] = {}
        for key in keys:
            for identity in dict.fromkeys(key.ids):
                self._by_id.setdefault(identity, []).append(key)

    def key_for(self, local: set[str], remote: set[str]) -> PreSharedKey | None:
        """The key for a peer whose ends go by these identities (none: unknown here); None if no key knows either."""
        pool = self._of(remote) or (self._for_anyone if remote else self._keys)
        if not pool:
            pool = self._of(local) if local else self._keys
        return max(pool, key=lambda key: _match(key, local), default=None)

    def _of(self, identities: set[str]) -> list[PreSharedKey]:
        return [key for identity in sorted(identities - _NO_ID) for key in self._by_id.get(identity, [])]


def build_keys(root: Branch) -> KeyRing:
    """All keys that have a secret. The text of the secret goes into :class:`Secret` here and nowhere else."""
    keys = []
    for branch in root.each("vpn", "ipsec", "authentication", "psk"):
        secret = branch.in_force("secret")
        if secret is not None:
            keys.append(PreSharedKey(tuple(node.word for node in branch.texts("id")), Secret(secret.word)))
    return KeyRing(keys)


def _match(key: PreSharedKey, identities: set[str]) -> int:
    """2 for one of the identities itself, 1 for anyone, 0 for neither."""
    if not (identities - _NO_ID).isdisjoint(key.ids):
        return 2
    return 1 if ANY_ID in key.ids or not key.ids else 0
