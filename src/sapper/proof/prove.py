"""The proof: every entry, every property, over every situation and every packet.

Reads only the Plan. One Plan gives one answer. The work is done over sets (:class:`sapper.proof.over_sets.prove.Prover`); the
lab asks :func:`questions` for single situations and compares.
"""

from __future__ import annotations

from sapper.kernel.complete import complete
from sapper.kernel.plan import Plan
from sapper.proof.bounds import TRIAL_STEPS
from sapper.proof.enumeration import NOT_EXAMINED, NOT_WALKED, UNPROTECTED, questions
from sapper.proof.over_sets.prove import Prover
from sapper.proof.verdict import TunnelVerdicts

__all__ = ["NOT_EXAMINED", "NOT_WALKED", "UNPROTECTED", "prove", "prove_entry", "questions"]


def prove_entry(plan: Plan, name: str) -> TunnelVerdicts | None:
    """The verdicts of one of them, as :func:`prove` has them, or ``unknown`` sooner; None if there is none of that name."""
    prover = Prover(complete(plan), limit=TRIAL_STEPS, spare=TRIAL_STEPS)
    entry = next((entry for entry in prover.index.entries if entry.name == name), None)
    return None if entry is None else prover.verdicts(entry)


def prove(plan: Plan) -> tuple[TunnelVerdicts, ...]:
    """The verdicts of every tunnel, VTI and plain policy-based connection of a Plan."""
    prover = Prover(complete(plan))
    return tuple(prover.verdicts(entry) for entry in prover.index.entries)
