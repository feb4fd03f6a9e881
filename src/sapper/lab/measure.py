"""One measurement: probes and forged packets for every entry, then counts, what was seen, what had been predicted.

Seen and predicted are found on separate ways: the counts come from frames on the router's own wires and from what
receivers heard; the prediction comes from the proof, asked for this very row of the lifecycle table, with the VTIs
raised that are raised.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import msgspec

from sapper.lab.classify import classify, token_of
from sapper.lab.injection import forged
from sapper.lab.probes import COUNT, PROBE_PORT, Probe, probes_of
from sapper.lab.result import CapturedFrame, TunnelState, Verdict
from sapper.lab.rig import Rig, Side
from sapper.lab.scenario import Point
from sapper.lab.topology import Topology
from sapper.proof.lifecycle import Row
from sapper.proof.protected import Entry, entries_of
from sapper.proof.prove import questions
from sapper.proof.situation import Situation
from sapper.proof.tally import answer
from sapper.proof.trust import Trust, trust_of
from sapper.proof.unwalked import UNWALKED_KINDS

# Quiet for so long means that nothing more comes; a packet needs a few milliseconds from end to end.
_QUIET_S = 0.08
_LIMIT_S = 3.0


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of one router, with everything that its measurements need."""

    side: Side
    entry: Entry
    probes: tuple[Probe, ...]
    forged: bytes | None
    trust: Trust

    @property
    def forged_token(self) -> str:
        return f"sapper:forged:{self.side.name}:{self.entry.name.replace(' ', '_')}"


def subjects_of(topology: Topology, side: Side) -> Iterator[Subject]:
    """The protected entries of a router whose connections lead to the other router."""
    names = {connection.name for connection in side.connections}
    for entry in entries_of(side.plan):
        if not {connection.name for connection in entry.connections} & names:
            continue
        if entry.link is not None and entry.link.kind in (*UNWALKED_KINDS, "wireguard"):
            continue  # the proof says unknown of them, or has nothing to measure that IPsec does
        subject = Subject(
            side=side,
            entry=entry,
            probes=probes_of(topology, side.name, entry),
            forged=None,
            trust=trust_of(side.plan),
        )
        link = entry.link
        local = link.encapsulating.local if link and link.encapsulating else None
        if link is not None and local is not None:
            packet = forged(link, local, subject.forged_token, PROBE_PORT)
            subject = msgspec.structs.replace(subject, forged=packet)
        yield subject


def measure(
    rig: Rig, subjects: tuple[Subject, ...], point: Point
) -> tuple[dict[int, TunnelState], tuple[CapturedFrame, ...]]:
    """The states of the subjects (by position) whose router is in a row of the point, and the frames seen."""
    chosen = [(at, subject) for at, subject in enumerate(subjects) if subject.side.name in point.rows]
    vtis = {side.name: [link.name for link in side.plan.links if link.raised_by] for side in rig.sides}
    answered = rig.ask(
        "measure",
        batches=[_batch(rig.topology, subject) for _, subject in chosen],
        watch=vtis,
        forgetful=rig.names,
        quiet_s=_QUIET_S,
        limit_s=_LIMIT_S,
    )
    states: dict[int, TunnelState] = {}
    every: list[CapturedFrame] = []
    offset = 0.0
    for (at, subject), batch in zip(chosen, answered["batches"], strict=True):
        frames = [_frame(rig.topology, raw, offset) for raw in batch["frames"]]
        raised = frozenset(name for name, up in answered["up"][subject.side.name].items() if up)
        states[at] = _state(subject, point.rows[subject.side.name], raised, frames, batch["heard"])
        every += frames
        offset = max((frame.time_s for frame in frames), default=offset) + _QUIET_S
    return states, tuple(every)


def _batch(topology: Topology, subject: Subject) -> dict[str, Any]:
    injections = []
    if subject.forged is not None:
        vantage = topology.vantages[subject.side.name]
        injections.append(
            {
                "node": vantage.node,
                "interface": vantage.link,
                "router": subject.side.name,
                "router_interface": vantage.router_link,
                "packet": base64.b64encode(subject.forged).decode(),
                "count": COUNT,
            }
        )
    return {"flows": [probe.to_message() for probe in subject.probes], "injections": injections}


def _frame(topology: Topology, raw: list[Any], offset: float) -> CapturedFrame:
    at, time_s, outgoing, text = raw
    router, interface = topology.captures[at]
    frame = base64.b64decode(text)
    return CapturedFrame(
        time_s=max(0.0, time_s) + offset,
        router=router,
        interface=interface,
        outgoing=outgoing,
        frame=frame,
        category=classify(frame)[0],
    )


def _state(
    subject: Subject,
    row: Row,
    raised: frozenset[str],
    frames: list[CapturedFrame],
    heard: dict[str, dict[str, int]],
) -> TunnelState:
    through = [probe for probe in subject.probes if probe.through]
    total: dict[str, int] = {}
    for tokens in heard.values():
        for token, count in tokens.items():
            total[token] = total.get(token, 0) + count
    counts = _counts(subject, frames)
    sent = COUNT * len(through)
    delivered = sum(min(COUNT, total.get(probe.token, 0)) for probe in through)
    decapsulated = total.get(subject.forged_token, 0)
    injected = COUNT if subject.forged is not None else 0
    seen = _seen(subject, row, counts, (sent, delivered), (injected, decapsulated))
    predicted, trace = _predicted(subject, row, raised)
    compared = [name for name, verdict in predicted.items() if verdict in ("proved", "refuted") and name in seen]
    return TunnelState(
        state=row.state,
        cause=row.cause,
        variant=_variant(row, subject, raised),
        sent=sent,
        delivered=delivered,
        esp=counts["esp"],
        clear_outer=counts["clear-outer"],
        clear_inner=counts["clear-inner"],
        injected=injected,
        decapsulated=decapsulated,
        seen=seen,
        predicted=predicted,
        agrees=all(predicted[name] == seen[name] for name in compared),
        trace=trace,
    )


def _variant(row: Row, subject: Subject, raised: frozenset[str]) -> str | None:
    words = [row.variant] if row.variant else []
    link = subject.entry.link
    if link is not None and link.raised_by:
        words.append(f"{link.name} {'raised' if link.name in raised else 'lowered'}")
    return ", ".join(words) or None


def _counts(subject: Subject, frames: list[CapturedFrame]) -> dict[str, int]:
    """Frames that this router put on its own untrusted interfaces, by kind; clear ones by their token.

    A probe along a selector does not go through the tunnel: in clear it is an inner packet whatever its protocol is.
    """
    counts = {"esp": 0, "clear-outer": 0, "clear-inner": 0}
    through = {probe.token: probe.through for probe in subject.probes}
    for frame in frames:
        if not frame.outgoing or frame.router != subject.side.name:
            continue
        kind, destination = classify(frame.frame)
        link = subject.side.plan.link(frame.interface)
        if link is None or destination is None or not subject.trust.leaks(link, destination):
            continue
        token = token_of(frame.frame)
        if kind == "esp":
            counts["esp"] += 1
        elif kind in counts and token in through:
            counts[kind if through[token] else "clear-inner"] += 1
    return counts


def _seen(
    subject: Subject,
    row: Row,
    counts: dict[str, int],
    traffic: tuple[int, int],
    attack: tuple[int, int],
) -> dict[str, Verdict]:
    """The properties as the wire shows them: ``refuted`` for what happened, ``proved`` for what did not here."""
    device = subject.entry.link is not None
    own = counts["clear-outer"] + (0 if device else counts["clear-inner"])
    seen: dict[str, Verdict] = {"confidentiality": _word(own == 0)}
    if device:
        seen["no-bypass"] = _word(counts["clear-inner"] == 0)
    if attack[0]:
        seen["authenticity"] = _word(attack[1] == 0)
    if row.state == "up" and traffic[0]:
        seen["liveness"] = _word(traffic[0] == traffic[1])
    return seen


def _word(holds: bool) -> Verdict:
    return "proved" if holds else "refuted"


def _predicted(subject: Subject, row: Row, raised: frozenset[str]) -> tuple[dict[str, Verdict], tuple[str, ...]]:
    situation = Situation(row, raised)
    predicted: dict[str, Verdict] = {}
    trace: tuple[str, ...] = ()
    for asked in questions(subject.side.plan, subject.entry):
        verdict, decisive = answer(subject.side.plan, asked, situation)
        predicted[asked.property] = verdict
        if asked.property == "confidentiality" or (verdict == "refuted" and asked.property == "no-bypass"):
            trace = decisive
    return predicted, trace
