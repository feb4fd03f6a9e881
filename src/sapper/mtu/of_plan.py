"""The exact stack and sizes of every tunnel and VTI of a Plan.

The stack is whole: the underlay (VLAN, PPPoE), the outer header, ESP as the first proposal of the child that
protects it, the tunnel's own layers, the inner packet. Where NAT traversal is open, ``inner_mtu`` is that without it
and the range has both. A tunnel over another tunnel stands on that one's MTU. All lengths are bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sapper.kernel.plan import TUNNEL_KINDS, Link, Plan
from sapper.mtu.correction import commands
from sapper.mtu.device_stack import DeviceStack, device_stack, inner_word
from sapper.mtu.linux import lets_through
from sapper.mtu.misread import NoRoom, WrongStack
from sapper.mtu.parse import parse
from sapper.mtu.plan_index import PlanIndex
from sapper.mtu.protection import Protection, protection_of
from sapper.mtu.segment import segments
from sapper.mtu.stack import Stack
from sapper.mtu.underlay import Underlay, underlay_of

SIZED_KINDS = TUNNEL_KINDS | {"xfrm", "vxlan", "geneve", "l2tpeth", "wireguard"}
_ONE_FAMILY = frozenset({"ipip", "sit", "ip6tnl"})
_MOST_NESTED = 8


class TunnelSizes(NamedTuple):
    """``inner_mtu`` None: ``notes`` say why it is not known. ``least``: what is left if a NAT turns up on the way.

    ``excess`` is by how many bytes the configured MTU is too large, 0 where it fits. ``esp_proposals`` are the
    protecting child's; the stack has the first.
    """

    name: str
    stack: str | None
    underlay: str | None
    link_mtu: int
    configured_mtu: int | None
    inner_mtu: int | None
    least: int | None
    mss: tuple[int | None, int | None]
    commands: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    esp_proposals: tuple[str, ...] = ()

    @property
    def excess(self) -> int:
        if self.inner_mtu is None or self.configured_mtu is None:
            return 0
        return max(0, self.configured_mtu - self.inner_mtu)


def tunnel_sizes(plan: Plan, generation: str | None = None) -> list[TunnelSizes]:
    """Every tunnel and VTI, in the Plan's order. ``generation`` decides how the commands are written."""
    index = PlanIndex(plan)
    return [_sizes_of(index, link, generation) for link in plan.links if link.kind in SIZED_KINDS]


def sizes_of(index: PlanIndex, link: Link) -> TunnelSizes:
    """Those of one tunnel or VTI."""
    return _sizes_of(index, link, None)


def _sizes_of(index: PlanIndex, link: Link, generation: str | None, depth: int = 0) -> TunnelSizes:
    device = device_stack(link)
    protection = protection_of(index, link, device)
    if device is None and protection is None:
        reason = "no connection is bound to it" if link.kind == "xfrm" else "its far end is not known"
        return unknown(link.name, link.mtu_bytes, reason)
    underlay = underlay_below(index, link.name, device, protection, generation, depth)
    layers = (*underlay.layers, *_layers(link, device, protection))
    try:
        stack = parse("/".join(layers))
        inner = lets_through(stack, underlay.mtu)
    except (WrongStack, NoRoom) as error:
        return unknown(link.name, link.mtu_bytes, str(error))
    direct = protection is None or protection.nat_traversal != "open"
    least = inner if direct else with_udp(layers, underlay.mtu)
    families = _families(link, inner_word(link))
    return TunnelSizes(
        name=link.name,
        stack=stack.text,
        underlay=underlay.link,
        link_mtu=underlay.mtu,
        configured_mtu=link.mtu_bytes,
        inner_mtu=inner,
        least=least,
        mss=_mss(link, stack, underlay.mtu),
        commands=tuple(commands(index, link, inner, families, generation)),
        notes=(*notes_on(underlay, protection, inner, least), *_excess_note(link, inner)),
        esp_proposals=protection.child.esp_proposals if protection is not None else (),
    )


def _layers(link: Link, device: DeviceStack | None, protection: Protection | None) -> tuple[str, ...]:
    """From the outermost IP header inwards."""
    inner = inner_word(link)
    own = (device.outer, *device.inside, inner) if device else (inner,)
    if protection is None:
        return own
    esp = ("udp", protection.esp) if protection.nat_traversal == "yes" else (protection.esp,)
    if protection.child.mode == "transport":
        return (own[0], *esp, *own[1:])
    return (protection.outer, *esp, *own)


def with_udp(layers: tuple[str, ...], link: int) -> int | None:
    """The largest packet of the same stack with UDP around ESP."""
    at = next(index for index, layer in enumerate(layers) if layer.startswith("esp:"))
    try:
        return lets_through(parse("/".join((*layers[:at], "udp", *layers[at:]))), link)
    except NoRoom:
        return None


def underlay_below(
    index: PlanIndex,
    name: str,
    device: DeviceStack | None,
    protection: Protection | None,
    generation: str | None,
    depth: int = 0,
) -> Underlay:
    """The link of the outermost packets; another tunnel counts with what it carries, and with its own MTU."""
    named = device.source_link if device else None
    local, remote = (device.local, device.remote) if device else (None, None)
    if protection is not None and protection.child.mode == "tunnel":
        named, local, remote = None, protection.local, protection.remote
    found = underlay_of(index, named, local, remote)
    below = index.links.get(found.link) if found.link else None
    if below is None or below.kind not in SIZED_KINDS or below.name == name or depth >= _MOST_NESTED:
        return found
    inner = _sizes_of(index, below, generation, depth + 1).inner_mtu
    return Underlay(below.name, min(found.mtu, inner if inner is not None else found.mtu))


def _families(link: Link, inner: str) -> tuple[int, ...]:
    """Which families go inside: both, unless the device takes one only or its addresses are of one."""
    if link.kind in _ONE_FAMILY:
        return (6,) if inner == "ipv6" else (4,)
    families = tuple(sorted({attached.address.family for attached in link.addresses}))
    return families or (4, 6)


def _mss(link: Link, stack: Stack, mtu: int) -> tuple[int | None, int | None]:
    """Both families, but for a device that takes one only: its packets' protocol says which."""
    over_ipv4, over_ipv6 = segments(stack, mtu)
    if link.kind not in _ONE_FAMILY:
        return over_ipv4, over_ipv6
    return (None, over_ipv6) if inner_word(link) == "ipv6" else (over_ipv4, None)


def notes_on(underlay: Underlay, protection: Protection | None, inner: int, least: int | None) -> Iterator[str]:
    """What is assumed of the underlay, the proposal, NAT traversal and compression."""
    if underlay.link is None:
        yield f"its underlay is not known; taken as a link of {underlay.mtu}"
    if protection is not None and len(protection.child.esp_proposals) > 1:
        yield f"{protection.esp} is the first of {len(protection.child.esp_proposals)} proposals"
    if least is not None and least != inner:
        yield f"{least} if IKE finds a NAT on the way"
    if protection is not None and protection.nat_traversal == "yes":
        yield "with NAT traversal"
    if protection is not None and protection.child.ipcomp:
        yield "compression only makes packets shorter"


def _excess_note(link: Link, inner: int) -> Iterator[str]:
    if link.mtu_bytes is not None and link.mtu_bytes > inner:
        yield f"its MTU of {link.mtu_bytes} is {link.mtu_bytes - inner} too large"


def unknown(name: str, configured_mtu: int | None, reason: str) -> TunnelSizes:
    """The entry of a tunnel whose size cannot be known, with the reason as its note."""
    return TunnelSizes(
        name=name,
        stack=None,
        underlay=None,
        link_mtu=0,
        configured_mtu=configured_mtu,
        inner_mtu=None,
        least=None,
        mss=(None, None),
        notes=(reason,),
    )
