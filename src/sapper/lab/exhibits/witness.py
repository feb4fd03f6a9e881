"""The proof's witness and the wire: which captured packet is the one that the proof had named.

The outer header must be the witness's own. Where the packet is an inner one, the proof takes any address of a network and
the lab a host's, and the packet is only alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from sapper.lab.classify import token_of
from sapper.lab.dissect import ESP, dissect
from sapper.lab.result import CapturedFrame, LabRun, TunnelState
from sapper.proof.facts.packet import protocol_name
from sapper.proof.verdict import TunnelVerdicts, Witness

_CLEAR = ("clear-outer", "clear-inner")


class Packet(NamedTuple):
    """``exact``: its outer header and interface are the witness's; ``number`` of them were there."""

    text: str
    number: int
    exact: bool


def packet_on_the_wire(run: LabRun, router: str, state: TunnelState, witness: Witness | None) -> Packet | None:
    """The clear packet that this state showed: the witness's own if it is among them, or else the first."""
    wire = witness.wire if witness is not None else None
    inward = witness is not None and wire is not None and witness.packet.in_ == wire.interface
    found: Counter[tuple[str, str, str, str]] = Counter()
    for frame in _frames(run, router, state.state, inward=inward):
        header = dissect(frame.frame).outer
        if header is not None:
            name = protocol_name(header.protocol) + (" that can be read" if header.protocol == ESP else "")
            found[name, str(header.source), str(header.destination), frame.interface] += 1
    if not found:
        return None
    named = (wire.protocol, wire.src, wire.dst, wire.interface) if wire is not None else None
    chosen = named if named in found else next(iter(found))
    assert chosen is not None
    protocol, source, destination, interface = chosen
    way = "comes to" if inward else "leaves"
    return Packet(f"{protocol} {source} -> {destination} {way} {interface}", found[chosen], named == chosen)


def _frames(run: LabRun, router: str, state: str, *, inward: bool) -> Iterator[CapturedFrame]:
    for label, frames in run.frames.items():
        if label.split(" (")[0] != state:
            continue
        for frame in frames:
            here = frame.router == router and frame.outgoing is not inward
            if here and frame.category in _CLEAR and token_of(frame.frame) is not None:
                yield frame


def witness_of(verdicts: tuple[TunnelVerdicts, ...], name: str) -> Witness | None:
    """That of the first tunnel for which the property has one."""
    found = (tunnel.verdicts.get(name) for tunnel in verdicts)
    return next((verdict.witness for verdict in found if verdict is not None and verdict.witness is not None), None)
