"""GRE over IPv6: as GRE over IPv4, with the encapsulation limit option of IPv6 tunnels. VyOS wants a remote address.

Source: RFC 7676, RFC 2890 2.1 (key), RFC 2473 4.1.1 (limit), net/ipv6/ip6_gre.c.
"""

from __future__ import annotations

from sapper.encap.gre import GRE

IP6GRE = GRE._replace(name="ip6gre", link_kind="ip6gre", outer_family=6, encaplimit=True, multipoint=False)
