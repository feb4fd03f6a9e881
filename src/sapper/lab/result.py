"""What a lab run found, as plain records: the source of its JSON, its table, its page and its captures' names."""

from __future__ import annotations

from typing import Literal

import msgspec

Verdict = Literal["proved", "refuted", "unknown", "not-applicable"]
PacketClass = Literal["esp", "clear-outer", "clear-inner", "ike", "other"]


class CapturedFrame(msgspec.Struct, frozen=True, kw_only=True):
    """One frame on one wire. ``time_s`` counts from the start of the state's measurement.

    ``outgoing``: put on the wire by the router itself. ``category`` is filled in by the classification.
    """

    time_s: float
    router: str
    interface: str
    outgoing: bool
    frame: bytes
    category: PacketClass = "other"


class TunnelState(msgspec.Struct, frozen=True, kw_only=True):
    """One tunnel in one lifecycle state: counts on the wire, what was seen and what had been predicted.

    ``variant`` tells apart what the proof enumerates inside a state (``vti raised``, ``lifetime passed`` …).
    """

    state: str
    cause: str | None = None
    variant: str | None = None
    sent: int = 0
    delivered: int = 0
    esp: int = 0
    clear_outer: int = 0
    clear_inner: int = 0
    injected: int = 0
    decapsulated: int = 0
    seen: dict[str, Verdict] = msgspec.field(default_factory=dict)
    predicted: dict[str, Verdict] = msgspec.field(default_factory=dict)
    agrees: bool = True
    trace: tuple[str, ...] = ()


class TunnelRun(msgspec.Struct, frozen=True, kw_only=True):
    router: str
    tunnel: str
    encapsulation: str
    protection: str
    states: tuple[TunnelState, ...]


class Wire(msgspec.Struct, frozen=True):
    """A link of the topology for the picture: the two ends as ``node:interface`` with their addresses."""

    a: str
    b: str
    a_addresses: tuple[str, ...] = ()
    b_addresses: tuple[str, ...] = ()


class Node(msgspec.Struct, frozen=True):
    name: str
    role: Literal["router", "network", "nat", "host"]


class LabRun(msgspec.Struct, frozen=True, kw_only=True):
    """One pair of routers driven through every state.

    ``shortened`` says which lifetimes and timers the lab made shorter. ``frames`` maps a state's label to what was
    captured during its measurement.
    """

    title: str
    provider: str
    kernel: str
    ike: str
    sapper: str
    tunnels: tuple[TunnelRun, ...]
    nodes: tuple[Node, ...] = ()
    wires: tuple[Wire, ...] = ()
    shortened: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    frames: dict[str, tuple[CapturedFrame, ...]] = msgspec.field(default_factory=dict)
    duration_s: float = 0.0
    guest_boot_s: float = 0.0

    @property
    def disagreements(self) -> int:
        return sum(not state.agrees for tunnel in self.tunnels for state in tunnel.states)
