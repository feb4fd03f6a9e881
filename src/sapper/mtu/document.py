"""The shape of the JSON document "sapper/mtu/1", as types only: for the type checker and the published schema.

The command builds plain dictionaries of these shapes (:mod:`sapper.mtu.report`) and never imports this file: a
record library costs more time than all sizes of a stack. All lengths are bytes.
"""

from __future__ import annotations

from typing import Literal, TypedDict


class LayerReport(TypedDict):
    """``bytes`` without padding; ``counted``: it is part of what the link's MTU counts; ``implied``: not written."""

    layer: str
    bytes: int
    note: str
    counted: bool
    implied: bool


class Segments(TypedDict):
    """``None`` where the stack does not carry that family."""

    ipv4: int | None
    ipv6: int | None


class Span(TypedDict):
    """The least and the most, in bytes."""

    min: int
    max: int


class FragmentsReport(TypedDict):
    """The wire lengths, if the packet is cut before, or after, encapsulation."""

    before: list[int]
    after: list[int]


class PayloadReport(TypedDict):
    """One payload: what the innermost written layer carries, the inner packet, and what the MTU and the wire see."""

    bytes: int
    inner_bytes: int
    wire_bytes: int
    least_wire_bytes: int
    frame_bytes: int
    fits: bool
    fragments: FragmentsReport


class MixReport(TypedDict):
    """One round of a traffic mix; ``efficiency`` from 0 to 1."""

    packets: int
    wire_packets: int
    packet_bytes: int
    wire_bytes: int
    efficiency: float


class HopReport(TypedDict):
    hop: str
    room: int
    narrowest: bool


class AlternativeReport(TypedDict):
    """Transforms of the same sizes; ``gain`` in bytes over the stack's own."""

    transforms: list[str]
    inner_mtu: int
    gain: int
    remark: str


class DifferenceReport(TypedDict):
    bytes: int
    reason: str


class CalculatorReport(TypedDict):
    """What the web calculator makes of the same stack; ``right``: its ``mtu`` is this document's payload room."""

    protocols: list[str]
    overhead: int
    mtu: int
    right: bool
    differences: list[DifferenceReport]


class StackReport(TypedDict):
    """One stack. ``payload_room`` is what the innermost written layer carries in the largest packet."""

    schema: Literal["sapper/mtu/1"]
    stack: str
    link_mtu: int
    inner_mtu: int
    payload_room: int
    smallest_link: int
    mss: Segments
    layers: list[LayerReport]
    overhead: Span
    frame_bytes: int
    notes: list[str]
    payload: PayloadReport | None
    mix: MixReport | None
    path: list[HopReport] | None
    what_if: list[AlternativeReport] | None
    calculator: CalculatorReport | None


class TunnelReport(TypedDict):
    """One tunnel, VTI or plain policy-based connection (``PEER tunnel N``, without an MTU of its own). ``range`` has both ends where it is open whether a NAT is on the way.

    ``stack`` and ``inner_mtu`` are null where they cannot be known, and ``notes`` say why.
    """

    router: str
    name: str
    stack: str | None
    underlay: str | None
    link_mtu: int | None
    configured_mtu: int | None
    inner_mtu: int | None
    range: Span | None
    mss: Segments
    commands: list[str]
    notes: list[str]


class ConfigReport(TypedDict):
    """Every tunnel of the configurations, in their order; the policy-based connections of each come last."""

    schema: Literal["sapper/mtu/1"]
    tunnels: list[TunnelReport]
