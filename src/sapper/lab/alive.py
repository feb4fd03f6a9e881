"""Liveness in the lab: what the far end would refuse, by the proof, and whether the probes arrived through the SA.

Seen and predicted are found on separate ways. What arrives past its SA does not show that the tunnel works as it is
meant to; networks that a person states are no flow of the tunnel's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sapper.kernel.complete import complete
from sapper.lab.classify import kind_of
from sapper.lab.probes import COUNT, Probe
from sapper.lab.result import Verdict
from sapper.lab.rig import Side
from sapper.lab.topology import Topology
from sapper.proof.properties.far_end import FarRouter, refusal
from sapper.proof.properties.protected import Entry

_SEALED = frozenset({"esp", "esp-in-udp"})


def refused(topology: Topology, side: Side, entry: Entry, far: str | None) -> str | None:
    """Why the far end does not take what this end sends; where several connections join two routers nobody is asked."""
    if far is None:
        return None
    towards = [name for name, router in topology.peers.get(side.name, {}).items() if router == far]
    back = [name for name, router in topology.peers.get(far, {}).items() if router == side.name]
    ours = [connection for connection in entry.connections if connection.name in towards]
    theirs = [connection for connection in topology.plans[far].connections if connection.name in back]
    if len(ours) != 1 or len(theirs) != 1:
        return None
    return refusal(complete(side.plan), entry, ours[0], FarRouter(topology.plans[far], far), theirs[0])


def translated(topology: Topology, entry: Entry) -> bool:
    """Whether transport mode has to pass NAT here, which the proof assumes it has not (RFC 3948 5.2)."""
    modes = {child.mode for connection in entry.connections for child in connection.children}
    return "transport" in modes and bool(topology.nats or topology.behind_nat)


def foretold(verdict: Verdict, refused: str | None, translated: bool) -> Verdict:
    """The proof's word where its assumptions hold; what is known not to hold takes ``proved`` away."""
    if verdict != "proved":
        return verdict
    return "refuted" if refused is not None else "unknown" if translated else "proved"


def plain(frame: bytes) -> bool:
    """Whether a frame has no ESP around it; a null cipher's has."""
    return kind_of(frame) not in _SEALED


def arrival(probes: Iterable[Probe], heard: Mapping[str, int], plain_packets: int) -> Verdict | None:
    """Whether all that was sent through the tunnel arrived, and nothing of it in clear; None where nothing was sent."""
    asked = [probe for probe in probes if probe.through and not probe.stated]
    if not asked:
        return None
    arrived = all(heard.get(probe.token, 0) >= COUNT for probe in asked)
    return "proved" if arrived and not plain_packets else "refuted"
