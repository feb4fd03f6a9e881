"""IP protocol names as VyOS writes them, and their numbers.

Source: the IANA registry of protocol numbers by way of /etc/protocols; ``all`` stands for every protocol, and
``tcp_udp`` for two of them, which is why neither has a number of its own.
"""

from __future__ import annotations

ANY_PROTOCOL = -1
"""What ``all`` means: no restriction."""

SEVERAL_PROTOCOLS = -2
"""What ``tcp_udp`` means: more than one protocol, which one number cannot say."""

PROTOCOL_NUMBERS: dict[str, int] = {
    "all": ANY_PROTOCOL,
    "tcp_udp": SEVERAL_PROTOCOLS,
    "ip": 0,
    "hopopt": 0,
    "icmp": 1,
    "igmp": 2,
    "ggp": 3,
    "ipencap": 4,
    "ipip": 94,
    "st": 5,
    "tcp": 6,
    "egp": 8,
    "igp": 9,
    "pup": 12,
    "udp": 17,
    "hmp": 20,
    "xns-idp": 22,
    "rdp": 27,
    "iso-tp4": 29,
    "dccp": 33,
    "xtp": 36,
    "ddp": 37,
    "idpr-cmtp": 38,
    "ipv6": 41,
    "ipv6-route": 43,
    "ipv6-frag": 44,
    "idrp": 45,
    "rsvp": 46,
    "gre": 47,
    "esp": 50,
    "ah": 51,
    "skip": 57,
    "icmpv6": 58,
    "ipv6-icmp": 58,
    "ipv6-nonxt": 59,
    "ipv6-opts": 60,
    "rspf": 73,
    "vmtp": 81,
    "eigrp": 88,
    "ospf": 89,
    "ax.25": 93,
    "etherip": 97,
    "encap": 98,
    "pim": 103,
    "ipcomp": 108,
    "vrrp": 112,
    "l2tp": 115,
    "isis": 124,
    "sctp": 132,
    "fc": 133,
    "mobility-header": 135,
    "udplite": 136,
    "mpls-in-ip": 137,
    "manet": 138,
    "hip": 139,
    "shim6": 140,
    "wesp": 141,
    "rohc": 142,
}


def protocol_number(text: str) -> int | None:
    """The number of a protocol written by name or number; the two negative constants above; None if it is none."""
    if text.isascii() and text.isdigit():
        number = int(text[:4])
        return number if number <= 255 else None
    return PROTOCOL_NUMBERS.get(text.lower())
