"""What authenticity assumes of an SA that is said to stay where it is.

Where the configuration names both ends and forces no ESP into UDP, the row ``up (moved)`` is not asked
(:func:`~sapper.proof.states.situation.may_move`). A NAT that nobody mentions, or a MOBIKE update (RFC 4555), moves such an SA all
the same, and takes its inbound policies away for a moment. That matters only where nothing else keeps a forged packet
out, no guard and no trap; then the verdict names it.
"""

from __future__ import annotations

from collections.abc import Callable

from sapper.kernel.plan import Plan
from sapper.proof.properties.protected import Entry
from sapper.proof.properties.question import Case, Question
from sapper.proof.states.effective import Kernel, kernel_in
from sapper.proof.states.lifecycle import MOVED, TABLE
from sapper.proof.states.situation import Situation, may_move, raised_sets

_UP = next(row for row in TABLE if row.state == "up")


def up_and_moving(plan: Plan) -> tuple[Kernel, Kernel]:
    """The kernel with every SA up, and the one in which all of them move; every VTI is raised in both."""
    up, moving = (kernel_in(plan, Situation(row, next(raised_sets(plan, row)))) for row in (_UP, MOVED))
    return up, moving


def is_said_to_stay(entry: Entry) -> bool:
    """Whether the configuration gives no SA of that entry another address or port."""
    return bool(entry.connections) and not any(map(may_move, entry.connections))


def hangs_on_inbound(asked: Question, up: Callable[[Case], Kernel], moving: Callable[[Case], Kernel]) -> bool:
    """Whether every forged packet is kept out in ``up``, and one comes in while the SAs move. Kernels as a case meets them."""
    return not _comes_in(asked, up) and _comes_in(asked, moving)


def _comes_in(asked: Question, kernel_of: Callable[[Case], Kernel]) -> bool:
    kernels = ((kernel_of(case), case) for case in asked.cases)
    return any(asked.refutes(kernel, end) for kernel, case in kernels for end in asked.ends(kernel, case))


def assumed_to_stay(entry: Entry) -> tuple[str, ...]:
    """The assumption, one sentence for each connection."""
    return tuple(
        f"{connection.title or connection.name}: no NAT on the way and no MOBIKE update moves the SA to another address"
        " or port; while charon moves an SA, no policy asks what comes in"
        for connection in entry.connections
        if any(child.mode != "pass" for child in connection.children)
    )
