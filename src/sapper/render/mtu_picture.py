"""A packet as a drawing: boxes and words with coordinates, for whoever writes a file format.

Two bands. The upper one is the whole packet to scale. The lower one has headers, padding and check values at one
larger scale, with the data cut short, so that four bytes can be seen beside fourteen hundred. Lengths are pixels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from sapper.mtu.anatomy import Piece

WIDTH = 960
MARGIN = 24
BAND = 44
_ROW = 16
_DATA_WIDTH = 96
_LETTER_WIDTH = 6.7
_INK = "#1d2430"
_COLOURS = {
    "frame": "#b8bec8",
    "header": "#2f6fb5",
    "data": "#dfe3e9",
    "padding": "#d9902f",
    "check": "#3c8d5a",
}


class Box(NamedTuple):
    x: float
    y: float
    width: float
    height: float
    fill: str
    title: str


class Words(NamedTuple):
    """``size`` is the height of the letters; ``x`` is where the text starts, ends, or has its middle."""

    x: float
    y: float
    size: int
    text: str
    anchor: Literal["start", "middle", "end"] = "start"
    fill: str = _INK


class Drawing(NamedTuple):
    width: int
    height: int
    boxes: tuple[Box, ...]
    words: tuple[Words, ...]


def draw(title: str, caption: str, packet: Sequence[Piece]) -> Drawing:
    """The drawing of a packet, with a title above it and a caption below."""
    upper, lower = MARGIN + 30, MARGIN + 30 + BAND + 34
    legend = lower + BAND + 52
    bottom = legend + len(packet) * _ROW
    enlarged = tuple(_enlarged(packet, lower))
    words = [
        Words(MARGIN, MARGIN + 12, 16, title),
        Words(MARGIN, upper + BAND + 14, 11, f"to scale: {packet[-1].offset + packet[-1].bytes} bytes"),
        Words(MARGIN, lower + BAND + 14, 11, "headers and trailers enlarged, data cut short"),
        *_labels(packet, enlarged),
        *_legend(packet, legend),
        Words(MARGIN, bottom + 18, 12, caption),
    ]
    marks = (
        Box(MARGIN, legend + row * _ROW, 10, 10, _COLOURS[piece.kind], piece.label)
        for row, piece in enumerate(packet)
    )
    return Drawing(WIDTH, bottom + 18 + MARGIN, (*_whole(packet, upper), *enlarged, *marks), tuple(words))


def _labels(packet: Sequence[Piece], boxes: Sequence[Box]) -> Iterator[Words]:
    """Names in the boxes that are wide enough for them."""
    for piece, box in zip(packet, boxes, strict=True):
        if box.width >= len(piece.label) * _LETTER_WIDTH + 6:
            ink = _INK if piece.kind in ("data", "frame") else "#ffffff"
            yield Words(box.x + box.width / 2, box.y + BAND / 2 + 4, 11, piece.label, "middle", ink)


def _legend(packet: Sequence[Piece], top: float) -> Iterator[Words]:
    """Offset, length and name of every piece, in columns."""
    yield Words(MARGIN + 66, top - 8, 11, "offset", "end")
    yield Words(MARGIN + 118, top - 8, 11, "bytes", "end")
    for row, piece in enumerate(packet):
        line = top + row * _ROW + 10
        yield Words(MARGIN + 66, line, 12, str(piece.offset), "end")
        yield Words(MARGIN + 118, line, 12, str(piece.bytes), "end")
        yield Words(MARGIN + 134, line, 12, piece.label)


def _whole(packet: Sequence[Piece], top: float) -> Iterator[Box]:
    whole = packet[-1].offset + packet[-1].bytes
    scale = (WIDTH - 2 * MARGIN) / whole
    for piece in packet:
        yield _box(piece, MARGIN + piece.offset * scale, piece.bytes * scale, top)


def _enlarged(packet: Sequence[Piece], top: float) -> Iterator[Box]:
    around = sum(piece.bytes for piece in packet if piece.kind != "data")
    data = sum(_DATA_WIDTH for piece in packet if piece.kind == "data")
    scale = (WIDTH - 2 * MARGIN - data) / max(around, 1)
    left = float(MARGIN)
    for piece in packet:
        width = _DATA_WIDTH if piece.kind == "data" else piece.bytes * scale
        yield _box(piece, left, width, top)
        left += width


def _box(piece: Piece, left: float, width: float, top: float) -> Box:
    return Box(
        round(left, 2), top, round(width, 2), BAND, _COLOURS[piece.kind], f"{piece.label}: {piece.bytes} bytes"
    )
