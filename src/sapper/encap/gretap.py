"""Ethernet in GRE over IPv4: what VyOS called gre-bridge; carries whole frames, so a bridge can take it.

The frame's header of 14 bytes counts. Source: RFC 2784 2.1, RFC 1701 (protocol type 6558), net/ipv4/ip_gre.c.
"""

from __future__ import annotations

from sapper.encap.gre import GRE

GRETAP = GRE._replace(name="gretap", link_kind="gretap", layer=2, multipoint=False)
