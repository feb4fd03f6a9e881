"""What a rule of NAT, of a policy or of the firewall matches on.

A record of the Router carries addresses, the protocol and the interface; every other match is named in the record,
which then stands for a rule that matches no more, and perhaps less. So nothing here is lost.
"""

from __future__ import annotations

from sapper.schema.address_value import (
    IPV4_ADDRESS,
    IPV4_PREFIX,
    IPV4_RANGE,
    IPV6_ADDRESS,
    IPV6_PREFIX,
    IPV6_RANGE,
    MAC,
)
from sapper.schema.name_value import FQDN, GROUP
from sapper.schema.option import Option, flags, leaf, multi
from sapper.schema.value import (
    PORTS,
    TEXT,
    ValueType,
    either,
    matching,
    negatable,
    number,
    number_range,
    one_of,
)

ADDRESSES: dict[int, ValueType] = {
    4: negatable(either(IPV4_ADDRESS, IPV4_PREFIX, IPV4_RANGE)),
    6: negatable(either(IPV6_ADDRESS, IPV6_PREFIX, IPV6_RANGE)),
}
MARK = negatable(number_range(0, 2147483647))
PACKET_TYPE = one_of("broadcast", "host", "multicast", "other")
IPSEC_WORDS = ("match-ipsec-in", "match-none-in", "match-ipsec-out", "match-none-out")
TCP_FLAGS = "syn ack fin rst urg psh ecn cwr"
_GROUPS = "address-group domain-group mac-group network-group port-group"
_RATE = matching("a rate (N/second, N/minute, N/hour or N/day)", r"[0-9]+/(second|minute|hour|day)")
_HOPS = number(0, 255)


def side_options(rule: str, side: str, family: int) -> tuple[Option, ...]:
    """``source`` or ``destination`` of a rule."""
    word = "from" if side == "source" else "to"
    path = f"{rule} {side}"
    return (
        leaf(f"{path} address", f"Only packets {word} here", ADDRESSES[family]),
        leaf(f"{path} port", f"Only packets {word} these ports", PORTS),
        leaf(f"{path} fqdn", f"Only packets {word} this host", FQDN),
        *(leaf(f"{path} group {group}", f"Only packets {word} this group", GROUP) for group in _GROUPS.split()),
    )


def packet_options(rule: str, family: int) -> tuple[Option, ...]:
    """What a policy's rule may match on beside ends, protocol and IPsec."""
    hops = "ttl" if family == 4 else "hop-limit"
    return (
        leaf(f"{rule} source mac-address", "Only packets from this link address", negatable(MAC)),
        *flags(f"{rule} tcp flags", TCP_FLAGS, "Only segments with this flag"),
        *flags(f"{rule} tcp flags not", TCP_FLAGS, "Only segments without this flag"),
        leaf(f"{rule} tcp mss", "Only segments with this MSS", number_range(1, 16384), unit="bytes"),
        multi(f"{rule} state", "Only packets in this state", one_of("established", "invalid", "new", "related")),
        *_icmp_options(rule, family),
        *flags(f"{rule} fragment", "match-frag match-non-frag", "Only fragments, or none"),
        leaf(f"{rule} mark", "Only packets with this mark", MARK),
        multi(f"{rule} connection-mark", "Only packets of connections with this mark", number(0, 2147483647)),
        *(
            multi(f"{rule} {word}", meaning, number_range(low, high))
            for word, meaning, low, high in (
                ("dscp", "Only packets of this class", 0, 63),
                ("dscp-exclude", "Only packets of other classes", 0, 63),
                ("packet-length", "Only packets of this length", 1, 65535),
                ("packet-length-exclude", "Only packets of another length", 1, 65535),
            )
        ),
        leaf(f"{rule} packet-type", "Only packets sent so on the link", PACKET_TYPE),
        *(
            leaf(f"{rule} {hops} {word}", "Only packets with so many hops left", _HOPS)
            for word in ("eq", "gt", "lt")
        ),
        leaf(f"{rule} limit burst", "Packets that may exceed the rate", number(0, 4294967295), unit="packets"),
        leaf(f"{rule} limit rate", "Only so many packets", _RATE),
        leaf(f"{rule} recent count", "Only from sources seen so often", number(1, 255)),
        leaf(f"{rule} recent time", "Only from sources seen within", TEXT),
        *(
            leaf(f"{rule} time {word}", "Only at this time", TEXT)
            for word in ("startdate", "starttime", "stopdate", "stoptime", "weekdays", "monthdays")
        ),
    )


def _icmp_options(rule: str, family: int) -> tuple[Option, ...]:
    if family == 6:
        return (leaf(f"{rule} icmpv6 type", "Only ICMPv6 messages of this type", TEXT),)
    return (
        leaf(f"{rule} icmp type", "Only ICMP messages of this type", _HOPS),
        leaf(f"{rule} icmp code", "Only ICMP messages with this code", _HOPS),
        leaf(f"{rule} icmp type-name", "Only ICMP messages of this type, by name", TEXT),
    )
