"""ERSPAN over IPv6: the header of ERSPAN over IPv4, and the encapsulation limit option of IPv6 tunnels.

Source: draft-foschiano-erspan 4.2 and 4.3, RFC 2473 4.1.1 (limit), net/ipv6/ip6_gre.c (ip6erspan_tap_init).
"""

from __future__ import annotations

from sapper.encap.erspan import ERSPAN

IP6ERSPAN = ERSPAN._replace(name="ip6erspan", link_kind="ip6erspan", outer_family=6, encaplimit=True)
