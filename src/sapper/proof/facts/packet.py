"""A packet as the walk sees it: the outermost header, and what it wraps.

``protected`` is set by ESP and never cleared on the way out: whatever is put around an encrypted packet later, its
content stays encrypted.
"""

from __future__ import annotations

import msgspec

from sapper.address import Address, Family

ESP = 50
PROTOCOL_NAMES = {
    1: "icmp", 4: "ipip", 6: "tcp", 17: "udp", 41: "ipv6", 47: "gre", 50: "esp", 51: "ah", 58: "icmpv6", 115: "l2tp",
}  # fmt: skip


class Packet(msgspec.Struct, frozen=True, kw_only=True):
    """``source`` None: the kernel chooses it. Ports only where the protocol has them. ``key`` is GRE's."""

    source: Address | None
    destination: Address
    protocol: int
    source_port: int | None = None
    destination_port: int | None = None
    key: int | None = None
    protected: bool = False
    inner: Packet | None = None

    @property
    def family(self) -> Family:
        return self.destination.family

    def __str__(self) -> str:
        ports = f" {self.source_port}→{self.destination_port}" if self.destination_port is not None else ""
        key = f" key {self.key}" if self.key is not None else ""
        return f"{self.source or 'any'} → {self.destination} {protocol_name(self.protocol)}{ports}{key}"


def protocol_name(number: int) -> str:
    """The field's name for an IP protocol number, or the number."""
    return PROTOCOL_NAMES.get(number, str(number))
