"""Policies of one priority of which one protects a packet and the other does not: which wins is not modelled.

The kernel orders equals by when they were installed, which SAs that come and go decide (xfrm_policy.c,
xfrm_policy_insert; the judge has seen the later one win). It matters only where a bypass policy, or one whose ESP
encrypts nothing, stands beside one that encrypts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Literal

from sapper.kernel.plan import Plan
from sapper.proof.effective import Policy, policies_of_child

_Kind = Literal["pass", "sa", "trap"]


def rivals(plan: Plan) -> Iterator[tuple[str, str]]:
    """The children whose policies compete, the one that does not protect first; each pair once."""
    every = [
        policy
        for connection in plan.connections
        for child in connection.children
        for kind in _kinds(child.mode)
        for policy in policies_of_child(connection, child, kind, state=True)
    ]
    opened = [policy for policy in every if policy.mode == "pass" or not policy.conceals]
    if not opened:
        return
    closed: dict[tuple[int | None, int], list[Policy]] = defaultdict(list)
    for policy in every:
        if policy.mode != "pass" and policy.conceals:
            closed[policy.if_id, policy.priority].append(policy)
    found = {
        (one.child, other.child): None
        for one in opened
        for other in closed.get((one.if_id, one.priority), ())
        if one.source.prefix.overlaps(other.source.prefix)
        and one.destination.prefix.overlaps(other.destination.prefix)
    }
    yield from found


def _kinds(mode: str) -> tuple[_Kind, ...]:
    return ("pass",) if mode == "pass" else ("sa", "trap")
