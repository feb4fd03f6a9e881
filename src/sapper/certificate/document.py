"""The records of "sapper/certificate/1": what a proof covered, in a form that a small program can check.

Sets of packets, sets of situations and ends of walks stand once each in tables; a cell names them by their position.
The same inputs and the same model give the same bytes: there is no clock and no path of a machine in it, and no secret.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from sapper.address import Address, Attached, Prefix
from sapper.certificate.refused import Misfit, NoCertificate
from sapper.kernel.plan import Plan
from sapper.proof.verdict import VerdictWord
from sapper.secret import Secret

EndKind = Literal["wire", "kept", "delivered", "unknown", "carried"]


class InputHash(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that was read: its name without directories, and the SHA-256 of its bytes."""

    path: str
    sha256: str


class PacketSet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A product of sets. Addresses are prefixes or ``FIRST-LAST``; ``source`` None: the kernel chooses it.

    ``protocols`` and ports are numbers and ranges of numbers joined by commas, None for all, ``none`` for no port.
    """

    destination: tuple[str, ...]
    source: tuple[str, ...] | None = None
    protocols: str | None = None
    source_ports: str | None = None
    destination_ports: str | None = None


class SituationSet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A product of sets: lifecycle states of the entry's own connections, of others, of VTIs, moves of the network.

    None, or a name that is not there, stands for all.
    """

    states: tuple[str, ...] | None = None
    others: dict[str, tuple[str, ...]] = {}
    vtis: dict[str, tuple[Literal["lowered", "raised"], ...]] = {}
    network: tuple[str, ...] | None = None


class EndSeen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, order=True):
    """Where packets end. ``kept``: they do not leave the router, and nobody takes them whom they must not reach.

    ``carried``: through the tunnel that they belong into. ``refutes``: against the property.

    ``doubts`` are there only where they decide something: of an end that refutes, and of one that is unknown.
    """

    kind: EndKind
    link: str = ""
    devices: tuple[str, ...] = ()
    clear: bool = False
    refutes: bool = False
    doubts: tuple[str, ...] = ()


class Cell(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """These packets in these situations come to these ends, and to no other. Positions in the document's tables.

    ``packets`` None: a frame, whose content does not matter.
    """

    packets: int | None
    when: int
    ends: int


class QuestionPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One set of packets that the property asks about, and the cells that it falls into.

    ``enters`` is ``local``, an interface, or ``behind the router``; ``situations`` counts those that the cells tell apart.
    """

    enters: str
    device: str | None
    network: str | None
    packets: int | None
    situations: str
    cells: tuple[Cell, ...]


class PropertyPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``questions`` None: nothing had to be walked, or the verdict is for the reference proof to find again.

    ``reason`` is a position in the table of reasons: that of a gap is the same for every tunnel, and may be long.
    """

    verdict: VerdictWord
    failing_states: tuple[str, ...] = ()
    tampering: tuple[str, ...] = ()
    reason: int | None = None
    assumptions: tuple[str, ...] = ()
    questions: tuple[QuestionPart, ...] | None = None


class TunnelPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of the report, with each of its properties by name."""

    name: str
    encapsulation: str
    protection: str
    properties: dict[str, PropertyPart]


class RouterPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One configuration; ``plan`` is the SHA-256 of the Plan that it gives, secrets left out.

    ``gaps`` are what the proof does not follow and that matters to a property; ``protect`` and ``trusted`` are what a
    person states.
    """

    path: str
    plan: str
    assumptions: tuple[str, ...]
    gaps: dict[str, tuple[str, ...]]
    protect: tuple[str, ...]
    trusted: tuple[str, ...]
    tunnels: tuple[TunnelPart, ...]


class Certificate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole document. ``digest`` is the SHA-256 of its own bytes with an empty digest."""

    schema: Literal["sapper/certificate/1"] = "sapper/certificate/1"
    sapper: str
    model: str
    target: str | None
    inputs: tuple[InputHash, ...]
    routers: tuple[RouterPart, ...]
    packets: tuple[PacketSet, ...]
    situations: tuple[SituationSet, ...]
    ends: tuple[tuple[EndSeen, ...], ...]
    reasons: tuple[str, ...]
    seed: str
    digest: str = ""


def reason_of(certificate: Certificate, part: PropertyPart) -> str | None:
    """Why a property is not proved. Raises Misfit."""
    if part.reason is None:
        return None
    if not 0 <= part.reason < len(certificate.reasons):
        raise Misfit(f"there is no reason {part.reason}")
    return certificate.reasons[part.reason]


def sealed(certificate: Certificate) -> Certificate:
    """With its digest."""
    return msgspec.structs.replace(certificate, digest=digest_of(certificate))


def seed_of(routers: Iterable[RouterPart]) -> str:
    """What the members of cells that are drawn by chance are drawn with."""
    return sha256("".join(router.plan for router in routers).encode())[:16]


def digest_of(certificate: Certificate) -> str:
    """The SHA-256 of the document with an empty digest."""
    return sha256(encoded(msgspec.structs.replace(certificate, digest="")))


def encoded(certificate: Certificate) -> bytes:
    """The document's bytes: one line of JSON."""
    return msgspec.json.encode(certificate, order="deterministic") + b"\n"


def decoded(text: bytes) -> Certificate:
    """Read a certificate. Raises NoCertificate with one line."""
    try:
        return msgspec.json.decode(text, type=Certificate)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NoCertificate(f"not a certificate: {' '.join(str(error).split())}") from None


def plan_hash(plan: Plan) -> str:
    """The SHA-256 of a Plan as JSON. A secret counts as present, whatever it is: guesses cannot be tried on the hash."""
    return sha256(msgspec.json.encode(plan, enc_hook=_plainly, order="deterministic"))


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _plainly(value: Any) -> Any:
    if isinstance(value, (Address, Prefix, Attached, Secret)):
        return str(value)
    raise TypeError(f"a Plan does not hold {type(value).__name__}")
