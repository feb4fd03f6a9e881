"""From walks to a verdict: every situation of an entry crossed with every case of a question.

``refuted`` needs one end that refutes without a doubt; ``proved`` needs that no end in any situation refutes and
that nothing unmodelled could have changed that; everything else is ``unknown``, with the name of what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from sapper.kernel.gaps import ADDS_WAYS, DROPS
from sapper.kernel.plan import Connection, Plan
from sapper.proof.facts.packet import protocol_name
from sapper.proof.properties.protected import Entry
from sapper.proof.properties.question import Case, Question
from sapper.proof.properties.staying import assumed_to_stay, hangs_on_inbound, is_said_to_stay, up_and_moving
from sapper.proof.properties.unwalked import unwalked
from sapper.proof.states.effective import Kernel, kernel_in
from sapper.proof.states.events import events_into, parties_of
from sapper.proof.states.lifecycle import STATES, TAMPERING
from sapper.proof.states.situation import Situation, situations
from sapper.proof.verdict import OnWire, PropertyVerdict, VerdictWord, Witness, WitnessPacket
from sapper.proof.walk.walk import End

_MOST_NAMES = 8
NO_CASE = "its packets depend on an address known only when the SA is up"


class Finding(msgspec.Struct, frozen=True):
    """One end that refutes, or would if a doubt were settled."""

    situation: Situation
    case: Case
    end: End
    doubts: tuple[str, ...]


def settle(plan: Plan, entry: Entry, asked: Question) -> PropertyVerdict:
    """The verdict of one question over everything that the entry depends on."""
    if asked.not_applicable is not None:
        return PropertyVerdict(verdict="not-applicable", reason=asked.not_applicable)
    if asked.unknown is not None:
        return PropertyVerdict(verdict="unknown", reason=asked.unknown)
    if not asked.cases:
        # Nothing to walk would prove anything at all.
        return PropertyVerdict(verdict="unknown", reason=NO_CASE)
    covered = 0
    found: list[Finding] = []
    unknown: list[str] = []
    for situation in situations(plan, entry.connections, cone_of(plan, entry)):
        covered += 1
        kernel = kernel_in(plan, situation)
        for finding in _findings(kernel, situation, asked):
            if finding.end.kind == "unknown":
                unknown += finding.doubts
            else:
                found.append(finding)
    return _verdict(plan, entry, asked, covered, found, unknown, _assumptions(plan, entry, asked))


def _assumptions(plan: Plan, entry: Entry, asked: Question) -> tuple[str, ...]:
    if asked.property != "authenticity" or not is_said_to_stay(entry):
        return asked.assumptions
    up, moving = up_and_moving(plan)
    hangs = hangs_on_inbound(asked, lambda _: up, lambda _: moving)
    return (*asked.assumptions, *(assumed_to_stay(entry) if hangs else ()))


def answer(plan: Plan, asked: Question, situation: Situation) -> tuple[VerdictWord, tuple[str, ...]]:
    """The property in one single situation, as the lab asks it, and the trace of an end that decides it."""
    if asked.not_applicable is not None:
        return "not-applicable", ()
    if asked.unknown is not None or not asked.cases:
        return "unknown", ()
    kernel = kernel_in(plan, situation)
    findings = list(_findings(kernel, situation, asked))
    sure = [finding for finding in findings if not finding.doubts]
    if sure:
        return "refuted", sure[0].end.trace
    if findings:
        return "unknown", findings[0].end.trace
    first = next((end.trace for case in asked.cases for end in asked.ends(kernel, case)), ())
    return "proved", first


def cone_of(plan: Plan, entry: Entry) -> tuple[Connection, ...]:
    """The connections whose policies or routes an entry's packets can meet.

    Those that are not bound to an xfrm interface act on every packet; those that are, only on their interface's.
    """
    own = {connection.name for connection in entry.connections}
    return tuple(
        connection
        for connection in plan.connections
        if connection.name in own or any(child.if_id is None for child in connection.children)
    )


def _findings(kernel: Kernel, situation: Situation, asked: Question) -> Iterator[Finding]:
    for case in asked.cases:
        for end in asked.ends(kernel, case):
            if end.kind == "unknown":
                yield Finding(situation, case, end, end.doubts)
            elif asked.refutes(kernel, end):
                yield Finding(situation, case, end, (*end.doubts, *kernel.unknown))


def _verdict(
    plan: Plan,
    entry: Entry,
    asked: Question,
    covered: int,
    found: list[Finding],
    unknown: list[str],
    assumptions: tuple[str, ...],
) -> PropertyVerdict:
    gaps = dict.fromkeys(() if asked.sealed else (*plan.gaps, *unwalked(plan, asked.property)))
    dropping = [gap for gap in gaps if gap.endswith(DROPS)]
    adding = [gap for gap in gaps if gap.endswith(ADDS_WAYS)]
    sure = [finding for finding in found if not finding.doubts]
    lasting = [finding for finding in sure if finding.situation.row.state not in TAMPERING]
    failing = {finding.situation.row.state for finding in lasting}
    tampering = {finding.situation.row.state for finding in sure} & TAMPERING
    doubts = [doubt for finding in found for doubt in finding.doubts] + unknown
    verdict: VerdictWord = "proved"
    reason: str | None = None
    if lasting:
        verdict, reason = "refuted", None
        if dropping:
            verdict, reason = "unknown", f"not modelled, and it could stop the packet: {_names(dropping)}"
    elif doubts:
        verdict, reason = "unknown", "; ".join(dict.fromkeys(doubts))
    elif adding:
        verdict, reason = "unknown", f"not modelled, and it could add a way: {_names(adding)}"
    shown = lasting or [finding for finding in found if finding.end.kind == "wire"]
    return PropertyVerdict(
        verdict=verdict,
        failing_states=tuple(state for state in STATES if state in failing),
        tampering=tuple(sorted(tampering)),
        states=covered,
        classes=len(asked.cases),
        assumptions=(*plan.assumptions, *assumptions),
        reason=reason,
        witness=_witness(shown[0], _events(plan, entry, shown[0].situation)) if shown else None,
    )


def _names(gaps: list[str]) -> str:
    """The first few by name: a reason is read by people, and every entry has its own."""
    shown = ", ".join(gap.rpartition(": ")[0] for gap in gaps[:_MOST_NAMES])
    return f"{shown} and {len(gaps) - _MOST_NAMES} more" if len(gaps) > _MOST_NAMES else shown


def _events(plan: Plan, entry: Entry, situation: Situation) -> tuple[str, ...]:
    return events_into(parties_of(plan), (connection.name for connection in entry.connections), situation)


def _witness(finding: Finding, events: tuple[str, ...]) -> Witness:
    """The finding in text; the situation's variant tells the VTI's and the network's part."""
    row, end = finding.situation.row, finding.end
    packet = finding.case.packet
    variant = [row.variant] if row.variant else []
    if finding.situation.move.kind != "undisturbed":
        variant.append(str(finding.situation.move))
    return Witness(
        state=row.state,
        cause=row.cause,
        variant=", ".join(variant) or None,
        network=str(finding.case.network) if finding.case.network else None,
        events=events,
        packet=WitnessPacket(
            in_=finding.case.enters,
            src=str(packet.source) if packet and packet.source else "any",
            dst=str(packet.destination) if packet else "any",
            protocol=protocol_name(packet.protocol) if packet else "any",
        ),
        trace=end.trace,
        ended=end.kind,
        wire=_on_wire(end) if end.kind != "dropped" else None,
    )


def _on_wire(end: End) -> OnWire:
    return OnWire(
        interface=end.link or "",
        src=str(end.packet.source or "any"),
        dst=str(end.packet.destination),
        protocol=protocol_name(end.packet.protocol),
    )
