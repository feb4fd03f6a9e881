"""One packet on the wire, piece by piece in the order of its bytes: headers, data, padding, check values.

For pictures. The pieces follow each other without a gap, and together they are the frame (or the packet, where the
stack names no frame). All lengths are bytes.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from sapper.mtu.fitted import FittedSizes
from sapper.mtu.shape import Shape
from sapper.mtu.stack import Layer, Stack

Kind = Literal["frame", "header", "data", "padding", "check"]
_CHECK = {"wireguard": "tag", "ethernet": "FCS"}


class Piece(NamedTuple):
    """``kind`` frame: a header that the link's MTU does not count."""

    label: str
    offset: int
    bytes: int
    kind: Kind


def pieces(stack: Stack, packet: int, link: int) -> tuple[Piece, ...]:
    """The pieces of an inner packet of that length on a link of that MTU."""
    known = FittedSizes(stack)
    padding = dict(zip(_order(stack), known.paddings(packet, link), strict=True))
    parts: list[tuple[str, int, Kind]] = []
    for at, layer in enumerate(stack.layers):
        parts.append((layer.title, layer.shape.front, "header" if at >= stack.frame else "frame"))
        parts.append((f"{layer.title} options", layer.shape.inside, "header"))
    parts.append(("data", packet - known.header - (known.upper if known.header else 0), "data"))
    for at in range(len(stack.layers) - 1, -1, -1):
        parts.extend(_behind(stack.layers[at], padding.get(at, 0), at < stack.frame))
    placed: list[Piece] = []
    offset = 0
    for label, length, kind in parts:
        if length > 0:
            placed.append(Piece(label, offset, length, kind))
            offset += length
    return tuple(placed)


def _behind(layer: Layer, padding: int, outside: bool) -> list[tuple[str, int, Kind]]:
    shape: Shape = layer.shape
    check: Kind = "frame" if outside else "check"
    return [
        (f"{layer.title} {'trailer' if layer.word == 'esp' else 'padding'}", padding + shape.tail, "padding"),
        (f"{layer.title} {_CHECK.get(layer.word, 'ICV')}", shape.back, check),
    ]


def _order(stack: Stack) -> list[int]:
    """Which layer each shape of the chain is of; -1 for the inner header that comes off first."""
    layers, inner = stack.layers, stack.inner
    if inner == len(layers):
        return list(range(inner - 1, stack.frame - 1, -1))
    last = max((at for at in range(inner + 1, len(layers)) if "ipsec" in layers[at].groups), default=inner)
    return [-1, *range(last, inner, -1), inner, *range(inner - 1, stack.frame - 1, -1)]
