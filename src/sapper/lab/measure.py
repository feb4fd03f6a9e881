"""One measurement: probes and forged packets for every entry, then counts, what was seen, what had been predicted.

Seen and predicted are found on separate ways: the counts come from frames on the router's own wires and from what
receivers heard; the prediction comes from the proof, asked for this very row of the lifecycle table, with the VTIs
raised that are raised.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from sapper.address import Address
from sapper.kernel.plan import Link
from sapper.lab.alive import arrival, foretold, plain, refused, translated
from sapper.lab.classify import classify, token_of
from sapper.lab.injection import forged
from sapper.lab.probes import COUNT, PROBE_PORT, Probe, far_of, probes_of
from sapper.lab.result import CapturedFrame, TunnelState, Verdict
from sapper.lab.rig import Rig, Side
from sapper.lab.routing import Learnt, announced_by, with_learnt
from sapper.lab.scenario import Point
from sapper.lab.topology import Topology
from sapper.proof.facts.over_udp import UDP_KINDS
from sapper.proof.facts.trust import Trust, trust_of
from sapper.proof.properties.protected import Entry, entries_of
from sapper.proof.properties.tally import answer
from sapper.proof.prove import questions
from sapper.proof.states.events import events_into, parties_of
from sapper.proof.states.lifecycle import TABLE, Row
from sapper.proof.states.situation import Situation

# Quiet for so long means that nothing more comes; a packet needs a few milliseconds from end to end.
_QUIET_S = 0.08
_LIMIT_S = 3.0
_PAIR = 2

_SAID = ("proved", "refuted")


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of one router, with everything that its measurements need.

    ``refused``: why the far end takes nothing; ``translated``: its transport mode has to pass NAT.
    """

    side: Side
    entry: Entry
    probes: tuple[Probe, ...]
    forged: bytes | None
    trust: Trust
    learnt: tuple[str, ...] | None = None
    refused: str | None = None
    translated: bool = False

    @property
    def forged_token(self) -> str:
        return f"sapper:forged:{self.side.name}:{self.entry.name.replace(' ', '_')}"


def subjects_of(topology: Topology, side: Side) -> Iterator[Subject]:
    """The protected entries of a router that lead to another router."""
    names = {connection.name for connection in side.connections}
    for entry in entries_of(side.plan):
        if not {connection.name for connection in entry.connections} & names and not (
            entry.demanded and not entry.connections
        ):
            continue
        if entry.link is not None and entry.link.kind in (*UDP_KINDS, "wireguard"):
            continue  # the proof says unknown of them, or has nothing to measure that IPsec does
        far = far_of(topology, side.name, entry)
        networks = (*entry.networks, *announced_by(topology, far, entry.name, side.name))
        entry = msgspec.structs.replace(entry, networks=tuple(dict.fromkeys(networks)))
        trust = trust_of(side.plan)
        subject = Subject(
            side=side,
            entry=entry,
            probes=probes_of(topology, side.name, entry),
            forged=None,
            trust=trust,
            refused=refused(topology, side, entry, far),
            translated=translated(topology, entry),
        )
        link = entry.link
        local = link.encapsulating.local if link and link.encapsulating else None
        if link is not None and local is not None and topology.vantages[side.name].router_link in trust.attacked:
            packet = forged(link, local, subject.forged_token, PROBE_PORT)
            subject = msgspec.structs.replace(subject, forged=packet)
        yield subject


def measure(
    rig: Rig, subjects: tuple[Subject, ...], point: Point, learnt: Mapping[str, Learnt] | None = None
) -> tuple[dict[int, TunnelState], tuple[CapturedFrame, ...]]:
    """The states of the subjects (by position) whose router is in a row of the point, and the frames seen.

    ``learnt`` is what the routing daemons of each router have in its kernel.
    """
    chosen = [(at, subject) for at, subject in enumerate(subjects) if subject.side.name in point.rows]
    vtis = {side.name: [link.name for link in side.plan.links if link.raised_by] for side in rig.sides}
    batches = [_batch(rig.topology, subject) for _, subject in chosen]
    # Many routers are measured all at once: clear packets are told apart by their tokens, ESP by where it goes.
    together = len(rig.sides) > _PAIR
    for node in _asking_for_neighbours(chosen):
        rig.ask("ip", node=node, lines=["neigh flush all"], force=True)
    answered = rig.ask(
        "measure",
        batches=_merged(batches) if together else batches,
        watch=vtis,
        forgetful=rig.names,
        quiet_s=_QUIET_S,
        limit_s=_LIMIT_S,
    )
    states: dict[int, TunnelState] = {}
    found = answered["batches"]
    read = [[_frame(rig.topology, raw) for raw in batch["frames"]] for batch in found]
    for number, (at, subject) in enumerate(chosen):
        place = 0 if together else number
        raised = frozenset(name for name, up in answered["up"][subject.side.name].items() if up)
        frames = [frame for frame in read[place] if frame.outgoing and frame.router == subject.side.name]
        ends = _ends(rig.topology, subject) if together else None
        if learnt:
            subject = _after_learning(subject, learnt.get(subject.side.name, Learnt()))
        states[at] = _state(subject, point.rows[subject.side.name], raised, (frames, ends), found[place]["heard"])
    return states, tuple(frame for frames in read for frame in frames)


def _asking_for_neighbours(chosen: list[tuple[int, Subject]]) -> list[str]:
    """The hosts whose ARP goes through a tunnel. One that was not answered asks again only after a second."""
    bridged = (
        subject.probes for _, subject in chosen if subject.entry.link is not None and subject.entry.link.master
    )
    return sorted({probe.node for probes in bridged for probe in probes})


def _after_learning(subject: Subject, learnt: Learnt) -> Subject:
    """The subject of a router whose kernel has those routes, too."""
    side = msgspec.structs.replace(subject.side, plan=with_learnt(subject.side.plan, learnt))
    own = [route for route in learnt.routes if route.link == subject.entry.name]
    return msgspec.structs.replace(subject, side=side, learnt=tuple(str(route.prefix) for route in own))


def _merged(batches: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return (
        [{key: [item for batch in batches for item in batch[key]] for key in ("flows", "injections")}]
        if batches
        else []
    )


def _ends(topology: Topology, subject: Subject) -> frozenset[Address]:
    """Where the ESP packets of an entry go: to the addresses by which the networks know the far router."""
    far = far_of(topology, subject.side.name, subject.entry)
    named = {item for connection in subject.entry.connections for item in connection.remote_addrs}
    return frozenset({*named, *topology.outside.get(far or "", ())})


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


def _frame(topology: Topology, raw: list[Any]) -> CapturedFrame:
    at, time_s, outgoing, text = raw
    router, interface = topology.captures[at]
    frame = base64.b64decode(text)
    return CapturedFrame(
        time_s=max(0.0, time_s),
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
    wire: tuple[list[CapturedFrame], frozenset[Address] | None],
    heard: dict[str, dict[str, int]],
) -> TunnelState:
    through = [probe for probe in subject.probes if probe.through and not probe.stated]
    total: dict[str, int] = {}
    for tokens in heard.values():
        for token, count in tokens.items():
            total[token] = total.get(token, 0) + count
    counts = _counts(subject, *wire)
    sent = COUNT * len(through)
    delivered = sum(min(COUNT, total.get(probe.token, 0)) for probe in through)
    decapsulated = total.get(subject.forged_token, 0)
    injected = COUNT if subject.forged is not None else 0
    seen = _seen(subject, row, counts, (sent, delivered), (injected, decapsulated))
    alive = arrival(subject.probes, total, counts["plain"]) if row.state == "up" else None
    if alive is not None:
        seen["liveness"] = alive
    predicted, trace = _predicted(subject, row, raised)
    compared = [name for name, verdict in predicted.items() if verdict in _SAID and seen.get(name) in _SAID]
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
        events=_events(subject, row, raised),
    )


def _events(subject: Subject, row: Row, raised: frozenset[str]) -> tuple[str, ...]:
    """A shortest way into the situation; none for a row that is not of the table, but of a history."""
    if row not in TABLE:
        return ()
    names = (connection.name for connection in subject.entry.connections)
    return events_into(parties_of(subject.side.plan), names, Situation(row, raised))


def _variant(row: Row, subject: Subject, raised: frozenset[str]) -> str | None:
    words = [row.variant] if row.variant else []
    link = subject.entry.link
    if link is not None and link.raised_by:
        words.append(f"{link.name} {'raised' if link.name in raised else 'lowered'}")
    if subject.learnt is not None:
        words.append(f"learnt {' '.join(subject.learnt) or 'nothing'}")
    return ", ".join(words) or None


def _counts(subject: Subject, frames: list[CapturedFrame], ends: frozenset[Address] | None) -> dict[str, int]:
    """Of the frames that this router sent those on its untrusted interfaces, by kind; clear ones by their token.

    ESP counts for this entry if it goes to one of its ``ends`` (None: wherever it goes).
    A probe along a selector does not go through the tunnel: in clear it is an inner packet whatever its protocol is.
    So is one that another tunnel took: to this one it went another way. ``plain`` are the tunnel's own without any ESP.
    """
    counts = {"esp": 0, "clear-outer": 0, "clear-inner": 0, "stated": 0, "plain": 0}
    through = {probe.token: probe.through for probe in subject.probes}
    stated = {probe.token for probe in subject.probes if probe.stated}
    for frame in frames:
        kind, destination = classify(frame.frame)
        link = subject.side.plan.link(frame.interface)
        if link is None or destination is None or not subject.trust.leaks(link, destination):
            continue
        token = token_of(frame.frame)
        if kind == "esp":
            counts["esp"] += ends is None or destination in ends
        elif kind in counts and token in through:
            mine = through[token] and _carries(subject.entry.link, frame.frame)
            counts[kind if mine else "clear-inner"] += 1
            counts["plain"] += mine and token not in stated and plain(frame.frame)
            counts["stated"] += token in stated
    return counts


def _carries(link: Link | None, frame: bytes) -> bool:
    """Whether a clear frame can be this tunnel's: its far end is in one of the headers. NAT may have changed the near."""
    if link is None or link.encapsulating is None:
        return link is None
    remote = link.encapsulating.remote
    return remote is None or remote.packed in frame


def _seen(
    subject: Subject,
    row: Row,
    counts: dict[str, int],
    traffic: tuple[int, int],
    attack: tuple[int, int],
) -> dict[str, Verdict]:
    """The properties as the wire shows them: ``refuted`` for what happened, ``proved`` for what did not here."""
    device = subject.entry.link is not None
    # What is stated is no flow of a plain policy: it is there to be protected, by whatever does it.
    own = counts["clear-outer"] + (0 if device else counts["clear-inner"] - counts["stated"])
    seen: dict[str, Verdict] = {"confidentiality": _silence(own, traffic[0])}
    if device or any(probe.stated for probe in subject.probes):
        seen["no-bypass"] = _silence(counts["clear-inner"], traffic[0])
    if attack[0]:
        seen["authenticity"] = _word(attack[1] == 0)
    return seen


def _silence(clear: int, sent: int) -> Verdict:
    """Where nothing was sent, nothing leaks, and nothing is shown by that."""
    return "unknown" if not clear and not sent else _word(clear == 0)


def _word(holds: bool) -> Verdict:
    return "proved" if holds else "refuted"


def _predicted(subject: Subject, row: Row, raised: frozenset[str]) -> tuple[dict[str, Verdict], tuple[str, ...]]:
    situation = Situation(row, raised)
    predicted: dict[str, Verdict] = {}
    trace: tuple[str, ...] = ()
    for asked in questions(subject.side.plan, subject.entry):
        if asked.property == "liveness" and row.state != "up":
            continue
        verdict, decisive = answer(subject.side.plan, asked, situation)
        if asked.property == "liveness":
            verdict = foretold(verdict, subject.refused, subject.translated)
        predicted[asked.property] = verdict
        if asked.property == "confidentiality" or (verdict == "refuted" and asked.property == "no-bypass"):
            trace = decisive
    return predicted, trace
