"""Ethernet in GRE over IPv6.

Source: RFC 7676, RFC 1701 (protocol type 6558), RFC 2473 4.1.1 (limit), net/ipv6/ip6_gre.c.
"""

from __future__ import annotations

from sapper.encap.ip6gre import IP6GRE

IP6GRETAP = IP6GRE._replace(name="ip6gretap", link_kind="ip6gretap", layer=2)
