"""Sizes of stacks whose padding depends on the link, or whose bytes are a range: TFC, WireGuard, IPComp.

Padding up to the link (``tfc=mtu``, a WireGuard device that fits it) needs the room that each layer has on that
link: the largest packet is the same as without it. Without a link, padding that would be fitted to it is left out
(TFC) or not cut (WireGuard). Compression never makes a packet longer (RFC 3173 2.2), so it lowers only the least.
"""

from __future__ import annotations

from sapper.mtu.protocols.ipcomp import least as compressed
from sapper.mtu.shape import FITTED, Shape
from sapper.mtu.sizes import LARGEST_PACKET, Sizes


class FittedSizes(Sizes):
    """As Sizes, step by step."""

    __slots__ = ()

    def wire(self, packet: int, link: int | None = None) -> int:
        return self._walk(packet, link, compress=False)

    def least_wire(self, packet: int, link: int | None = None) -> int:
        return self._walk(packet, link, compress=True)

    def fitting(self, link: int) -> int:
        return self._rooms(link)[0]

    def smallest_link(self) -> int:
        """Fitted padding shrinks with the link, so the least link is that of the packet without it."""
        length = self.least
        for shape in self.chain:
            block = 1 if shape.device_mtu == FITTED else shape.block
            length = _round_up(length + shape.tail, block) + shape.front + shape.back
        return length

    def _period(self) -> int:
        return LARGEST_PACKET

    def _rooms(self, link: int) -> list[int]:
        """The largest length that each shape of the chain may be given on this link, from the inside out."""
        room = link
        rooms = []
        for shape in reversed(self.chain):
            room = _inwards(shape, room - shape.front - shape.back)
            rooms.append(room)
        return rooms[::-1]

    def paddings(self, packet: int, link: int) -> list[int]:
        """The padding that each shape of the chain adds to a packet, from the inside out."""
        paddings = []
        for shape, room in zip(self.chain, self._rooms(link), strict=True):
            padded = _padded(shape, packet, room)
            paddings.append(padded - packet - shape.tail)
            packet = padded + shape.front + shape.back
        return paddings

    def _walk(self, length: int, link: int | None, *, compress: bool) -> int:
        rooms = self._rooms(link) if link is not None else [None] * len(self.chain)
        for shape, room in zip(self.chain, rooms, strict=True):
            if shape.compresses and compress:
                length = compressed(length)
            length = _padded(shape, length, room) + shape.front + shape.back
        return length


def _padded(shape: Shape, length: int, room: int | None) -> int:
    if shape.pad_to is not None:
        length = max(length, _pad_to(shape.pad_to, room))
    if shape.device_mtu is not None:
        return _device_padding(length, shape.block, room if shape.device_mtu == FITTED else shape.device_mtu)
    return _round_up(length + shape.tail, shape.block)


def _round_up(length: int, block: int) -> int:
    return (length + block - 1) & -block


def _inwards(shape: Shape, room: int) -> int:
    if shape.device_mtu is None:
        return (room & -shape.block) - shape.tail
    if shape.device_mtu == FITTED:
        return room
    return shape.device_mtu if room >= shape.device_mtu else room & -shape.block


def _pad_to(wanted: int, room: int | None) -> int:
    if room is None:
        return 0 if wanted == FITTED else wanted
    return room if wanted == FITTED else min(wanted, room)


def _device_padding(length: int, block: int, mtu: int | None) -> int:
    """WireGuard's padding: of the last part of a packet that is larger than the device's MTU, and never above it."""
    if mtu is None or mtu <= 0:
        return _round_up(length, block)
    last = length % mtu if length > mtu else length
    return length - last + min(mtu, _round_up(last, block))
