"""``interfaces geneve``: Ethernet over UDP with options (RFC 8926), on the kernel's port 6081."""

from __future__ import annotations

from sapper.schema.address_value import IP_ADDRESS, MAC
from sapper.schema.interface import UDP_TUNNEL_MTU, shared_options
from sapper.schema.option import Option, as_immaterial, flag, leaf, tag
from sapper.schema.tunnel import TOS
from sapper.schema.value import FLOW_LABEL, matching, number
from sapper.schema.vxlan import DF, VNI_HIGHEST

_GENEVE = "interfaces geneve *"
_IP = f"{_GENEVE} parameters ip"

OPTIONS: tuple[Option, ...] = (
    tag("interfaces geneve", "GENEVE interface", matching("a GENEVE interface (gnv0 …)", r"gnv[0-9]+")),
    leaf(f"{_GENEVE} vni", "Network identifier", number(0, VNI_HIGHEST)),
    leaf(f"{_GENEVE} remote", "Address of the far end", IP_ADDRESS),
    leaf(f"{_IP} df", "Don't-fragment bit of the outer packet", DF, "unset"),
    leaf(f"{_IP} tos", "Outer type of service, its digits read as hexadecimal; else copied", TOS),
    leaf(f"{_IP} ttl", "Outer time to live; 0 copies the inner one", number(0, 255), "0"),
    flag(f"{_IP} innerproto", "Carry IP packets without an Ethernet header"),
    leaf(f"{_GENEVE} parameters ipv6 flowlabel", "Outer flow label in hexadecimal; without it 0", FLOW_LABEL),
    *as_immaterial("a property of the link", leaf(f"{_GENEVE} mac", "Link address", MAC)),
    *shared_options(_GENEVE, mtu=UDP_TUNNEL_MTU, mtu_default="1500"),
)
