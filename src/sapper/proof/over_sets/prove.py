"""The proof over sets: every entry, every property, all situations and all packets, from one index of the Plan.

The verdicts are those of :mod:`sapper.proof.enumeration`, which stays the reference in the tests.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from sapper.kernel.links import encapsulation_of
from sapper.kernel.plan import Plan
from sapper.proof.bounds import ENTRY_STEPS, LOOKS_PER_STEP, SHARE_STEPS, SPARE_STEPS, Unbounded
from sapper.proof.enumeration import NOT_WALKED, UNPROTECTED, not_walked, protection_of
from sapper.proof.facts.lowered import lent_end
from sapper.proof.facts.over_udp import UDP_KINDS
from sapper.proof.index.circumstance import Circumstance, mask_of
from sapper.proof.index.links import RAISED_BIT
from sapper.proof.index.plan_index import PlanIndex
from sapper.proof.over_sets.authenticity import attacks
from sapper.proof.over_sets.cases import (
    NO_NETWORK,
    Origins,
    SetCase,
    bypass_cases,
    confidentiality_cases,
    not_asked,
)
from sapper.proof.over_sets.ending import Ending
from sapper.proof.over_sets.focus import Connections, Focus
from sapper.proof.over_sets.footprint import Footprint
from sapper.proof.over_sets.liveness import Liveness
from sapper.proof.over_sets.tally import Gaps, Tally, findings, leaking
from sapper.proof.over_sets.walk import SetWalk
from sapper.proof.properties import authenticity, bypass, confidentiality
from sapper.proof.properties.authenticity import _MULTIPOINT, _PLAIN, _TRUSTED
from sapper.proof.properties.liveness import UP
from sapper.proof.properties.protected import Entry
from sapper.proof.properties.question import Case, Question
from sapper.proof.properties.staying import assumed_to_stay, is_said_to_stay
from sapper.proof.properties.tally import NO_CASE
from sapper.proof.states.effective import Kernel
from sapper.proof.states.lifecycle import MOVED, Row
from sapper.proof.verdict import Property, PropertyVerdict, TunnelVerdicts
from sapper.proof.walk.walk import End

TOO_MUCH = "too many routes, policies or rules overlap on its way for every packet to be followed to its end"
_PROPERTIES: tuple[Property, ...] = ("confidentiality", "no-bypass", "authenticity", "liveness")

Walked = list[tuple[SetCase, list[Ending]]]
Ends = Callable[[Kernel, Case], tuple[End, ...]]


class Prover:
    """Proves entries of one completed Plan; what it has looked up for one serves the next."""

    def __init__(self, plan: Plan, limit: int = ENTRY_STEPS, spare: int = SPARE_STEPS) -> None:
        self.index = PlanIndex(plan)
        self.limit = limit
        self._spare = spare
        self.walk = SetWalk(self.index, limit)
        self.origins = Origins(self.index)
        self.connections = Connections(plan, self.index.policies)
        self._tally = Tally(self.index, self.origins)
        self._liveness = Liveness(self.index, self.walk, self.origins, Gaps(self.index))
        self._same_gaps = self._tally.gaps("confidentiality") == self._tally.gaps("no-bypass")

    def verdicts(self, entry: Entry) -> TunnelVerdicts:
        """Everything that is said of one entry."""
        self.walk.allow(self._given())
        self.walk.footprint = Footprint()
        verdicts: dict[str, PropertyVerdict]
        if not entry.is_protected:
            verdicts = {name: PropertyVerdict(verdict="not-applicable", reason=UNPROTECTED) for name in _PROPERTIES}
        else:
            verdicts = self._walked(entry)
        return TunnelVerdicts(
            name=entry.name,
            encapsulation=encapsulation_of(entry.link) if entry.link else "none",
            protection=protection_of(entry),
            verdicts=verdicts,
        )

    @property
    def footprint(self) -> Footprint:
        """What the last entry's proof looked up."""
        return self.walk.footprint

    def _given(self) -> int:
        """The steps for one entry: as many as are allowed while there are some to spare."""
        return max(min(self.limit, SHARE_STEPS), min(self.limit, self._spare))

    def _walked(self, entry: Entry) -> dict[str, PropertyVerdict]:
        focus = Focus(self.connections, entry)
        before = self.walk.steps
        self._frame: list[Ending] | None = None
        secret = self._bounded("confidentiality", self._confidentiality, entry, focus)
        if entry.link is None and not entry.networks and secret.reason != NO_CASE and self._same_gaps:
            around = secret  # the packets of its selectors are all that it protects
        else:
            around = self._bounded("no-bypass", self._no_bypass, entry, focus)
        genuine = self._bounded("authenticity", self._authenticity, entry, focus)
        alive = self._bounded("liveness", self._alive, entry, focus)
        spent = max(self.walk.steps - before, self.index.meter.taken // LOOKS_PER_STEP)
        self._spare -= max(0, spent - SHARE_STEPS)
        return dict(zip(_PROPERTIES, (secret, around, genuine, alive), strict=True))

    def _alive(self, entry: Entry, _focus: Focus) -> PropertyVerdict:
        return self._liveness.verdict(entry, self.connections.by_name, self._frame)

    def _bounded(
        self, asked: Property, ask: Callable[[Entry, Focus], PropertyVerdict], entry: Entry, focus: Focus
    ) -> PropertyVerdict:
        if entry.link is not None and not_walked(self.index.plan, entry.link, asked):
            return PropertyVerdict(verdict="unknown", reason=f"{entry.name}: {NOT_WALKED}")
        self.walk.own = None
        try:
            return ask(entry, focus)
        except Unbounded:
            return PropertyVerdict(verdict="unknown", reason=TOO_MUCH)

    def _confidentiality(self, entry: Entry, focus: Focus) -> PropertyVerdict:
        walked = [(case, self._follow(case)) for case in confidentiality_cases(self.index, entry)]
        self._frame = next((endings for case, endings in walked if case.headers is None), None)
        if not walked:
            return PropertyVerdict(verdict="unknown", reason=NO_CASE)
        trust = self.index.trust

        def refutes(kernel: Kernel, end: End) -> bool:
            return (
                end.kind == "wire"
                and not end.packet.protected
                and end.link in kernel.links
                and trust.leaks(kernel.links[end.link], end.packet.destination)
            )

        asked = Question(property="confidentiality", cases=(), ends=confidentiality._ends, refutes=refutes)
        return self._settle(asked, focus, walked, lambda ending: leaking(self.index, ending))

    def _follow(self, case: SetCase, enters: str | None = None) -> list[Ending]:
        if case.device is not None:
            return self.walk.hand_to_device(case.device, case.headers)
        return self.walk.walk(case.headers, enters) if case.headers is not None else []

    def _no_bypass(self, entry: Entry, focus: Focus) -> PropertyVerdict:
        reason = not_asked(self.origins, entry)
        if reason is not None:
            return PropertyVerdict(verdict="unknown", reason=reason)
        own = self.walk.own = entry.name if entry.link is not None else None
        cases = bypass_cases(self.index, self.origins, entry, self.walk.room)
        walked = [(case, self._follow(case, case.enters)) for case in cases]
        if not walked:
            return PropertyVerdict(verdict="not-applicable", reason=NO_NETWORK)
        trust = self.index.trust

        def refutes(kernel: Kernel, end: End) -> bool:
            return (
                end.kind == "wire"
                and not end.packet.protected
                and own not in end.devices
                and end.link in kernel.links
                and trust.leaks(kernel.links[end.link], end.packet.destination)
            )

        asked = Question(property="no-bypass", cases=(), ends=bypass._ends, refutes=refutes)
        return self._settle(asked, focus, walked, lambda ending: leaking(self.index, ending, own))

    def _authenticity(self, entry: Entry, focus: Focus) -> PropertyVerdict:
        link = entry.link
        if link is None:
            return PropertyVerdict(verdict="not-applicable", reason=_PLAIN)
        if link.encapsulating is not None and link.encapsulating.remote is None:
            return PropertyVerdict(verdict="unknown", reason=_MULTIPOINT)
        if self.index.trust.underlays and not self.index.trust.attacked:
            return PropertyVerdict(verdict="not-applicable", reason=_TRUSTED)
        reason = (
            self.index.exposure.unasked(link)
            if link.kind in UDP_KINDS
            else lent_end(link, self.index.links.of_its_end(link))
        )
        if reason is not None:
            return PropertyVerdict(verdict="unknown", reason=reason)
        walked = list(attacks(self.index, link, self.walk.room))
        if not walked:
            return PropertyVerdict(verdict="unknown", reason=NO_CASE)
        asked = Question(
            property="authenticity",
            cases=(),
            ends=authenticity._ends,
            refutes=_decapsulated,
            sealed=authenticity.is_sealed(link),
        )
        verdict = self._settle(asked, focus, walked, lambda ending: ending if ending.kind == "delivered" else None)
        whens = [ending.when for _, endings in walked for ending in endings if ending.kind == "delivered"]
        up, moving = (any(_is_in(row, when) for when in whens) for row in (UP, MOVED))
        if up or not moving or not is_said_to_stay(entry):
            return verdict
        assumptions = (*verdict.assumptions, *assumed_to_stay(entry))
        return msgspec.structs.replace(verdict, assumptions=assumptions)

    def _settle(
        self, asked: Question, focus: Focus, walked: Walked, refutes: Callable[[Ending], Ending | None]
    ) -> PropertyVerdict:
        found, unknown = findings(focus, walked, refutes)
        return self._tally.verdict(asked, focus, walked, found, unknown)


def _is_in(row: Row, when: Circumstance) -> bool:
    """Whether it can be with every connection in that row, every VTI raised and the network undisturbed."""
    bits = {"row": mask_of((row,)), "raised": RAISED_BIT, "move": 1}
    return all(mask & bits[variable[0]] for variable, mask in when.items())


def _decapsulated(kernel: Kernel, end: End) -> bool:
    return end.kind == "delivered" and not end.packet.protected
