"""Policies of one priority over sets of packets: which of them meet, where, and in which situations.

Mirrors what :func:`sapper.proof.walk.policy.outbound` gives for one packet: among equals any may decide.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from sapper.proof.index.circumstance import ALL_ROWS, Circumstance, narrowed
from sapper.proof.index.policies import Policies, Spd
from sapper.proof.sets.headers import Headers, cut
from sapper.proof.walk.policy import contested

# Of more equals than that those that meet the policy are looked up.
_MANY = 64
Cell = tuple[Headers, Circumstance, tuple[Spd, ...]]


def rivals_of(policies: Policies, candidates: Sequence[Spd], at: int, if_id: int | None, room: int) -> list[Spd]:
    """The candidates after that place with the priority of the one before it, as far as they may meet its packets."""
    policy = candidates[at - 1]
    priority = policy.rank[0]
    if at == len(candidates) or candidates[at].rank[0] != priority:
        return []
    later = candidates[at : bisect_right(candidates, priority, at, key=_priority)]
    policies.meter.take(len(later))
    if len(later) > _MANY:
        destination = policy.destination_low, policy.destination_high
        source = policy.source_low, policy.source_high
        found = policies.towards(if_id, policy.shape.family, destination, source, room)
        later = [other for other in found if other.rank > policy.rank]
    return [other for other in later if other.rank[0] == priority and _meet(policy, other)]


def cells(headers: Headers, when: Circumstance, rivals: Sequence[Spd], mirrored: bool = False) -> Iterator[Cell]:
    """The packets and situations divided by which of the rivals are there."""
    open_: list[tuple[Headers, Circumstance, int, tuple[Spd, ...]]] = [(headers, when, 0, ())]
    while open_:
        packets, here, at, members = open_.pop()
        if at == len(rivals):
            yield packets, here, members
            continue
        rival = rivals[at]
        inside, outside = cut(packets, rival.mirror if mirrored else rival.shape)
        open_ += [(piece, here, at + 1, members) for piece in outside]
        if inside is None:
            continue
        rows = rival.there(mirrored)
        there = narrowed(here, ((rival.row, rows),)) if rows else None
        if there is not None:
            open_.append((inside, there, at + 1, (*members, rival)))
        absent = ALL_ROWS & ~rows
        gone = narrowed(here, ((rival.row, absent),)) if absent else None
        if gone is not None:
            open_.append((inside, gone, at + 1, members))


def together(
    policy: Spd, headers: Headers, when: Circumstance, rivals: Sequence[Spd], mirrored: bool = False
) -> Iterator[Cell]:
    """The policy and those that meet its packets, in parts; each part has the policy itself first.

    Where all of them protect, or none does, no doubt hangs on who is there at the same time: each is taken by itself,
    because many that meet would make as many cells as there are sets of them.
    """
    if len({_protects(one) for one in (policy, *rivals)}) > 1:
        yield from (
            (packets, here, (policy, *others)) for packets, here, others in cells(headers, when, rivals, mirrored)
        )
        return
    yield headers, when, (policy,)
    for rival in rivals:
        inside, _ = cut(headers, rival.mirror if mirrored else rival.shape)
        there = narrowed(when, ((rival.row, rival.there(mirrored)),)) if inside is not None else None
        if inside is not None and there is not None:
            yield inside, there, (rival,)


def deciding(policy: Spd, when: Circumstance) -> Iterator[tuple[bool, Circumstance]]:
    """Whether the policy has its SA, with the situations of each."""
    for mask, state in ((policy.state, True), (policy.present & ~policy.state, False)):
        then = narrowed(when, ((policy.row, mask),)) if mask else None
        if then is not None:
            yield state, then


def contest_of(members: Sequence[Spd]) -> str | None:
    """The doubt where some of them protect and some do not."""
    return contested([(one.child.name, _protects(one)) for one in members])


def _priority(policy: Spd) -> int:
    return policy.rank[0]


def _protects(policy: Spd) -> bool:
    return policy.mode != "pass" and policy.conceals


def _meet(one: Spd, other: Spd) -> bool:
    return (
        one.child is not other.child
        and one.destination_low <= other.destination_high
        and other.destination_low <= one.destination_high
        and one.source_low <= other.source_high
        and other.source_low <= one.source_high
        and bool(one.shape.protocols & other.shape.protocols)
    )
