"""The sizes of a configuration's tunnels for people: one line of numbers each, its stack, and what to set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapper.render.line import Line, Piece, Role, line

if TYPE_CHECKING:
    from sapper.mtu.document import ConfigReport, TunnelReport


def config_lines(report: ConfigReport) -> list[Line]:
    """Every tunnel in order."""
    lines: list[Line] = []
    for tunnel in report["tunnels"]:
        lines += [*_tunnel(tunnel), line()]
    return lines[:-1] or [line("no tunnel, no VTI and no policy-based connection")]


def _tunnel(tunnel: TunnelReport) -> list[Line]:
    configured, fits = tunnel["configured_mtu"], tunnel["inner_mtu"]
    too_large = configured is not None and fits is not None and configured > fits
    role: Role = "bad" if too_large else "good" if fits is not None else "doubt"
    # A plain connection has no interface, so there is no MTU to set.
    is_device = " " not in tunnel["name"]
    words = f"MTU {configured or 'not set'}, " * is_device + f"{'unknown' if fits is None else fits} fits"
    lines = [line(Piece(f"{tunnel['router']} {tunnel['name']}", "title"), "  ", Piece(words, role))]
    if tunnel["stack"] is not None:
        lines.append(line(f"  {tunnel['stack']} on {tunnel['underlay'] or 'a link'} of {tunnel['link_mtu']}"))
        mss = tunnel["mss"]
        known = [f"{value} {label}" for value, label in ((mss["ipv4"], "IPv4"), (mss["ipv6"], "IPv6")) if value]
        lines += [line(f"  TCP MSS {', '.join(known)}")] * bool(known)
    lines += [line(Piece(f"  {note}", "faint")) for note in tunnel["notes"]]
    lines += [line(Piece(f"  {command}", "note")) for command in tunnel["commands"]]
    return lines
