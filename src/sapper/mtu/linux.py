"""What Linux itself lets through, where that is less than what fits.

A tunnel over IPv6 asks for the path's MTU with ESP taken off, which is rounded down to ESP's block, and takes the
encapsulation limit off that. ESP in transport mode pads what stands behind the option, so up to 8 bytes are lost:
the packet would fit and is refused all the same. Seen on Linux 6.1; source: ip6_tnl_xmit in net/ipv6/ip6_tunnel.c,
xfrm_state_mtu in net/xfrm/xfrm_state.c.
"""

from __future__ import annotations

from sapper.mtu.sizes import sizes
from sapper.mtu.stack import Layer, Stack


def lets_through(stack: Stack, link: int) -> int:
    """The largest packet that Linux sends through the stack in one piece, in bytes. Raises NoRoom."""
    exact = sizes(stack).largest(link)
    reckoned = _as_reckoned(stack)
    return exact if reckoned is None else min(exact, sizes(reckoned).largest(link))


def _as_reckoned(stack: Stack) -> Stack | None:
    """The stack with every late byte moved from its IP header into the ESP behind it; None where there is none."""
    layers = list(stack.layers)
    for at, layer in enumerate(stack.layers[: stack.inner]):
        outer = at - 2 if at > 1 and layers[at - 1].word == "udp" else at - 1
        if outer < 0 or not layers[outer].shape.late or not _is_transport(layer, stack.layers[at + 1 :]):
            continue
        late = layers[outer].shape.late
        layers[outer] = _resized(layers[outer], front=-late, tail=0)
        layers[at] = _resized(layer, front=0, tail=late)
    return stack._replace(layers=tuple(layers)) if tuple(layers) != stack.layers else None


def _resized(layer: Layer, *, front: int, tail: int) -> Layer:
    shape = layer.shape._replace(front=layer.shape.front + front, tail=layer.shape.tail + tail)
    return layer._replace(shape=shape)


def _is_transport(layer: Layer, inside: tuple[Layer, ...]) -> bool:
    """ESP of which the mode is said, or follows from what is right inside; padding (tfc) is tunnel mode's."""
    if "esp" not in layer.groups:
        return False
    words = {word.partition("=")[0] for word in layer.key.partition(":")[2].split(",")}
    if words & {"tunnel", "beet", "tfc"}:
        return False
    return "transport" in words or not inside or "ip" not in inside[0].groups
