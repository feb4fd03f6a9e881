"""A stack as values: layers from the outermost to the innermost, each with its shape.

``implied`` layers were not written: what a layer always rides on (VXLAN on UDP) or always has inside (VXLAN an
Ethernet header). ``key`` is the layer in the stack language; joined by ``/`` the keys give the whole stack again.
"""

from __future__ import annotations

from typing import NamedTuple

from sapper.mtu.shape import Shape

FRAME_GROUPS = frozenset({"ethernet", "tag", "ppp"})
"""What belongs to the frame and not to the link's MTU, where it stands outermost."""


class Layer(NamedTuple):
    key: str
    word: str
    title: str
    groups: frozenset[str]
    shape: Shape
    implied: bool = False


class Stack(NamedTuple):
    """``inner`` is the index of the innermost IP layer, or ``len(layers)`` where the inner packet is not written.

    ``frame`` counts the outermost layers that the link's MTU does not.
    """

    layers: tuple[Layer, ...]
    frame: int
    inner: int

    @property
    def text(self) -> str:
        """The stack in its own language, implied layers written out."""
        return "/".join(layer.key for layer in self.layers)


def stack_of(layers: tuple[Layer, ...]) -> Stack:
    """Find the frame and the inner packet in layers that fit each other."""
    frame = 0
    while frame < len(layers) and layers[frame].groups & FRAME_GROUPS:
        frame += 1
    return Stack(layers, frame, _inner(layers))


def _inner(layers: tuple[Layer, ...]) -> int:
    """The innermost IP layer, unless a tunnel stands inside of it: then the packet in the tunnel is meant."""
    for index in range(len(layers) - 1, -1, -1):
        layer = layers[index]
        if "ip" in layer.groups:
            return index
        if not _transparent(layer, layers[index + 1 :]):
            return len(layers)
    return len(layers)


def _transparent(layer: Layer, inside: tuple[Layer, ...]) -> bool:
    """True for what may stand in a packet without being a tunnel: UDP, TCP, and IPsec in transport mode."""
    if "ipsec" in layer.groups:
        return bool(inside) or "tcp" in layer.shape.carries
    return bool(layer.groups & {"udp", "tcp"})
