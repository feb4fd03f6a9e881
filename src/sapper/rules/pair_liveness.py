"""Liveness of tunnels whose two ends are both given: what one end could only assume of the other is looked at.

A disagreement refutes: the daemons cannot agree (the errors among the findings about pairs), or the far end does not take
what this end sends (:mod:`sapper.proof.properties.far_end`). Where nothing speaks against it, the assumptions about the far end are
taken back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from sapper.kernel.complete import complete
from sapper.kernel.plan import Plan
from sapper.proof.facts.packet import protocol_name
from sapper.proof.index.entries import Entries
from sapper.proof.properties.far_end import FarRouter, refusal
from sapper.proof.properties.liveness_assumed import of_the_far_end
from sapper.proof.properties.protected import Entry
from sapper.proof.verdict import PropertyVerdict, TunnelVerdicts, Witness, WitnessPacket
from sapper.rules.examine import examine_peers
from sapper.rules.pair_peers import PeerEnd, peer_pairs

# Whether an SA comes up at all is open where the ends want different modes (RFC 7296 1.3.1).
_OPEN = frozenset({"PAIR403"})


class Given(NamedTuple):
    """One router of several: its Plan, its verdicts, and its connections as they stand in the text."""

    plan: Plan
    tunnels: tuple[TunnelVerdicts, ...]
    peers: tuple[PeerEnd, ...]


class _Pair(NamedTuple):
    here: PeerEnd
    there: PeerEnd
    far: FarRouter


def joined(files: Sequence[Given | None]) -> Iterator[tuple[int, tuple[TunnelVerdicts, ...]]]:
    """The verdicts of each router that has the far end of one of its connections beside it."""
    routers: dict[int, FarRouter] = {}
    for file in files:
        for peer in file.peers if file else ():
            if file is not None and id(peer.source) not in routers:
                routers[id(peer.source)] = FarRouter(file.plan, peer.source.path)
    found: dict[int, dict[str, _Pair]] = {}
    for number, here, there in peer_pairs([file.peers if file else () for file in files]):
        found.setdefault(number, {})[here.connection.name] = _Pair(here, there, routers[id(there.source)])
    for number, pairs in found.items():
        file = files[number]
        if file is not None:
            yield number, _with_far_ends(file, pairs)


def _with_far_ends(file: Given, pairs: dict[str, _Pair]) -> tuple[TunnelVerdicts, ...]:
    plan = complete(file.plan)
    entries = {entry.name: entry for entry in Entries(plan)}
    return tuple(_with_far_end(plan, tunnel, entries.get(tunnel.name), pairs) for tunnel in file.tunnels)


def _with_far_end(
    plan: Plan, tunnel: TunnelVerdicts, entry: Entry | None, pairs: dict[str, _Pair]
) -> TunnelVerdicts:
    """Of several connections that may carry an entry nobody knows which is the one."""
    verdict = tunnel.verdicts.get("liveness")
    pair = pairs.get(entry.connections[0].name) if entry is not None and len(entry.connections) == 1 else None
    if entry is None or pair is None or verdict is None or verdict.verdict not in ("proved", "unknown"):
        return tunnel
    said = _compared(plan, entry, verdict, pair)
    return msgspec.structs.replace(tunnel, verdicts={**tunnel.verdicts, "liveness": said})


def _compared(plan: Plan, entry: Entry, verdict: PropertyVerdict, pair: _Pair) -> PropertyVerdict:
    wrong = [finding for finding in examine_peers(pair.here, pair.there) if finding.severity == "error"]
    never = [finding.message for finding in wrong if finding.code not in _OPEN]
    said = never[0] if never else refusal(plan, entry, entry.connections[0], pair.far, pair.there.connection)
    if said is not None:
        return msgspec.structs.replace(
            verdict, verdict="refuted", reason=None, failing_states=("up",), witness=_witness(entry, said)
        )
    taken_back = frozenset(of_the_far_end(entry))
    kept = tuple(sentence for sentence in verdict.assumptions if sentence not in taken_back)
    if wrong and verdict.verdict == "proved":
        return msgspec.structs.replace(verdict, verdict="unknown", reason=wrong[0].message, assumptions=kept)
    return msgspec.structs.replace(verdict, assumptions=kept)


def _witness(entry: Entry, line: str) -> Witness:
    """The packet that this end sends, and where that ends."""
    wrapping = entry.link.encapsulating if entry.link is not None else None
    ends = (wrapping.local, wrapping.remote) if wrapping is not None else (None, None)
    source, there = (str(end) if end is not None else "any" for end in ends)
    protocol = protocol_name(wrapping.protocol) if wrapping is not None else "any"
    packet = WitnessPacket(in_=entry.name, src=source, dst=there, protocol=protocol)
    return Witness(state="up", packet=packet, trace=(line,), wire=None, ended="dropped")
