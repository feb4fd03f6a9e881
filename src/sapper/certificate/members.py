"""Single members of a cell: its corners, and one by chance that anybody can draw again.

A member is a packet and a situation. Chance is SHA-256 of the certificate's seed and the cell's place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from sapper.address import Address
from sapper.certificate.asked import BEHIND, Questions, Region
from sapper.certificate.box import FRAME, WITH_PORTS, Box, Pieces, size
from sapper.certificate.derive import Filled
from sapper.certificate.space import Choice, Space, Variables, bits
from sapper.proof.facts.packet import Packet
from sapper.proof.properties.question import Case
from sapper.proof.states.situation import Situation


def members_of(
    cell: Filled, space: Space, asked: Variables, region: Region, questions: Questions, seed: str
) -> Iterator[tuple[Situation, Case]]:
    """The first, the last, and one by chance; each once."""
    seen = set()
    for choose in (_first, _last, _by_chance(seed)):
        situation = space.member(cell.when, asked, choose)
        packet = _packet(cell.box, region, choose)
        enters = region.enters
        if enters == BEHIND and packet is not None and packet.source is not None:
            enters = _home(questions, packet.source, choose)
        if (situation, enters, packet) not in seen:
            seen.add((situation, enters, packet))
            yield situation, Case(enters=enters, packet=packet, device=region.device, network=region.network)


def _packet(box: Box, region: Region, choose: Choice) -> Packet | None:
    if region.packet is not None or box == FRAME:
        return region.packet
    protocols = list(bits(box.protocols))
    protocol = protocols[choose(len(protocols))]
    return Packet(
        source=None if box.source is None else Address(box.family, _number(box.source, choose)),
        destination=Address(box.family, _number(box.destination, choose)),
        protocol=protocol,
        source_port=_port(protocol, box.source_ports, choose),
        destination_port=_port(protocol, box.destination_ports, choose),
    )


def _home(questions: Questions, source: Address, choose: Choice) -> str:
    """An interface towards the source."""
    homes = [name for name, prefix in questions.behind(source.family) if source in prefix]
    return homes[choose(len(homes))] if homes else "a network behind the router"


def _port(protocol: int, ports: Pieces, choose: Choice) -> int | None:
    number = _number(ports, choose)
    return number if WITH_PORTS >> protocol & 1 and number >= 0 else None


def _number(pieces: Pieces, choose: Choice) -> int:
    at = choose(size(pieces))
    for low, high in pieces:
        if at <= high - low:
            return low + at
        at -= high - low + 1
    raise AssertionError("an empty set has no member")


def _first(_amount: int) -> int:
    return 0


def _last(amount: int) -> int:
    return amount - 1


def _by_chance(seed: str) -> Choice:
    drawn = 0

    def choose(amount: int) -> int:
        nonlocal drawn
        drawn += 1
        digest = hashlib.sha256(f"{seed} {drawn}".encode()).digest()
        return int.from_bytes(digest, "big") % amount

    return choose
