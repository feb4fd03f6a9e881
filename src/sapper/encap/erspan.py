"""ERSPAN over IPv4: mirrored Ethernet frames in GRE with a sequence number and a header of its own.

Type II (version 1) adds 8 bytes to GRE's 8, type III (version 2) 12. The session's number travels in that header: a
Linux device calls it the key, and there is no GRE key on the wire. Source: draft-foschiano-erspan 4.2 and 4.3,
net/ipv4/ip_gre.c (erspan_tunnel_init), include/net/erspan.h.
"""

from __future__ import annotations

from sapper.encap.gretap import GRETAP

_GRE_WITH_SEQUENCE_BYTES = 8
_TYPE_II_BYTES = 8
_TYPE_III_BYTES = 12

ERSPAN = GRETAP._replace(
    name="erspan",
    link_kind="erspan",
    fixed_header_bytes=_GRE_WITH_SEQUENCE_BYTES + _TYPE_II_BYTES,
    key_bytes=0,
    options=(("version 2", _TYPE_III_BYTES - _TYPE_II_BYTES),),
)
