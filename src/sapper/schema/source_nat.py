"""``nat source``: rewriting of sources in postrouting, which comes before encryption.

What a rule matches on beyond addresses, protocol and interface is not modelled: such a rule may match less.
"""

from __future__ import annotations

from sapper.schema.option import Option, flag, immaterial, leaf, tag, unmodelled
from sapper.schema.value import (
    INTERFACE_MATCH,
    IP_PROTOCOL,
    IPV4_ADDRESS,
    IPV4_PREFIX,
    IPV4_RANGE,
    PORTS,
    either,
    negatable,
    number,
    one_of,
)

_RULE = "nat source rule *"
_MATCH = negatable(either(IPV4_ADDRESS, IPV4_PREFIX, IPV4_RANGE))

OPTIONS: tuple[Option, ...] = (
    tag("nat source rule", "Rule; the lowest number is tried first", number(1, 999999)),
    flag(f"{_RULE} disable", "Leave this rule out"),
    flag(f"{_RULE} exclude", "Leave matching packets as they are"),
    leaf(f"{_RULE} protocol", "Only packets of this protocol", IP_PROTOCOL, "all"),
    leaf(f"{_RULE} source address", "Only packets from here", _MATCH),
    leaf(f"{_RULE} destination address", "Only packets to here", _MATCH),
    leaf(f"{_RULE} source port", "Only packets from these ports", PORTS),
    leaf(f"{_RULE} destination port", "Only packets to these ports", PORTS),
    leaf(f"{_RULE} outbound-interface name", "Only packets that leave by this interface", INTERFACE_MATCH),
    leaf(
        f"{_RULE} translation address",
        "New source",
        either(one_of("masquerade"), IPV4_ADDRESS, IPV4_PREFIX, IPV4_RANGE),
    ),
    *immaterial(f"{_RULE} translation", "port options", "which port a connection gets"),
    *unmodelled(f"{_RULE} source", "group fqdn", "who belongs to it is not known here"),
    *unmodelled(f"{_RULE} destination", "group fqdn", "who belongs to it is not known here"),
    *unmodelled(f"{_RULE} outbound-interface", "group", "a group of interfaces"),
    *unmodelled(_RULE, "packet-type load-balance", "matches less, or rewrites to several addresses"),
    *immaterial(_RULE, "description log type", "free text and logging"),
    *unmodelled("nat", "destination static cgnat", "rewrites destinations"),
)
