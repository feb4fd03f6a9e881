"""From interfaces to links: what VyOS asks of the kernel for each interface (reference: interface scripts)."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.plan import Encapsulating, Link, LinkKind
from sapper.model.router import Router, Tunnel

# Encapsulation to (kernel kind, outer protocol number, protocol of the payload for ip6tnl).
_KERNEL: dict[str, tuple[LinkKind, int, int | None]] = {
    "gre": ("gre", 47, None),
    "gretap": ("gretap", 47, None),
    "erspan": ("erspan", 47, None),
    "ip6gre": ("ip6gre", 47, None),
    "ip6gretap": ("ip6gretap", 47, None),
    "ip6erspan": ("ip6erspan", 47, None),
    "ipip": ("ipip", 4, None),
    "sit": ("sit", 41, None),
    "ipip6": ("ip6tnl", 4, 4),
    "ip6ip6": ("ip6tnl", 41, 41),
}
_OVER_IPV6 = frozenset({"ip6gre", "ip6gretap", "ip6erspan", "ip6tnl"})


def encapsulation_of(link: Link) -> str:
    """The configuration's word for a link's encapsulation: ``gre``, ``ip6ip6``, ``vti`` …, or ``none``."""
    if link.kind == "xfrm":
        return "vti"
    if link.encapsulating is None:
        return "none"
    if link.kind == "ip6tnl":
        return "ipip6" if link.encapsulating.payload == 4 else "ip6ip6"
    return link.kind


def vti_if_id(name: str) -> int:
    """The xfrm interface id of ``vtiN``: N + 1, since 0 means none (VyOS, vti up/down script)."""
    digits = name.removeprefix("vti")
    return int(digits) + 1 if digits.isdigit() else 1


def links_of(router: Router, raised_by: dict[str, str]) -> Iterator[Link]:
    """Every link of the router; ``raised_by`` maps a VTI to the child whose updown script raises it."""
    master = {member: bridge.name for bridge in router.bridges for member in bridge.members}
    for eth in router.ethernets:
        yield Link(
            name=eth.name,
            kind="vlan" if eth.parent else "ethernet",
            up=not eth.disabled,
            mtu_bytes=eth.mtu_bytes,
            addresses=eth.addresses,
            dynamic=bool(eth.dynamic),
            master=master.get(eth.name),
            parent=eth.parent,
            vlan=eth.vlan,
        )
    for dummy in router.dummies:
        yield Link(
            name=dummy.name,
            kind="dummy",
            up=not dummy.disabled,
            mtu_bytes=dummy.mtu_bytes,
            addresses=dummy.addresses,
        )
    for loopback in router.loopbacks:
        yield Link(name=loopback.name, kind="loopback", addresses=loopback.addresses)
    for bridge in router.bridges:
        yield Link(
            name=bridge.name,
            kind="bridge",
            up=not bridge.disabled,
            mtu_bytes=bridge.mtu_bytes,
            addresses=bridge.addresses,
        )
    for tunnel in router.tunnels:
        yield _tunnel_link(tunnel, master.get(tunnel.name))
    for vti in router.vtis:
        yield Link(
            name=vti.name,
            kind="xfrm",
            up=False,
            mtu_bytes=vti.mtu_bytes,
            addresses=vti.addresses,
            if_id=vti_if_id(vti.name),
            raised_by=None if vti.disabled else raised_by.get(vti.name),
        )


def _tunnel_link(tunnel: Tunnel, master: str | None) -> Link:
    kind, protocol, payload = _KERNEL[tunnel.encapsulation]
    return Link(
        name=tunnel.name,
        kind=kind,
        up=not tunnel.disabled,
        mtu_bytes=tunnel.mtu_bytes,
        addresses=tunnel.addresses,
        multicast=tunnel.multicast,
        master=master,
        encapsulating=Encapsulating(
            protocol=protocol,
            local=tunnel.local,
            remote=tunnel.remote,
            link=tunnel.source_interface,
            key=tunnel.key,
            ttl=tunnel.ttl,
            pmtu_discovery=tunnel.pmtu_discovery,
            ignore_df=tunnel.ignore_df,
            payload=payload,
            encaplimit=tunnel.encaplimit if kind in _OVER_IPV6 else None,
        ),
    )
