"""What a lab run found, as plain records: the source of its JSON, its table, its page and its captures' names."""

from __future__ import annotations

from typing import Literal

import msgspec

Verdict = Literal["proved", "refuted", "unknown", "not-applicable"]
PacketClass = Literal["esp", "clear-outer", "clear-inner", "ike", "other"]
PacketKind = Literal[
    "esp",
    "esp-in-udp",
    "wireguard",
    "ike",
    "ike-in-udp",
    "nat-keepalive",
    "clear-outer",
    "clear-inner",
    "neighbour",
    "icmp-echo",
    "icmp-error",
    "icmp-too-big",
    "routing",
    "other",
]
"""``neighbour`` is ARP and neighbour discovery, ``clear-outer`` a tunnel's packet, ``clear-inner`` a probe itself."""


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

    ``variant`` tells apart what the proof enumerates inside a state (``vti raised``, ``lifetime passed`` …). ``events``
    is a shortest way into it; the lab may have gone another one.
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
    events: tuple[str, ...] = ()


class TunnelRun(msgspec.Struct, frozen=True, kw_only=True):
    """One tunnel of one router; ``far`` is the router at its other end where the lab knows it."""

    router: str
    tunnel: str
    encapsulation: str
    protection: str
    states: tuple[TunnelState, ...]
    far: str | None = None


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """What one probe is: sent by ``node`` for a tunnel of ``router``, each packet with the token in it.

    ``network`` is the protected network that the destination lies in; ``through``: it should go by the tunnel.
    """

    token: str
    router: str
    tunnel: str
    node: str
    source: str | None
    destination: str
    protocol: int
    network: str | None = None
    through: bool = True
    count: int = 0


class Sending(msgspec.Struct, frozen=True):
    """That the lab sent the packets of one flow, in seconds since the start of the state's measurement."""

    token: str
    time_s: float


class Association(msgspec.Struct, frozen=True):
    """One SA in one router's kernel, as far as it is no secret; ``packets`` since it was installed."""

    node: str
    spi: int
    source: str
    destination: str
    mode: str
    reqid: int
    packets: int


class NodeCounters(msgspec.Struct, frozen=True, kw_only=True):
    """By how much one node's kernel counters grew during a measurement; those that did not are left out.

    ``xfrm`` has /proc/net/xfrm_stat's names, ``ip`` those of /proc/net/snmp, ``links`` ``eth0 rx_dropped``, ``nft``
    packets by ``family table chain handle N``.
    """

    node: str
    xfrm: dict[str, int] = msgspec.field(default_factory=dict)
    ip: dict[str, int] = msgspec.field(default_factory=dict)
    links: dict[str, int] = msgspec.field(default_factory=dict)
    nft: dict[str, int] = msgspec.field(default_factory=dict)


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """What was to be seen of one situation beside the frames. ``logs`` maps ``node file`` to what was new in it."""

    sent: tuple[Sending, ...] = ()
    counters: tuple[NodeCounters, ...] = ()
    associations: tuple[Association, ...] = ()
    logs: dict[str, str] = msgspec.field(default_factory=dict)


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
    """A few routers driven through every state.

    ``shortened`` says which lifetimes and timers the lab made shorter. ``frames`` maps a state's label to what was
    captured during its measurement, ``observed`` to what else was seen. ``flows`` are the probes of all tunnels.
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
    observed: dict[str, Observed] = msgspec.field(default_factory=dict)
    flows: tuple[Flow, ...] = ()
    duration_s: float = 0.0
    guest_boot_s: float = 0.0
    versions: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def disagreements(self) -> int:
        return sum(not state.agrees for tunnel in self.tunnels for state in tunnel.states)
