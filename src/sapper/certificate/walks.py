"""Walks members of the cells with the plain walk of one packet, and compares the ends.

Members are gathered first and walked by situation, so that each kernel is made once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sapper.certificate.asked import Questions, Region
from sapper.certificate.derive import KEPT, Filled, seen_of
from sapper.certificate.document import EndSeen
from sapper.certificate.members import members_of
from sapper.certificate.part import Parts
from sapper.certificate.refused import Misfit
from sapper.certificate.space import Space, Variables
from sapper.kernel.plan import Plan
from sapper.proof.properties import authenticity, bypass, confidentiality
from sapper.proof.properties.question import Case
from sapper.proof.states.effective import Kernel, kernel_in
from sapper.proof.states.situation import Situation
from sapper.proof.walk.walk import End

_ENDS: dict[str, Callable[[Kernel, Case], tuple[End, ...]]] = {
    "confidentiality": confidentiality._ends,
    "no-bypass": bypass._ends,
    "authenticity": authenticity._ends,
}


class _Member(NamedTuple):
    case: Case
    name: str
    own: str | None
    expected: frozenset[EndSeen]
    place: str


class Walks:
    """``number`` counts the walks that were made."""

    def __init__(self, plan: Plan, questions: Questions) -> None:
        self._plan = plan
        self._questions = questions
        self._members: dict[Situation, list[_Member]] = {}
        self.number = 0

    def add(
        self,
        cell: Filled,
        space: Space,
        asked: Variables,
        region: Region,
        name: str,
        own: str | None,
        seed: str,
        place: str,
    ) -> None:
        """Remember a few members of a cell."""
        for situation, case in members_of(cell, space, asked, region, self._questions, seed):
            self._members.setdefault(situation, []).append(_Member(case, name, own, cell.ends, place))

    def run(self) -> None:
        """Walk them all. Raises Misfit for the first that comes to other ends than its cell says."""
        for situation, members in self._members.items():
            kernel = kernel_in(self._plan, situation)
            parts = Parts(kernel)
            for member in members:
                met = parts.met_by(member.case.packet, member.case.device)
                self._walk(met, situation, member)
                self.number += 1
        self._members.clear()

    def _walk(self, kernel: Kernel, situation: Situation, member: _Member) -> None:
        ends = _ENDS[member.name](kernel, member.case)
        found = {seen_of(end, self._refutes(kernel, end, member), member.own) for end in ends}
        if not ends:
            found = {KEPT}  # nothing takes it
        if found != member.expected:
            what = f"{member.case.packet or 'a frame'} entering at {member.case.enters}"
            said = " or ".join(map(_words, sorted(member.expected))) or "nothing"
            truly = " or ".join(map(_words, sorted(found))) or "nothing"
            when = f"{situation.row.label}, {situation.move}"
            raise Misfit(f"{member.place}: {what} in {when} comes to: {truly}; the cell says: {said}")

    def _refutes(self, kernel: Kernel, end: End, member: _Member) -> bool:
        if end.packet.protected:
            return False
        if member.name == "authenticity":
            return end.kind == "delivered"
        link = kernel.links.get(end.link or "")
        if end.kind != "wire" or link is None or member.own in end.devices:
            return False
        return self._questions.trust.leaks(link, end.packet.destination)


def _words(end: EndSeen) -> str:
    if end.kind != "wire":
        return end.kind
    return f"{'in clear' if end.clear else 'encrypted'} on {end.link}" + (", a leak" if end.refutes else "")
