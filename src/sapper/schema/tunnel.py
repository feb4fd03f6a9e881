"""``interfaces tunnel``: GRE, IPIP, SIT and their kin.

Defaults are those of 1.3 and later; the kernel's own MTU default of 1476 ignores IPsec. The class of service is
copied from the inner packet unless written; VyOS hands its digits to a tool that reads them as hexadecimal. 6rd
works up to 1.2 only. Source: VyOS' interfaces_tunnel schema and its commit script.
"""

from __future__ import annotations

from sapper.schema.address_value import IP_ADDRESS, IPV4_PREFIX, IPV6_PREFIX
from sapper.schema.interface import link_detect_option, shared_options
from sapper.schema.name_value import INTERFACE
from sapper.schema.option import Option, flag, leaf, tag, unmodelled
from sapper.schema.value import FLOW_LABEL, TRAFFIC_CLASS, UNSIGNED, matching, number, one_of

IPV6_ENCAPSULATIONS = frozenset({"ipip6", "ip6ip6", "ip6gre", "ip6gretap", "ip6erspan"})
"""Encapsulations whose outer header is IPv6; all others have IPv4 outside."""

LAYER2_ENCAPSULATIONS = frozenset({"gretap", "ip6gretap", "erspan", "ip6erspan"})
"""Encapsulations that carry Ethernet frames, which is what a bridge takes."""

ENCAPSULATION = one_of(
    "erspan", "gre", "gretap", "ip6erspan", "ip6gre", "ip6gretap", "ip6ip6", "ipip", "ipip6", "sit"
)
TOS = number(0, 99)

_TUNNEL = "interfaces tunnel *"
_IP = f"{_TUNNEL} parameters ip"
_IPV6 = f"{_TUNNEL} parameters ipv6"
_ERSPAN = f"{_TUNNEL} parameters erspan"

OPTIONS: tuple[Option, ...] = (
    tag("interfaces tunnel", "Tunnel interface", matching("a tunnel interface (tun0 …)", r"tun[0-9]+")),
    leaf(f"{_TUNNEL} encapsulation", "What is put around each packet", ENCAPSULATION),
    leaf(f"{_TUNNEL} source-address", "Address of this end", IP_ADDRESS),
    leaf(f"{_TUNNEL} source-interface", "Interface that the outer packets leave by", INTERFACE),
    leaf(f"{_TUNNEL} remote", "Address of the far end; without one a gre tunnel is multipoint", IP_ADDRESS),
    flag(f"{_TUNNEL} enable-multicast", "Send multicast packets through the tunnel"),
    leaf(f"{_TUNNEL} 6rd-prefix", "IPv6 prefix of the 6rd provider; up to 1.2, sit only", IPV6_PREFIX),
    leaf(f"{_TUNNEL} 6rd-relay-prefix", "IPv4 prefix that all 6rd ends share", IPV4_PREFIX),
    leaf(f"{_IP} key", "Number that tells tunnels with the same ends apart; no secret", UNSIGNED),
    leaf(f"{_IP} ttl", "Outer time to live; 0 copies the inner one", number(0, 255), "64"),
    leaf(f"{_IP} tos", "Outer type of service, its digits read as hexadecimal; else copied", TOS),
    flag(f"{_IP} no-pmtu-discovery", "Let outer packets be fragmented"),
    flag(f"{_IP} ignore-df", "Fragment in spite of the inner don't-fragment bit"),
    leaf(f"{_IPV6} encaplimit", "Limit of nested encapsulations (RFC 2473)", number(0, 255, "none"), "4"),
    leaf(f"{_IPV6} hoplimit", "Outer hop limit of an encapsulation over IPv6", number(0, 255), "64"),
    leaf(f"{_IPV6} tclass", "Outer traffic class in hexadecimal; else copied", TRAFFIC_CLASS),
    leaf(f"{_IPV6} flowlabel", "Outer flow label in hexadecimal; without it 0", FLOW_LABEL),
    leaf(f"{_ERSPAN} version", "Version of ERSPAN", one_of("1", "2"), "1"),
    leaf(f"{_ERSPAN} index", "Port that the mirrored frame came from; version 1", number(0, 63)),
    leaf(f"{_ERSPAN} direction", "Way that the mirrored frame went; version 2", one_of("ingress", "egress")),
    leaf(f"{_ERSPAN} hw-id", "Engine that mirrored the frame; version 2", number(0, 1048575)),
    *unmodelled(_TUNNEL, "dhcp-interface", "the address of this end is known only at run time"),
    *shared_options(_TUNNEL, mtu_default="1476"),
    *link_detect_option(_TUNNEL),
)
