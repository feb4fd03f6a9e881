"""Sets of packets and of situations in the words of a certificate, and back.

Reading raises :class:`Misfit` with one line for words that say nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from sapper.address import WIDTH_BITS, Address, Family, Prefix
from sapper.certificate.box import ALL_PORTS, ALL_PROTOCOLS, NO_PORTS, Box, Pieces, joined
from sapper.certificate.document import PacketSet, SituationSet
from sapper.certificate.refused import Misfit
from sapper.certificate.space import EITHER, LOWERED, RAISED, Surroundings, When, bits
from sapper.proof.states.lifecycle import TABLE

_LABELS = {row.label: at for at, row in enumerate(TABLE)}
_NONE = "none"


def packet_set(box: Box) -> PacketSet:
    """The words for a set of packets."""
    return PacketSet(
        destination=_addresses(box.family, box.destination),
        source=None if box.source is None else _addresses(box.family, box.source),
        protocols=None if box.protocols == ALL_PROTOCOLS else _ranges((at, at) for at in bits(box.protocols)),
        source_ports=_ports(box.source_ports),
        destination_ports=_ports(box.destination_ports),
    )


def box_of(words: PacketSet) -> Box:
    """The set that the words say."""
    try:
        families = {_family(word) for word in (*words.destination, *(words.source or ()))}
        if len(families) != 1:
            raise ValueError("addresses of two families or none")
        family = families.pop()
        protocols = ALL_PROTOCOLS if words.protocols is None else _mask(words.protocols)
        return Box(
            family,
            None if words.source is None else _pieces(family, words.source),
            _pieces(family, words.destination),
            protocols,
            _numbers(words.source_ports),
            _numbers(words.destination_ports),
        )
    except ValueError as error:
        raise Misfit(f"a set of packets says nothing: {error}") from None


def situation_set(when: When, rows: int, around: Surroundings) -> SituationSet:
    """The words for a set of situations; ``rows`` are all of the entry's."""
    sides: dict[int, tuple[Literal["lowered", "raised"], ...]] = {LOWERED: ("lowered",), RAISED: ("raised",)}
    moves = (1 << len(around.moves)) - 1
    return SituationSet(
        states=None if when.rows == rows else _labels(when.rows),
        others={name: _labels(mask) for name, mask in when.others},
        vtis={name: sides.get(mask, ("lowered", "raised")) for name, mask in when.raised},
        network=None if when.moves == moves else tuple(str(around.moves[at]) for at in bits(when.moves)),
    )


def when_of(words: SituationSet, rows: int, around: Surroundings) -> When:
    """The set that the words say."""
    moves = {str(move): at for at, move in enumerate(around.moves)}
    try:
        return When(
            rows if words.states is None else _bits(words.states, _LABELS) & rows,
            (1 << len(moves)) - 1 if words.network is None else _bits(words.network, moves),
            tuple(sorted((name, _bits(labels, _LABELS)) for name, labels in words.others.items())),
            tuple(sorted((name, _side(states)) for name, states in words.vtis.items())),
        )
    except KeyError as error:
        raise Misfit(f"a set of situations names {error.args[0]!r}, which is no state and no move here") from None


def _side(states: Iterable[str]) -> int:
    return sum({"lowered": LOWERED, "raised": RAISED}[state] for state in set(states)) & EITHER


def _bits(labels: Iterable[str], known: dict[str, int]) -> int:
    return sum(1 << known[label] for label in set(labels))


def _labels(mask: int) -> tuple[str, ...]:
    return tuple(TABLE[at].label for at in bits(mask & (1 << len(TABLE)) - 1))


def _addresses(family: Family, pieces: Pieces) -> tuple[str, ...]:
    return tuple(_span(family, low, high) for low, high in pieces)


def _span(family: Family, low: int, high: int) -> str:
    bits_ = (high - low + 1).bit_length() - 1
    if high - low + 1 == 1 << bits_ and not low & (high - low):
        length = WIDTH_BITS[family] - bits_
        return str(Address(family, low)) if bits_ == 0 else str(Prefix(family, low, length))
    return f"{Address(family, low)}-{Address(family, high)}"


def _family(word: str) -> Family:
    return 6 if ":" in word else 4


def _pieces(family: Family, words: Iterable[str]) -> Pieces:
    return joined(_span_of(family, word) for word in words)


def _span_of(family: Family, word: str) -> tuple[int, int]:
    first, dash, last = word.partition("-")
    if not dash:
        prefix = Prefix.parse(word) if "/" in word else Prefix.host(Address.parse(word))
        return prefix.first, prefix.last
    low, high = Address.parse(first), Address.parse(last)
    if low.family != high.family or low.value > high.value:
        raise ValueError(f"{word!r} is no range")
    return low.value, high.value


def _ports(pieces: Pieces) -> str | None:
    if pieces == ALL_PORTS:
        return None
    return _NONE if pieces == NO_PORTS else _ranges(pieces)


def _numbers(words: str | None) -> Pieces:
    if words is None:
        return ALL_PORTS
    return NO_PORTS if words == _NONE else _read_ranges(words, 65535)


def _mask(words: str) -> int:
    return sum(((1 << (last - first + 1)) - 1) << first for first, last in _read_ranges(words, 255))


def _ranges(pieces: Iterable[tuple[int, int]]) -> str:
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in joined(pieces))


def _read_ranges(words: str, largest: int) -> Pieces:
    found = []
    for word in words.split(","):
        first, _, last = word.partition("-")
        low, high = int(first), int(last or first)
        if not 0 <= low <= high <= largest:
            raise ValueError(f"{word!r} is no range up to {largest}")
        found.append((low, high))
    return joined(found)
