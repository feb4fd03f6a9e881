"""The record that describes one encapsulation, as a value.

Bytes count what stands between the outer IP header and the payload, or with it. An Ethernet payload (layer 2) brings
its own header of 14 bytes, which counts as overhead: an IP packet inside pays for it.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Family = Literal[4, 6]

IPV4_HEADER_BYTES = 20  # RFC 791 3.1, without options
IPV6_HEADER_BYTES = 40  # RFC 8200 3
ETHERNET_HEADER_BYTES = 14  # IEEE 802.3, without FCS
ENCAPLIMIT_BYTES = 8  # RFC 2473 4.1.1: a destination options header with the limit and its padding

PROTOCOL_IPIP = 4  # RFC 2003
PROTOCOL_IPV6 = 41  # RFC 4213, RFC 2473
PROTOCOL_GRE = 47  # RFC 2784
PROTOCOL_ESP = 50  # RFC 4303

AttributeFamily = Literal["IFLA_GRE", "IFLA_IPTUN", "IFLA_XFRM"]


class Encapsulation(NamedTuple):
    """``outer_family`` None: not the encapsulation's own choice. ``payload_families`` are the IP families inside.

    ``layer`` is 3 for IP packets and 2 for Ethernet frames. ``multipoint``: the device may have no remote address.
    ``checks_inbound_policy``: whether its receiver asks XFRM about a packet before it takes the header off.
    """

    name: str
    link_kind: str
    outer_family: Family | None
    protocol: int
    payload_families: frozenset[Family]
    layer: Literal[2, 3]
    attribute_family: AttributeFamily
    fixed_header_bytes: int = 0
    keys: bool = False
    key_bytes: int = 0
    multipoint: bool = False
    encaplimit: bool = False
    checks_inbound_policy: bool = True

    def header_bytes(self, *, key: bool = False, encaplimit: bool = False) -> int:
        """Bytes between the outer IP header and the payload. ValueError: an option that it does not have."""
        if key and not self.keys:
            raise ValueError(f"{self.name} has no key")
        if encaplimit and not self.encaplimit:
            raise ValueError(f"{self.name} has no encapsulation limit")
        inner = ETHERNET_HEADER_BYTES if self.layer == 2 else 0
        return self.fixed_header_bytes + key * self.key_bytes + encaplimit * ENCAPLIMIT_BYTES + inner

    def overhead_bytes(self, *, key: bool = False, encaplimit: bool = False) -> int:
        """As :meth:`header_bytes`, with the outer IP header."""
        outer = {4: IPV4_HEADER_BYTES, 6: IPV6_HEADER_BYTES, None: 0}[self.outer_family]
        return outer + self.header_bytes(key=key, encaplimit=encaplimit)

    def carries(self, family: Family) -> bool:
        """True if an IP packet of the family can go inside (inside a frame, for layer 2)."""
        return family in self.payload_families
