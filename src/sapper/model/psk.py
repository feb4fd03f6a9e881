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
    """All keys of a configuration, found by identity without going through all of them."""

    def __init__(self, keys: Sequence[PreSharedKey]) -> None:
        self._all = _Pool(keys)
        self._for_anyone = _Pool([key for key in keys if ANY_ID in key.ids or not key.ids])
        by_id: dict[str, list[PreSharedKey]] = {}
        for key in keys:
            for identity in dict.fromkeys(key.ids):
                by_id.setdefault(identity, []).append(key)
        self._by_id = {identity: _Pool(pool) for identity, pool in by_id.items()}

    def key_for(self, local: set[str], remote: set[str]) -> PreSharedKey | None:
        """The key for a peer whose ends go by these identities (none: unknown here); None if no key knows either."""
        mine = local - _NO_ID
        pools = self._of(remote)
        if not pools:
            anyone = self._for_anyone if remote else self._all
            pools = [anyone] if anyone.keys else self._of(local) if local else [self._all]
        found = [pool.best(mine) for pool in pools]
        return max(found, key=lambda ranked: ranked[0], default=(0, None))[1]

    def _of(self, identities: set[str]) -> list[_Pool]:
        return [self._by_id[identity] for identity in sorted(identities - _NO_ID) if identity in self._by_id]


class _Pool:
    """Keys among which the one that suits our own identity is looked for, by an index made at the first question."""

    __slots__ = ("_by_id", "keys")

    def __init__(self, keys: Sequence[PreSharedKey]) -> None:
        self.keys = keys
        self._by_id: dict[str, int] | None = None

    def best(self, identities: set[str]) -> tuple[int, PreSharedKey | None]:
        """The first key of the best match and how good that is: 2 for an identity itself, 1 for anyone, 0 for neither."""
        if not self.keys:
            return 0, None
        index = self._index()
        exact = [index[identity] for identity in identities if identity in index]
        if exact:
            return 2, self.keys[min(exact)]
        if ANY_ID in index:
            return 1, self.keys[index[ANY_ID]]
        return 0, self.keys[0]

    def _index(self) -> dict[str, int]:
        """Each identity to the first key that has it; a key without identities is for anyone."""
        if self._by_id is None:
            self._by_id = {}
            for place, key in enumerate(self.keys):
                for identity in key.ids or (ANY_ID,):
                    self._by_id.setdefault(identity, place)
        return self._by_id


def build_keys(root: Branch) -> KeyRing:
    """All keys that have a secret. The text of the secret goes into :class:`Secret` here and nowhere else."""
    keys = []
    for branch in root.each("vpn", "ipsec", "authentication", "psk"):
        secret = branch.secret("secret")
        if secret is not None:
            keys.append(PreSharedKey(tuple(node.word for node in branch.texts("id")), secret))
    return KeyRing(keys)
