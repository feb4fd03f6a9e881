"""The answer of ``sapper mtu`` for people: the numbers, a table of layers, and the packet drawn to scale.

The picture is a staircase: one row for each piece of the packet, at the columns where its bytes are. Eighths of a
column are drawn where the terminal can; without block letters, ``#`` and ``.`` stand for a column that is touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sapper.mtu.anatomy import Piece as PacketPiece
from sapper.render.line import Line, Piece, Role, aligned, line

if TYPE_CHECKING:
    from sapper.mtu.document import (
        AlternativeReport,
        CalculatorReport,
        HopReport,
        MixReport,
        PayloadReport,
        StackReport,
    )

COLUMNS = 60
MOST_NAMES = 5
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_ROLES: dict[str, Role] = {"frame": "faint", "header": "note", "data": "plain", "padding": "doubt", "check": "good"}


def stack_lines(report: StackReport, packet: Sequence[PacketPiece], *, blocks: bool = True) -> list[Line]:
    """The whole answer; ``blocks`` False draws in ASCII."""
    lines = [line(Piece(report["stack"], "title")), line(), *_numbers(report), line()]
    lines += [*_layers(report), line(), *picture(packet, blocks=blocks)]
    for part in _answers(report):
        lines += [line(), *part]
    if report["notes"]:
        lines += [line(), *(line(Piece(f"note: {note}", "faint")) for note in report["notes"])]
    return lines


def _answers(report: StackReport) -> Iterator[list[Line]]:
    if report["path"] is not None:
        yield _path(report["path"])
    if report["payload"] is not None:
        yield _payload(report["payload"], report["link_mtu"])
    if report["mix"] is not None:
        yield _mix(report["mix"])
    if report["what_if"] is not None:
        yield _what_if(report["what_if"])
    if report["calculator"] is not None:
        yield _calculator(report["calculator"], report["payload_room"])


def _numbers(report: StackReport) -> list[Line]:
    mss = report["mss"]
    segments = [f"{mss[name]} {label}" for name, label in (("ipv4", "IPv4"), ("ipv6", "IPv6")) if mss[name]]  # type: ignore[literal-required]
    overhead = report["overhead"]
    span = f"{overhead['min']}" if overhead["min"] == overhead["max"] else f"{overhead['min']} to {overhead['max']}"
    rows = [
        line("  link MTU", f"{report['link_mtu']}"),
        line(
            "  largest inner packet", Piece(f"{report['inner_mtu']}", "title"), Piece("IP header included", "faint")
        ),
        line("  TCP MSS", ", ".join(segments) or "no room for data"),
        line("  overhead", f"{span} bytes"),
        line("  smallest link", f"{report['smallest_link']}"),
    ]
    return aligned(rows)


def _layers(report: StackReport) -> list[Line]:
    rows = [line(Piece("  layer", "faint"), Piece("bytes", "faint"), "")]
    for layer in report["layers"]:
        notes = [note for note in (layer["note"], "" if layer["counted"] else "not counted by the MTU") if note]
        name = f"  {layer['layer']}" + (" (implied)" if layer["implied"] else "")
        rows.append(line(name, f"{layer['bytes']:5}", Piece("; ".join(notes), "faint")))
    return aligned(rows)


def picture(packet: Sequence[PacketPiece], *, blocks: bool = True) -> list[Line]:
    """The packet to scale: a row for each piece."""
    whole = packet[-1].offset + packet[-1].bytes
    columns = min(COLUMNS, whole)
    heading = f"  {whole} bytes on the wire, one column is {whole / columns:.3g} bytes"
    rows = [line(Piece(heading, "faint"))]
    width = max(len(piece.label) for piece in packet)
    for piece in packet:
        start, end = piece.offset * columns * 8 // whole, (piece.offset + piece.bytes) * columns * 8 // whole
        drawn = _bar(start, end) if blocks else _ascii_bar(start, end, piece.kind)
        label = f"  {piece.offset:5} {piece.bytes:5}  {piece.label.ljust(width)}  "
        rows.append(line(label, Piece(drawn, _ROLES[piece.kind])))
    return rows


def _bar(start: int, end: int) -> str:
    """A bar from ``start`` to ``end``, both in eighths of a column; at least one eighth."""
    first, last = start // 8, max(end, start + 1) // 8
    if first == last:
        return " " * first + _EIGHTHS[max(end, start + 1) - start]
    head = "▐" if start % 8 else "█"
    return (" " * first + head + "█" * (last - first - 1) + _EIGHTHS[max(end, start + 1) % 8]).rstrip()


def _ascii_bar(start: int, end: int, kind: str) -> str:
    first, last = start // 8, -(-max(end, start + 1) // 8)
    return " " * first + ("." if kind == "data" else "#") * (last - first)


def _path(hops: list[HopReport]) -> list[Line]:
    rows = [line(Piece("  hop", "faint"), Piece("takes", "faint"), "")]
    for hop in hops:
        mark = Piece("narrowest", "doubt") if hop["narrowest"] else Piece("")
        rows.append(line(f"  {hop['hop']}", f"{hop['room']:5}", mark))
    return aligned(rows)


def _payload(payload: PayloadReport, link: int) -> list[Line]:
    least, most = payload["least_wire_bytes"], payload["wire_bytes"]
    span = f"{most}" if least == most else f"{least} to {most}"
    rows = [
        line(f"  a payload of {payload['bytes']}", f"is a packet of {payload['inner_bytes']}"),
        line("  on the wire", f"{span} bytes, {payload['frame_bytes']} with the frame"),
    ]
    if not payload["fits"]:
        for name in ("before", "after"):
            cut = payload["fragments"][name]
            rows.append(line(f"  cut {name} encapsulation", " + ".join(map(str, cut)) + f" = {sum(cut)} bytes"))
    lines = aligned(rows)
    if not payload["fits"]:
        lines.append(line(Piece(f"  it does not fit a link of {link}", "bad")))
    return lines


def _mix(mix: MixReport) -> list[Line]:
    rows = [
        line("  traffic mix", f"{mix['packets']} packets of {mix['packet_bytes']} bytes in all"),
        line("  on the wire", f"{mix['wire_packets']} packets of {mix['wire_bytes']} bytes in all"),
        line("  efficiency", f"{mix['efficiency'] * 100:.1f} %"),
    ]
    return aligned(rows)


def _what_if(alternatives: list[AlternativeReport]) -> list[Line]:
    rows = [line(Piece("  largest", "faint"), Piece("gain", "faint"), Piece("ESP transforms", "faint"), "")]
    for one in alternatives:
        role: Role = "faint" if one["remark"] else "plain"
        names = Piece(_some(one["transforms"]), role)
        rows.append(line(f"  {one['inner_mtu']:7}", f"{one['gain']:+4}", names, Piece(one["remark"], "doubt")))
    return aligned(rows)


def _some(names: list[str]) -> str:
    """The first few; JSON has them all."""
    more = f", and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more


def _calculator(calculator: CalculatorReport, room: int) -> list[Line]:
    says = f"  the calculator takes {calculator['overhead']} off and says {calculator['mtu']}"
    if calculator["right"]:
        return [line(Piece(f"{says}: right", "good"))]
    rows = [line(Piece(f"{says}; it is {room}", "bad"))]
    rows += [line(f"    {one['bytes']:+4}  {one['reason']}") for one in calculator["differences"]]
    return rows
