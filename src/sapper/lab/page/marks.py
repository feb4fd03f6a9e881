"""What one packet looks like in the timeline: kinds differ in shape as well as in colour, for readers who do not see one."""

from __future__ import annotations

from typing import Literal
from xml.etree.ElementTree import Element

from sapper.lab.attribution import ENCRYPTED, FORGED, SeenPacket
from sapper.render.markup import element

Look = Literal["clear-outer", "clear-inner", "encrypted", "ike", "control", "dropped", "forged"]
LOOKS: dict[Look, str] = {
    "clear-outer": "tunnel packet in clear",
    "clear-inner": "inner packet in clear",
    "encrypted": "encrypted (ESP)",
    "ike": "IKE",
    "control": "ICMP, routing, other",
    "dropped": "dropped by the router",
    "forged": "forged, sent to the router",
}
SHORT: dict[Look, str] = {
    "clear-outer": "clear outer",
    "clear-inner": "clear inner",
    "encrypted": "ESP",
    "ike": "IKE",
    "control": "other",
    "dropped": "dropped",
    "forged": "forged in",
}
_IKE = frozenset({"ike", "ike-in-udp", "nat-keepalive"})
_QUIET = frozenset({"neighbour"})


def look_of(packet: SeenPacket) -> Look | None:
    """How a packet on a router's outer wire is drawn; None for what is not."""
    if packet.echo or packet.kind in _QUIET:
        return None
    if not packet.frame.outgoing:
        return "forged" if packet.flow is not None and packet.flow.startswith(FORGED) else None
    if packet.kind in ENCRYPTED:
        return "encrypted"
    if packet.kind in _IKE:
        return "ike"
    if packet.kind == "clear-outer" or packet.kind == "clear-inner":
        # A tunnel packet without a token is the routing protocol's, or ND: in clear all the same.
        return packet.kind
    return "control"


def mark(look: Look, x: float, y: float) -> Element:
    """The mark with its middle at that place."""
    drawn = _shape(look, x, y)
    drawn.set("class", f"mark {look}")
    return drawn


def _shape(look: Look, x: float, y: float) -> Element:
    if look == "clear-outer":
        return element("path", d=f"M{x:.1f} {y - 6:.1f} l6 6 l-6 6 l-6 -6 z")
    if look == "clear-inner":
        return element("rect", x=x - 4.5, y=y - 4.5, width=9, height=9)
    if look == "ike":
        return element("rect", x=x - 1.5, y=y - 6, width=3, height=12)
    if look == "control":
        return element("circle", cx=x, cy=y, r=2.5)
    if look == "dropped":
        return element("path", d=f"M{x - 4:.1f} {y - 4:.1f} l8 8 m0 -8 l-8 8")
    if look == "forged":
        return element("path", d=f"M{x - 5:.1f} {y - 4.5:.1f} h10 l-5 9 z")
    return element("circle", cx=x, cy=y, r=4.5)
