"""From interfaces to links: what VyOS asks of the kernel for each interface (reference: interface scripts)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from sapper.encap.encapsulation import Encapsulation
from sapper.encap.register import ENCAPSULATIONS
from sapper.kernel.plan import Encapsulating, Link, LinkKind
from sapper.model.interface import Tunnel
from sapper.model.router import Router

# ERSPAN has no record: its sizes depend on its version. It is GRE to the rest of the world.
_GRE = 47


def encapsulation_of(link: Link) -> str:
    """The configuration's word for a link's encapsulation: ``gre``, ``ip6ip6``, ``vti`` …, or ``none``."""
    if link.kind == "xfrm":
        return "vti"
    if link.encapsulating is None:
        return "none"
    if link.kind == "ip6tnl":
        return "ipip6" if link.encapsulating.payload == 4 else "ip6ip6"
    return link.kind


def record_of(link: Link) -> Encapsulation | None:
    """What is known of a link's encapsulation; None for a link that is none, and for ERSPAN."""
    return ENCAPSULATIONS.get(encapsulation_of(link))


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
    known = ENCAPSULATIONS.get(tunnel.encapsulation)
    kind, protocol = (known.link_kind, known.protocol) if known else (tunnel.encapsulation, _GRE)
    over_ipv6 = known.outer_family == 6 if known else tunnel.encapsulation.startswith("ip6")
    return Link(
        name=tunnel.name,
        kind=cast(LinkKind, kind),
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
            payload=protocol if kind == "ip6tnl" else None,
            encaplimit=tunnel.encaplimit if over_ipv6 else None,
        ),
    )
