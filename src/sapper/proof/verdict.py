"""What a proof says: the words of the contract, once and for all rooms.

``proved`` covers every enumerated situation; ``refuted`` comes with a witness; ``unknown`` comes with the name of
what sapper does not model; ``not-applicable`` says that the property asks nothing of this tunnel.
"""

from __future__ import annotations

from typing import Literal

import msgspec

VerdictWord = Literal["proved", "refuted", "unknown", "not-applicable"]
PROPERTIES = ("confidentiality", "no-bypass", "authenticity", "liveness")
Property = Literal["confidentiality", "no-bypass", "authenticity", "liveness"]


class WitnessPacket(msgspec.Struct, frozen=True, kw_only=True, rename={"in_": "in"}):
    """The packet as it enters this router: ``in_`` is the interface, ``local`` for the router's own."""

    in_: str
    src: str
    dst: str
    protocol: str


class OnWire(msgspec.Struct, frozen=True, kw_only=True):
    """The packet as an eavesdropper on that interface sees it."""

    interface: str
    src: str
    dst: str
    protocol: str


class Witness(msgspec.Struct, frozen=True, kw_only=True):
    """One concrete counterexample. ``cause`` and ``variant`` name the situation inside ``state``.

    ``ended`` says how the packet ended; one that was dropped was on no wire.
    ``events`` is a shortest way into it, from the boot on; :mod:`sapper.proof.states.events` has the words.
    """

    state: str
    packet: WitnessPacket
    trace: tuple[str, ...]
    wire: OnWire | None
    ended: Literal["wire", "dropped", "delivered", "unknown"] = "wire"
    cause: str | None = None
    variant: str | None = None
    network: str | None = None
    events: tuple[str, ...] = ()


class PropertyVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """``states`` and ``classes`` count the situations and packet classes that were covered."""

    verdict: VerdictWord
    failing_states: tuple[str, ...] = ()
    tampering: tuple[str, ...] = ()
    states: int = 0
    classes: int = 0
    assumptions: tuple[str, ...] = ()
    reason: str | None = None
    witness: Witness | None = None


class TunnelVerdicts(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the report: a tunnel, a VTI, or a plain policy-based connection (encapsulation ``none``)."""

    name: str
    encapsulation: str
    protection: Literal["none", "ipsec", "vti", "wireguard"]
    verdicts: dict[str, PropertyVerdict]
