"""The closed form of a stack: the bytes on the wire for a packet, and the largest packet for a link.

A packet is the inner one, its IP header included. Every layer is a monotone step function of a length
(:mod:`sapper.mtu.shape`); plain headers add up, and what is left is a chain of ``(n + add + mask) & ~mask``, read
inwards for :meth:`Sizes.largest` and outwards for :meth:`Sizes.wire`. So for every link with room::

    wire(largest(link)) <= link < wire(largest(link) + 1)

The wire here is what the link's MTU counts; :meth:`Sizes.framed` adds the frame around it. All lengths are bytes.
"""

from __future__ import annotations

from sapper.mtu.misread import NoRoom
from sapper.mtu.shape import Shape
from sapper.mtu.stack import Layer, Stack

LARGEST_PACKET = 65535
_LEAST_FRAME = 60  # IEEE 802.3 4.2.3.2.2, without the check sequence
_IPV4_BYTES, _IPV6_BYTES = 20, 40


class Sizes:
    """The sizes of one stack. ``header`` is the inner IP header, ``upper`` what is written of TCP or UDP in it.

    ``least`` is the smallest inner packet, ``frame`` the bytes of the frame outside of the MTU, ``least_frame`` what
    Ethernet pads a frame to.
    """

    __slots__ = (
        "_after",
        "_rounds",
        "_rounds_inwards",
        "chain",
        "frame",
        "header",
        "least",
        "least_frame",
        "upper",
    )

    def __init__(self, stack: Stack) -> None:
        layers = stack.layers
        self.chain = _chain(stack)
        inner = layers[stack.inner] if stack.inner < len(layers) else None
        self.header = inner.shape.header if inner else 0
        upper = _upper(layers, stack.inner)
        self.upper = sum(layer.shape.front + layer.shape.inside for layer in upper)
        self.least = self.header + self.upper if inner else _least_packet(layers)
        self.frame = sum(layer.shape.least_bytes for layer in layers[: stack.frame])
        self.least_frame = _LEAST_FRAME + layers[0].shape.back if layers[0].word == "ethernet" else 0
        self._rounds, self._after = _rounds(self.chain)
        self._rounds_inwards = self._rounds[::-1]

    def wire(self, packet: int, link: int | None = None) -> int:
        """The bytes that the link's MTU counts for an inner packet. ``link`` matters only to fitted padding."""
        for add, mask in self._rounds:
            packet = (packet + add + mask) & ~mask
        return packet + self._after

    def least_wire(self, packet: int, link: int | None = None) -> int:
        """As :meth:`wire`, where compression does its best."""
        return self.wire(packet, link)

    def fitting(self, link: int) -> int:
        """The largest inner packet for a link, without asking whether a header fits into it; may be negative."""
        room = link - self._after
        for add, mask in self._rounds_inwards:
            room = (room & ~mask) - add
        return room

    def largest(self, link: int) -> int:
        """The largest inner packet for a link. Raises NoRoom where not even the least one fits."""
        room = self.fitting(link)
        if room < self.least:
            raise NoRoom(link, self.smallest_link())
        return room if room < LARGEST_PACKET else LARGEST_PACKET

    def smallest_link(self) -> int:
        """The least link MTU that carries a packet of ``least`` bytes."""
        return self.wire(self.least)

    def overhead(self, link: int) -> tuple[int, int]:
        """The least and the most bytes that are added to a packet, over all packets that fit the link."""
        low, high = self.least, self.largest(link)
        lengths = range(low, min(high, low + self._period() - 1) + 1)
        return (
            min(self.least_wire(length, link) - length for length in lengths),
            max(self.wire(length, link) - length for length in lengths),
        )

    def payload_room(self, link: int) -> int:
        """How much the last layer that is written carries, in the largest packet for the link."""
        return self.largest(link) - self.header - self.upper

    def framed(self, wire: int) -> int:
        """The frame's bytes for a wire length: headers outside of the MTU, and Ethernet's least frame."""
        return max(wire + self.frame, self.least_frame)

    def _period(self) -> int:
        """After how many bytes the padding repeats."""
        return max((shape.block for shape in self.chain), default=1)


def sizes(stack: Stack) -> Sizes:
    """The closed form of a stack."""
    for layer in stack.layers:
        shape = layer.shape
        if shape.pad_to is not None or shape.device_mtu is not None or shape.compresses:
            from sapper.mtu.fitted import FittedSizes

            return FittedSizes(stack)
    return Sizes(stack)


def _chain(stack: Stack) -> tuple[Shape, ...]:
    """The shapes that a packet goes through, from the inside out.

    Transport mode works on what follows the inner header: the header comes off first and back on behind it.
    """
    layers, inner = stack.layers, stack.inner
    chain: list[Shape] = []
    if inner < len(layers):
        shape = layers[inner].shape
        chain.append(Shape(front=-shape.header))
        last = max((at for at in range(inner + 1, len(layers)) if "ipsec" in layers[at].groups), default=inner)
        chain.extend(layers[at].shape for at in range(last, inner, -1))
        chain.append(Shape(front=shape.front))
    chain.extend(_carrier(layers[at].shape) for at in range(inner - 1, stack.frame - 1, -1))
    return tuple(chain)


def _carrier(shape: Shape) -> Shape:
    """A layer around the inner packet: TCP that carries a tunnel sends its options on top of it."""
    return shape._replace(front=shape.front + shape.inside, inside=0) if shape.inside else shape


def _upper(layers: tuple[Layer, ...], inner: int) -> tuple[Layer, ...]:
    """TCP or UDP as the inner packet's own: what stands behind the inner header and its transport mode."""
    last = max((at for at in range(inner, len(layers)) if "ipsec" in layers[at].groups), default=inner)
    return layers[last + 1 :]


def _least_packet(layers: tuple[Layer, ...]) -> int:
    """An inner packet that is not written has at least an IP header."""
    return _IPV4_BYTES if not layers or layers[-1].shape.carries != {"ip6"} else _IPV6_BYTES


def _rounds(chain: tuple[Shape, ...]) -> tuple[tuple[tuple[int, int], ...], int]:
    """The chain with its plain headers added up: pairs of (add, mask), and what comes after the last of them."""
    rounds: list[tuple[int, int]] = []
    added = 0
    for shape in chain:
        if shape.block > 1:
            rounds.append((added + shape.tail, shape.block - 1))
            added = shape.front + shape.back
        else:
            added += shape.front + shape.tail + shape.back
    return tuple(rounds), added
