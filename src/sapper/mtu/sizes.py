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
    behind = _behind_esp(layers[:inner], layers[inner : inner + 1])
    chain.extend(
        _carrier(layers[at].shape, behind.get(at, 0))
        for at in range(min(inner, len(layers)) - 1, stack.frame - 1, -1)
    )
    return tuple(chain)


def _carrier(shape: Shape, behind: int) -> Shape:
    """A layer around the inner packet.

    TCP that carries a tunnel sends its options on top of it. ``behind``: bytes that ESP pads beside what it carries,
    or, where negative, that the IP header has given to it.
    """
    front = shape.front + shape.inside + min(behind, 0)
    return shape._replace(front=front, tail=shape.tail + max(behind, 0), inside=0)


def _behind_esp(layers: tuple[Layer, ...], inner: tuple[Layer, ...]) -> dict[int, int]:
    """For each ESP in transport mode what its IP header keeps behind it, and for that header the same taken away."""
    found: dict[int, int] = {}
    for at, layer in enumerate(layers):
        inside = (*layers, *inner)[at + 1 : at + 2]
        if "esp" not in layer.groups or not _transport(layer, inside):
            continue
        outer = at - 2 if at > 1 and layers[at - 1].word == "udp" else at - 1
        if outer >= 0 and layers[outer].shape.behind:
            found[at], found[outer] = layers[outer].shape.behind, -layers[outer].shape.behind
    return found


def _transport(layer: Layer, inside: tuple[Layer, ...]) -> bool:
    """Said, or by what is right inside; ``tfc`` is padding in tunnel mode only."""
    words = {word.partition("=")[0] for word in layer.key.partition(":")[2].split(",")}
    if words & {"tunnel", "beet", "tfc"}:
        return False
    return "transport" in words or not inside or "ip" not in inside[0].groups


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
