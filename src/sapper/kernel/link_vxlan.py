"""``interfaces vxlan``: the first remote goes on the device, the others are forwarding entries (reference, 7.5)."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.membership import Membership
from sapper.kernel.plan import Link, VxlanHeader
from sapper.kernel.type_of_service import octet
from sapper.model.interface import Vxlan
from sapper.model.router import Router


def links(router: Router, membership: Membership) -> Iterator[Link]:
    for vxlan in router.vxlans:
        yield Link(
            name=vxlan.name,
            kind="vxlan",
            up=not vxlan.disabled,
            mtu_bytes=vxlan.mtu_bytes,
            addresses=vxlan.addresses,
            master=membership.master(vxlan.name, vxlan.options),
            vxlan=_header(vxlan),
        )


def _header(vxlan: Vxlan) -> VxlanHeader:
    inherit, tos = octet(vxlan.tos)
    return VxlanHeader(
        vni=None if vxlan.external else vxlan.vni,
        local=vxlan.local,
        remotes=vxlan.remotes,
        group=vxlan.group,
        link=vxlan.source_interface,
        port=vxlan.port,
        ttl=vxlan.ttl,
        tos=None if inherit else tos,
        df=vxlan.df,
        flow_label=vxlan.flow_label or 0,
        learning=vxlan.learning,
        gpe=vxlan.gpe,
        vni_filter=vxlan.vni_filter,
        vlan_to_vni=vxlan.vlan_to_vni,
    )
