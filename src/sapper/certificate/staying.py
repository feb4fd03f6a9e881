"""What a certificate must say that authenticity assumes: that an SA whose inbound policy alone keeps packets out stays put.

Made again from the Plan by the reference, with two kernels: every SA up, and all of them on the move. A forged packet
is asked of the parts of them that it can meet.
"""

from __future__ import annotations

from functools import cached_property

from sapper.certificate.part import Parts
from sapper.kernel.plan import Plan
from sapper.proof.properties import authenticity
from sapper.proof.properties.protected import Entry
from sapper.proof.properties.question import Case
from sapper.proof.properties.staying import assumed_to_stay, hangs_on_inbound, is_said_to_stay, up_and_moving
from sapper.proof.states.effective import Kernel


class Staying:
    """Of one completed Plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    @cached_property
    def _parts(self) -> tuple[Parts, Parts]:
        up, moving = up_and_moving(self._plan)
        return Parts(up), Parts(moving)

    def assumed(self, entry: Entry, name: str) -> tuple[str, ...]:
        """The sentences for that property of an entry whose packets are walked."""
        if name != "authenticity" or not is_said_to_stay(entry):
            return ()
        asked = authenticity.question(self._plan, entry)

        def met(parts: Parts, case: Case) -> Kernel:
            return parts.met_by(case.packet, case.device)

        up, moving = self._parts
        hangs = hangs_on_inbound(asked, lambda case: met(up, case), lambda case: met(moving, case))
        return assumed_to_stay(entry) if hangs else ()
