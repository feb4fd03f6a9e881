"""How a packet that is too large is cut: before encapsulation, or after it at the outermost IP header.

Before: the inner packet becomes fragments that each fit, and each is encapsulated (RFC 4459 3.1 prefers it; an IPv6
packet can only be cut by its source, with a fragment header of 8). After: the outermost packet becomes fragments
that the far end puts together again; VXLAN forbids that (RFC 7348 4.3). Every fragment but the last carries a
multiple of 8 bytes. Source: RFC 791 3.2; RFC 8200 4.5; RFC 2473 7.
"""

from __future__ import annotations

from typing import NamedTuple

from sapper.mtu.misread import NoRoom
from sapper.mtu.sizes import Sizes, sizes
from sapper.mtu.stack import Stack

FRAGMENT_HEADER_BYTES = 8
_UNIT = 8
_IPV4_BYTES = 20


class Fragments(NamedTuple):
    """``packets`` are the IP packets that are cut, ``wires`` the bytes of each on the wire, in order."""

    packets: tuple[int, ...]
    wires: tuple[int, ...]

    @property
    def wire_bytes(self) -> int:
        """All of them together."""
        return sum(self.wires)


def before(stack: Stack, packet: int, link: int, known: Sizes | None = None) -> Fragments:
    """The inner packet cut so that each part fits the link. Raises NoRoom where no 8 bytes fit."""
    known = known or sizes(stack)
    room = known.largest(link)
    written = stack.layers[stack.inner] if stack.inner < len(stack.layers) else None
    header = written.shape.header if written else _IPV4_BYTES
    extra = FRAGMENT_HEADER_BYTES if written and "ip6" in written.groups else 0
    parts = tuple(_cut(packet, header, extra, room, link))
    return Fragments(parts, tuple(known.wire(part, link) for part in parts))


def after(stack: Stack, packet: int, link: int, known: Sizes | None = None) -> Fragments:
    """The outermost IP packet cut so that each part fits the link. Raises NoRoom where no 8 bytes fit."""
    known = known or sizes(stack)
    wire = known.wire(packet, link)
    layers = stack.layers
    outermost = next((at for at in range(stack.frame, len(layers)) if "ip" in layers[at].groups), None)
    if outermost is None:
        return before(stack, packet, link, known)
    around = sum(layer.shape.least_bytes for layer in layers[stack.frame : outermost])
    extra = FRAGMENT_HEADER_BYTES if "ip6" in layers[outermost].groups else 0
    parts = tuple(_cut(wire - around, layers[outermost].shape.header, extra, link - around, link))
    return Fragments(parts, tuple(part + around for part in parts))


def _cut(packet: int, header: int, extra: int, room: int, link: int) -> list[int]:
    """Lengths of the fragments, headers included; the packet itself where it fits."""
    if packet <= room:
        return [packet]
    each = (room - header - extra) // _UNIT * _UNIT
    if each <= 0:
        raise NoRoom(link, link + header + extra + _UNIT - room)
    data = packet - header
    full, rest = divmod(data, each)
    lengths = [header + extra + each] * full
    if rest:
        lengths.append(header + extra + rest)
    return lengths
