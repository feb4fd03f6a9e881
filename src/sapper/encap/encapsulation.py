"""The record that describes one encapsulation, as a value.

Bytes count what stands between the outer IP header and the payload, or with it. An Ethernet payload (layer 2) brings
its own header of 14 bytes, which counts as overhead: an IP packet inside pays for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

Family = Literal[4, 6]

IPV4_HEADER_BYTES = 20  # RFC 791 3.1, without options
IPV6_HEADER_BYTES = 40  # RFC 8200 3
ETHERNET_HEADER_BYTES = 14  # IEEE 802.3, without FCS
ENCAPLIMIT_BYTES = 8  # RFC 2473 4.1.1: a destination options header with the limit and its padding

PROTOCOL_IPIP = 4  # RFC 2003
PROTOCOL_UDP = 17  # RFC 768
PROTOCOL_IPV6 = 41  # RFC 4213, RFC 2473
PROTOCOL_GRE = 47  # RFC 2784
PROTOCOL_ESP = 50  # RFC 4303
UDP_HEADER_BYTES = 8  # RFC 768

AttributeFamily = Literal[
    "IFLA_GRE", "IFLA_IPTUN", "IFLA_XFRM", "IFLA_VXLAN", "IFLA_GENEVE", "genetlink l2tp", "genetlink wireguard"
]
_OUTER_BYTES: dict[Family, int] = {4: IPV4_HEADER_BYTES, 6: IPV6_HEADER_BYTES}


class Encapsulation(NamedTuple):
    """``outer_family`` None: either, which is not the encapsulation's own choice. ``payload_families``: those inside.

    ``layer`` is 3 for IP packets and 2 for Ethernet frames. ``udp_port`` is the usual destination port where
    ``protocol`` is UDP, None where there is no usual one. ``options`` are names of what changes the header's length,
    with the bytes that each adds (or saves). ``multipoint``: the device may have no remote address. ``encrypts``: the
    encapsulation itself does. ``checks_inbound_policy``: whether its receiver asks XFRM about a packet before it
    takes the header off. ``stray_protocols``: families that it does not carry and sends all the same, with the outer
    protocol that it writes.
    """

    name: str
    link_kind: str
    outer_family: Family | None
    protocol: int
    payload_families: frozenset[Family]
    layer: Literal[2, 3]
    attribute_family: AttributeFamily
    fixed_header_bytes: int = 0
    udp_port: int | None = None
    options: tuple[tuple[str, int], ...] = ()
    keys: bool = False
    key_bytes: int = 0
    multipoint: bool = False
    encaplimit: bool = False
    encrypts: bool = False
    checks_inbound_policy: bool = True
    stray_protocols: tuple[tuple[Family, int], ...] = ()

    def header_bytes(self, *, key: bool = False, encaplimit: bool = False, options: Iterable[str] = ()) -> int:
        """Bytes between the outer IP header and the payload. ValueError: an option that it does not have."""
        if key and not self.keys:
            raise ValueError(f"{self.name} has no key")
        if encaplimit and not self.encaplimit:
            raise ValueError(f"{self.name} has no encapsulation limit")
        known = dict(self.options)
        extra = 0
        for option in options:
            if option not in known:
                raise ValueError(f"{self.name} has no option {option}")
            extra += known[option]
        inner = ETHERNET_HEADER_BYTES if self.layer == 2 else 0
        return self.fixed_header_bytes + key * self.key_bytes + encaplimit * ENCAPLIMIT_BYTES + extra + inner

    def overhead_bytes(
        self,
        *,
        key: bool = False,
        encaplimit: bool = False,
        options: Iterable[str] = (),
        family: Family | None = None,
    ) -> int:
        """As :meth:`header_bytes`, with the outer IP header; ``family`` is its family where either is possible."""
        chosen = self.outer_family or family
        outer = 0 if chosen is None else _OUTER_BYTES[chosen]
        return outer + self.header_bytes(key=key, encaplimit=encaplimit, options=options)

    def outer_protocol(self, family: Family) -> int | None:
        """The outer header's protocol for a packet of the family, None if the device drops it.

        A packet that is not carried may be sent all the same, under a protocol that no selector for it knows.
        """
        return self.protocol if self.carries(family) else dict(self.stray_protocols).get(family)

    def carries(self, family: Family) -> bool:
        """True if an IP packet of the family can go inside (inside a frame, for layer 2)."""
        return family in self.payload_families
