"""VTI as VyOS builds it today: an XFRM interface; IPsec itself encapsulates.

The outer header and ESP's bytes belong to the security association, not to the device. What finds no policy and no
state is dropped. Source: RFC 4303 3.1.2 (tunnel mode), net/xfrm/xfrm_interface_core.c.
"""

from __future__ import annotations

from sapper.encap.encapsulation import PROTOCOL_ESP, Encapsulation

VTI = Encapsulation(
    name="vti",
    link_kind="xfrm",
    outer_family=None,
    protocol=PROTOCOL_ESP,
    payload_families=frozenset({4, 6}),
    layer=3,
    attribute_family="IFLA_XFRM",
    encrypts=True,
)
