"""``interfaces vxlan``: Ethernet over UDP (RFC 7348).

Further remotes than the first become entries of the forwarding table. Defaults of the port and the MTU are those
since 1.4; older ones are written out by the upgrade.
"""

from __future__ import annotations

from sapper.schema.address_value import IP_ADDRESS, MAC, MULTICAST
from sapper.schema.interface import UDP_TUNNEL_MTU, shared_options
from sapper.schema.name_value import INTERFACE
from sapper.schema.option import Option, as_immaterial, flag, leaf, multi, tag
from sapper.schema.tunnel import TOS
from sapper.schema.value import DESCRIPTION, FLOW_LABEL, PORT, matching, number, number_range, one_of

_VXLAN = "interfaces vxlan *"
_PARAMETERS = f"{_VXLAN} parameters"
_VLAN = f"{_VXLAN} vlan-to-vni"
VNI_HIGHEST = 16777214
DF = one_of("set", "unset", "inherit")

OPTIONS: tuple[Option, ...] = (
    tag("interfaces vxlan", "VXLAN interface", matching("a VXLAN interface (vxlan0 …)", r"vxlan[0-9]+")),
    leaf(f"{_VXLAN} vni", "Network identifier", number(0, VNI_HIGHEST)),
    multi(f"{_VXLAN} remote", "Address of a far end", IP_ADDRESS),
    leaf(f"{_VXLAN} group", "Multicast group of all far ends", MULTICAST),
    leaf(f"{_VXLAN} source-address", "Address of this end", IP_ADDRESS),
    leaf(f"{_VXLAN} source-interface", "Interface that the outer packets leave by", INTERFACE),
    leaf(f"{_VXLAN} port", "UDP port of all ends", PORT, "4789"),
    flag(f"{_VXLAN} gpe", "Generic protocol extension"),
    flag(f"{_PARAMETERS} external", "Take the network identifier from each packet"),
    flag(f"{_PARAMETERS} nolearning", "Do not learn link addresses from packets"),
    flag(f"{_PARAMETERS} neighbor-suppress", "Answer ARP and neighbour discovery here"),
    flag(f"{_PARAMETERS} vni-filter", "Take only network identifiers that are listed"),
    leaf(f"{_PARAMETERS} ip df", "Don't-fragment bit of the outer packet", DF, "unset"),
    leaf(f"{_PARAMETERS} ip tos", "Outer type of service, its digits read as hexadecimal; else copied", TOS),
    leaf(f"{_PARAMETERS} ip ttl", "Outer time to live", number(0, 255), "16"),
    leaf(f"{_PARAMETERS} ipv6 flowlabel", "Outer flow label in hexadecimal; without it 0", FLOW_LABEL),
    tag(_VLAN, "VLAN of the bridge that is mapped", number_range(0, 4094)),
    leaf(f"{_VLAN} * vni", "Network identifier of the VLAN", number_range(0, VNI_HIGHEST)),
    *as_immaterial(
        "a property of the link",
        leaf(f"{_VXLAN} mac", "Link address", MAC),
        leaf(f"{_VLAN} * description", "Free text", DESCRIPTION),
    ),
    *shared_options(_VXLAN, mtu=UDP_TUNNEL_MTU, mtu_default="1500"),
)
