"""The key ring against the slow and obvious reading: go through all keys in order and keep the better one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sapper.model.psk import KeyRing, PreSharedKey
from sapper.secret import Secret

IDS = st.sampled_from(["east", "west", "north", "%any", "192.0.2.1"])
KEYS = st.lists(st.builds(lambda ids: tuple(ids), st.lists(IDS, max_size=3)), max_size=5).map(
    lambda all_ids: [PreSharedKey(ids, Secret(str(number))) for number, ids in enumerate(all_ids)]
)
ENDS = st.sets(st.sampled_from(["east", "west", "north", "192.0.2.1"]), max_size=2)


def match(ids: tuple[str, ...], identities: set[str]) -> int:
    if identities & set(ids):
        return 2
    return 1 if "%any" in ids or not ids or not identities else 0


def slow(keys: list[PreSharedKey], local: set[str], remote: set[str]) -> PreSharedKey | None:
    best, best_rank = None, (0, 0)
    for key in keys:
        rank = (match(key.ids, remote), match(key.ids, local))
        if rank > best_rank:
            best, best_rank = key, rank
    return best


@given(KEYS, ENDS, ENDS)
def test_the_ring_finds_what_going_through_all_keys_finds(
    keys: list[PreSharedKey], local: set[str], remote: set[str]
) -> None:
    found, expected = KeyRing(keys).key_for(local, remote), slow(keys, local, remote)
    if expected is None or found is None:
        assert found == expected
        return
    ranks = [(match(key.ids, remote), match(key.ids, local)) for key in (found, expected)]
    assert ranks[0] == ranks[1]


def test_the_first_of_equals_is_taken() -> None:
    keys = [PreSharedKey(("west",), Secret("1")), PreSharedKey(("west",), Secret("2"))]
    assert KeyRing(keys).key_for(set(), {"west"}) is keys[0]
