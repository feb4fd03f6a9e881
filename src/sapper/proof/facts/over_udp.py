"""VXLAN and GENEVE between two ends: what they put around a frame, and what they take off the wire.

Both send UDP from a port that a hash of the frame chooses, and ask XFRM with it (ip_route_output_key with protocol and
ports); both keep the inner packet's mark for the outer lookup. Their sockets are bound to no address, so a packet for any
address of the router is taken; VXLAN takes it from anybody, GENEVE from its remote. Inbound policy is asked as for every
UDP socket (udp_queue_rcv_one_skb). A VXLAN device that learns sends to whoever spoke last with an inner address.
Sources: drivers/net/vxlan/vxlan_core.c (vxlan_xmit_one, vxlan_rcv, vxlan_snoop), drivers/net/geneve.c.
"""

from __future__ import annotations

from typing import NamedTuple

from sapper.address import Address
from sapper.kernel.plan import Link, Plan
from sapper.proof.facts.packet import Packet

UDP = 17
# Devices whose outer packets are UDP, or IP's protocol 115.
UDP_KINDS = frozenset({"vxlan", "geneve", "l2tpeth"})
# net/ipv4/udp.c takes ip_local_port_range for VXLAN; GENEVE takes any port.
_PORTS = {"vxlan": range(32768, 61000), "geneve": range(1, 65536)}


class Outer(NamedTuple):
    """``port`` is the destination's. ``from_anybody``: taken from whatever source."""

    local: Address | None
    remote: Address
    port: int
    link: str | None
    learns: bool
    from_anybody: bool


def outer_of(link: Link) -> Outer | None:
    """What is around a device's frames; None where it has more than one far end, or finds it at run time."""
    if link.geneve is not None:
        device = link.geneve
        return Outer(None, device.remote, device.port, None, learns=False, from_anybody=False)
    vxlan = link.vxlan
    if vxlan is None or vxlan.vni is None or vxlan.group is not None or len(vxlan.remotes) != 1:
        return None
    if vxlan.vni_filter or vxlan.vlan_to_vni or vxlan.gpe:
        return None
    (remote,) = vxlan.remotes
    local = None if vxlan.local is None or vxlan.local.is_unspecified else vxlan.local
    return Outer(local, remote, vxlan.port, vxlan.link, learns=vxlan.learning, from_anybody=True)


def takes(outer: Outer, packet: Packet) -> bool:
    """Whether a packet for one of the router's addresses is the device's."""
    return (
        packet.family == outer.remote.family
        and (packet.protocol, packet.destination_port) == (UDP, outer.port)
        and (outer.from_anybody or packet.source == outer.remote)
    )


def unwalked_devices(plan: Plan) -> frozenset[str]:
    """Those of :data:`UDP_KINDS` that the walk does not follow.

    L2TPv3, more than one far end, and where a selector asks for a source port that the hash may choose. Over IPv6 none: the
    judge saw a packet go by a way that the model had given up, and an attacker's taken for an address of a VTI that was never
    raised (seeds 24000637 and 24000039).
    """
    devices = [link for link in plan.links if link.kind in UDP_KINDS]
    if not devices:
        return frozenset()
    asked = {
        selector.port
        for connection in plan.connections
        for child in connection.children
        for selector in child.local_ts
        if selector.port is not None
    }
    return frozenset(
        link.name
        for link in devices
        if not _is_over_ipv4(outer_of(link)) or any(port in _PORTS[link.kind] for port in asked)
    )


def _is_over_ipv4(outer: Outer | None) -> bool:
    return outer is not None and outer.remote.family == 4


def leads_unwalked(link: Link, plan_links: dict[str, Link], unwalked: frozenset[str]) -> str | None:
    """The device whose outer packets the walk does not know and that a packet to this link may reach, or None."""
    if link.name in unwalked:
        return link.name
    if link.kind != "bridge":
        return None
    ports = (port for port in plan_links.values() if port.master == link.name and port.kind in UDP_KINDS)
    return next((port.name for port in ports), None)
