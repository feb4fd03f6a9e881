"""``interfaces tunnel``: GRE, IPIP, SIT and their kin.

Defaults are those of 1.3 and later; the kernel's own MTU default of 1476 ignores IPsec. ``6rd-prefix`` is accepted
by VyOS and has no effect there. Source: VyOS' interfaces_tunnel schema and its commit script.
"""

from __future__ import annotations

from sapper.schema.interface import shared_options
from sapper.schema.option import Option, flag, immaterial, leaf, tag, unmodelled
from sapper.schema.value import INTERFACE, IP_ADDRESS, matching, number, one_of

IPV6_ENCAPSULATIONS = frozenset({"ipip6", "ip6ip6", "ip6gre", "ip6gretap", "ip6erspan"})
"""Encapsulations whose outer header is IPv6; all others have IPv4 outside."""

LAYER2_ENCAPSULATIONS = frozenset({"gretap", "ip6gretap", "erspan", "ip6erspan"})
"""Encapsulations that carry Ethernet frames, which is what a bridge takes."""

ENCAPSULATION = one_of(
    "erspan", "gre", "gretap", "ip6erspan", "ip6gre", "ip6gretap", "ip6ip6", "ipip", "ipip6", "sit"
)
_TUNNEL = "interfaces tunnel *"
_IP = f"{_TUNNEL} parameters ip"
_IPV6 = f"{_TUNNEL} parameters ipv6"

OPTIONS: tuple[Option, ...] = (
    tag("interfaces tunnel", "Tunnel interface", matching("a tunnel interface (tun0 …)", r"tun[0-9]+")),
    *shared_options(_TUNNEL, mtu_default="1476"),
    leaf(f"{_TUNNEL} encapsulation", "What is put around each packet", ENCAPSULATION),
    leaf(f"{_TUNNEL} source-address", "Address of this end", IP_ADDRESS),
    leaf(f"{_TUNNEL} source-interface", "Interface that the outer packets leave by", INTERFACE),
    leaf(f"{_TUNNEL} remote", "Address of the far end; without one a gre tunnel is multipoint", IP_ADDRESS),
    flag(f"{_TUNNEL} enable-multicast", "Send multicast packets through the tunnel"),
    leaf(f"{_IP} key", "Number that tells tunnels with the same ends apart; no secret", number(0, 4294967295)),
    leaf(f"{_IP} ttl", "Outer time to live; 0 copies the inner one", number(0, 255), "64"),
    flag(f"{_IP} no-pmtu-discovery", "Let outer packets be fragmented"),
    flag(f"{_IP} ignore-df", "Fragment in spite of the inner don't-fragment bit"),
    leaf(f"{_IPV6} encaplimit", "Limit of nested encapsulations (RFC 2473)", number(0, 255, "none"), "4"),
    leaf(f"{_IPV6} hoplimit", "Outer hop limit of an encapsulation over IPv6", number(0, 255), "64"),
    *immaterial(_IP, "tos", "a field of the outer header that no selector looks at"),
    *immaterial(_IPV6, "flowlabel tclass", "fields of the outer header that no selector looks at"),
    *immaterial(f"{_TUNNEL} parameters", "erspan", "fields inside the GRE packet"),
    *immaterial(_TUNNEL, "6rd-prefix 6rd-relay-prefix", "accepted by VyOS and applied to nothing"),
    *unmodelled(_TUNNEL, "dhcp-interface", "the address of this end is known only at run time"),
)
