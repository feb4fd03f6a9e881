"""What the model says about one router's state: its kernel, and the verdict of the wire.

The kernel is :func:`sapper.proof.states.effective.kernel_in` asked for the state's own row, in the form in which the agent
tells what it has found.
"""

from __future__ import annotations

from typing import Any

from sapper.kernel.plan import CHARON_TABLE
from sapper.lab.measure import Subject
from sapper.lab.rig import Side
from sapper.proof.properties.tally import answer
from sapper.proof.prove import questions
from sapper.proof.states.effective import Policy, kernel_in
from sapper.proof.states.history import Held
from sapper.proof.states.reach import row_of
from sapper.proof.states.situation import Situation


def vtis_of(side: Side) -> list[str]:
    """The links that an updown script raises."""
    return [link.name for link in side.plan.links if link.raised_by]


def situation_of(side: Side, held: Held) -> Situation:
    """The state as a situation of the proof."""
    return Situation(row_of(held), frozenset(vtis_of(side)) if held.raised else frozenset())


def kernel_of(side: Side, held: Held) -> dict[str, Any]:
    """What the agent will find in this router's kernel."""
    kernel = kernel_in(side.plan, situation_of(side, held))
    routes = {
        (str(route.prefix), str(route.via) if route.via else "", route.link or "")
        for route in kernel.tables[CHARON_TABLE]
    }
    return {
        "policies": sorted(map(_policy, kernel.policies)),
        "mirrored": True,
        "states": held.keys or held.old_keys,
        "routes": sorted(map(list, routes)),
        "raised": sorted(vtis_of(side)) if held.raised else [],
    }


def _policy(policy: Policy) -> list[Any]:
    protocol = policy.source.protocol or policy.destination.protocol or 0
    ends = [str(policy.source.prefix), str(policy.destination.prefix)]
    return [*ends, protocol, policy.priority, policy.if_id or 0, policy.mode]


def verdicts(subject: Subject, held: Held) -> dict[str, str]:
    """Each property in this state alone; ``unknown`` and ``not-applicable`` are left out."""
    situation = situation_of(subject.side, held)
    found: dict[str, str] = {}
    for asked in questions(subject.side.plan, subject.entry):
        verdict, _ = answer(subject.side.plan, asked, situation)
        if verdict in ("proved", "refuted"):
            found[asked.property] = str(verdict)
    return found
