"""What iproute2's second command, ``bridge``, says of VXLAN devices: further remotes, VNI filters, VLANs as VNIs.

A further remote is an entry of the forwarding database with a zero MAC address. A VLAN becomes a VNI where the
device is a bridge port with tunnel information (bridge(8), ``vlan add … tunnel_info``).
"""

from __future__ import annotations

from sapper.kernel.plan import Link
from sapper.render.inexpressible import Inexpressible

_EVERYBODY = "00:00:00:00:00:00"


def port_lines(link: Link) -> list[str]:
    """Lines for ``ip -batch`` that a VXLAN port needs before its VLANs can be named."""
    if link.vxlan is None or not link.vxlan.vlan_to_vni:
        return []
    if link.master is None:
        raise Inexpressible(f"link {link.name} vlan-to-vni", "the device is in no bridge")
    return [f"link set dev {link.name} type bridge_slave vlan_tunnel on"]


def bridge_lines(link: Link) -> list[str]:
    """Lines for ``bridge -batch``."""
    header = link.vxlan
    if header is None:
        return []
    beside = header.remotes if header.group is not None else header.remotes[1:]
    lines = [f"fdb append {_EVERYBODY} dev {link.name} dst {remote}" for remote in beside]
    for vlan, vni in header.vlan_to_vni:
        if header.vni_filter:
            lines.append(f"vni add dev {link.name} vni {vni}")
        lines.append(f"vlan add dev {link.name} vid {vlan}")
        lines.append(f"vlan add dev {link.name} vid {vlan} tunnel_info id {vni}")
    return lines
