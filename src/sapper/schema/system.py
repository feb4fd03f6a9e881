"""``system sysctl``, ``system ip`` and ``system ipv6``: kernel settings of the router as a whole.

``disable-forwarding`` is carried as the kernel setting that it makes.
"""

from __future__ import annotations

from sapper.schema.option import Option, as_immaterial, flag, flags, immaterial, leaf, node, tag, unmodelled
from sapper.schema.value import NAME, matching, number, one_of

_TIMING = "which of several equal ways is taken, and how neighbours are found"
_OWN = "TCP connections of the router itself"
_MSS = number(48, 1460)
_SETTING = matching("the name of a kernel setting", r"[^\s/]\S*")

OPTIONS: tuple[Option, ...] = (
    tag("system sysctl parameter", "Kernel setting", _SETTING),
    leaf("system sysctl parameter * value", "Its value", NAME),
    *unmodelled("system sysctl", "all custom", "kernel settings in the words of old releases"),
    flag("system ip disable-forwarding", "Do not forward IPv4"),
    flag("system ipv6 disable-forwarding", "Do not forward IPv6"),
    *as_immaterial(
        _OWN,
        leaf(
            "system ip tcp mss probing",
            "Look for the path's MTU by TCP itself",
            one_of("on-icmp-black-hole", "force"),
        ),
        leaf("system ip tcp mss base", "MSS to begin with", _MSS, unit="bytes"),
        leaf("system ip tcp mss floor", "Lowest MSS", _MSS, unit="bytes"),
    ),
    *as_immaterial(
        _TIMING,
        node("system ip multipath", "Several equal ways", whole=True),
        *flags("system ip multipath", "ignore-unreachable-nexthops layer4-hashing", "How a way is chosen"),
        node("system ipv6 multipath", "Several equal ways", whole=True),
        flag("system ipv6 multipath layer4-hashing", "How a way is chosen"),
        flag("system ip disable-directed-broadcast", "Forward no packet to a network's broadcast address"),
    ),
    *immaterial("system ip", "arp neighbor nht", _TIMING),
    *immaterial("system ipv6", "neighbor nht disable-dad strict-dad", _TIMING),
    *unmodelled("system ip", "protocol import-table", "rejects routes, or takes them from another table"),
    *unmodelled("system ipv6", "disable protocol", "stops IPv6 or rejects routes"),
)
