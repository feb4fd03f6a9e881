"""What Linux itself lets through, where that is less than what fits.

* A tunnel over IPv6 asks for the path's MTU with ESP taken off, which is rounded down to ESP's block, and takes the
  encapsulation limit off that. ESP in transport mode pads what stands behind the option, so up to 8 bytes are lost:
  the packet would fit and is refused all the same. Source: ip6_tnl_xmit in net/ipv6/ip6_tunnel.c.
* BEET mode keeps 8 bytes free for a pseudo header that IPv4 inside needs only with options, and puts the outer header
  back where the inner one was: across families the 20 bytes between them are counted on the wrong side. Source:
  esp_init_state in net/ipv4/esp4.c, esp6_init_state in net/ipv6/esp6.c, xfrm_state_mtu in net/xfrm/xfrm_state.c.
* GENEVE with a bare packet inside still takes an Ethernet header off what it tells. Source: GENEVE_IPV4_HLEN in
  drivers/net/geneve.c.

WireGuard and L2TPv3 ask nobody for the path's MTU, so what is around them takes what fits. Each was seen on Linux 6.1, and the sweep of sizes asks again.
"""

from __future__ import annotations

from sapper.mtu.sizes import sizes
from sapper.mtu.stack import Layer, Stack

_PSEUDO_HEADER_BYTES = 8  # IPV4_BEET_PHMAXLEN
_BETWEEN_FAMILIES = 20  # an IPv6 header less an IPv4 one
_ETHERNET_BYTES = 14
_ASK_NOBODY = frozenset({"wireguard", "l2tpv3"})


def lets_through(stack: Stack, link: int) -> int:
    """The largest packet that Linux sends through the stack in one piece, in bytes. Raises NoRoom."""
    exact = sizes(stack).largest(link)
    reckoned = _as_reckoned(stack)
    return exact if reckoned is None else min(exact, sizes(reckoned).largest(link))


def reckons(stack: Stack, link: int) -> int:
    """The largest packet by the kernel's own arithmetic; where it is more than fits, it goes in fragments."""
    return sizes(_as_reckoned(stack) or stack).largest(link)


def _as_reckoned(stack: Stack) -> Stack | None:
    """The stack with its bytes where the kernel counts them; None where that is where they are."""
    layers = list(stack.layers)
    for at, layer in enumerate(stack.layers):
        outer = at - 2 if at > 1 and layers[at - 1].word == "udp" else at - 1
        if any(inside.word in _ASK_NOBODY for inside in stack.layers[at + 1 : stack.inner]):
            continue
        if layer.shape.strips:
            _reckon_beet(layers, outer, at)
        elif (
            outer >= 0 and at < stack.inner and layers[outer].shape.late and _is_transport(layer, layers[at + 1 :])
        ):
            late = layers[outer].shape.late
            layers[outer] = _resized(layers[outer], front=-late)
            layers[at] = _resized(layer, tail=late)
        elif layer.word == "geneve" and "ip" in layer.shape.carries:
            layers[at] = _resized(layer, front=_ETHERNET_BYTES)
    return stack._replace(layers=tuple(layers)) if tuple(layers) != stack.layers else None


def _reckon_beet(layers: list[Layer], outer: int, at: int) -> None:
    over_ipv6 = outer >= 0 and "ip6" in layers[outer].groups
    inside = layers[at + 1]
    if "ip6" in inside.groups:
        layers[at + 1] = _resized(inside, front=0 if over_ipv6 else _BETWEEN_FAMILIES)
        return
    across = _BETWEEN_FAMILIES if over_ipv6 else 0
    layers[at] = _resized(layers[at], front=_PSEUDO_HEADER_BYTES + across)
    layers[at + 1] = _resized(inside, front=-across - inside.shape.front)


def _resized(layer: Layer, *, front: int = 0, tail: int = 0) -> Layer:
    shape = layer.shape._replace(front=layer.shape.front + front, tail=layer.shape.tail + tail)
    return layer._replace(shape=shape)


def _is_transport(layer: Layer, inside: list[Layer]) -> bool:
    """ESP of which the mode is said, or follows from what is right inside; padding (tfc) is tunnel mode's."""
    if "esp" not in layer.groups:
        return False
    words = {word.partition("=")[0] for word in layer.key.partition(":")[2].split(",")}
    if words & {"tunnel", "beet", "tfc"}:
        return False
    return "transport" in words or not inside or "ip" not in inside[0].groups
