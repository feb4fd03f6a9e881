"""``nat source`` and ``nat destination``: rewriting of addresses after and before the route lookup.

Source NAT in postrouting comes before encryption, destination NAT in prerouting after decryption. What a rule
matches on beyond addresses, protocol and interface is named in its record: such a rule may match less.
"""

from __future__ import annotations

from sapper.schema.address_value import IPV4_ADDRESS, IPV4_PREFIX, IPV4_RANGE
from sapper.schema.match import PACKET_TYPE, side_options
from sapper.schema.name_value import GROUP, INTERFACE_MATCH
from sapper.schema.option import Option, as_immaterial, flag, immaterial, leaf, multi, tag, unmodelled
from sapper.schema.value import DESCRIPTION, IP_PROTOCOL, PORT_RANGE, either, number, one_of

_SOURCE = "nat source rule *"
_DESTINATION = "nat destination rule *"
_NUMBER = number(1, 999999)
_ADDRESS = either(IPV4_ADDRESS, IPV4_PREFIX, IPV4_RANGE)
_HASHES = one_of("source-address", "destination-address", "source-port", "destination-port", "random")


def _rule_options(rule: str) -> tuple[Option, ...]:
    return (
        flag(f"{rule} disable", "Leave this rule out"),
        flag(f"{rule} exclude", "Leave matching packets as they are"),
        leaf(f"{rule} protocol", "Only packets of this protocol", IP_PROTOCOL, "all"),
        leaf(f"{rule} packet-type", "Only packets sent so on the link", PACKET_TYPE),
        *side_options(rule, "source", 4),
        *side_options(rule, "destination", 4),
        multi(f"{rule} load-balance hash", "What decides the backend", _HASHES),
        tag(f"{rule} load-balance backend", "One of several new addresses", IPV4_ADDRESS),
        *as_immaterial(
            "which address of several, and which port, a connection gets",
            leaf(f"{rule} load-balance backend * weight", "Its share", number(1, 100)),
            leaf(
                f"{rule} translation options address-mapping",
                "Same address for the same client or not",
                one_of("persistent", "random"),
                "random",
            ),
            leaf(
                f"{rule} translation options port-mapping", "How a port is chosen", one_of("random", "none"), "none"
            ),
        ),
        *as_immaterial("free text", leaf(f"{rule} description", "Free text", DESCRIPTION)),
        *as_immaterial("logging", flag(f"{rule} log", "Log what matches")),
        *immaterial(rule, "type", "a word of old releases"),
    )


OPTIONS: tuple[Option, ...] = (
    tag("nat source rule", "Rule; the lowest number is tried first", _NUMBER),
    *_rule_options(_SOURCE),
    leaf(f"{_SOURCE} outbound-interface name", "Only packets that leave by this interface", INTERFACE_MATCH),
    leaf(f"{_SOURCE} outbound-interface group", "Only packets that leave by these interfaces", GROUP),
    leaf(f"{_SOURCE} translation address", "New source", either(one_of("masquerade"), _ADDRESS)),
    leaf(f"{_SOURCE} translation port", "New source port", PORT_RANGE),
    tag("nat destination rule", "Rule; the lowest number is tried first", _NUMBER),
    *_rule_options(_DESTINATION),
    leaf(f"{_DESTINATION} inbound-interface name", "Only packets that come in by this interface", INTERFACE_MATCH),
    leaf(f"{_DESTINATION} inbound-interface group", "Only packets that come in by these interfaces", GROUP),
    leaf(f"{_DESTINATION} translation address", "New destination", _ADDRESS),
    leaf(f"{_DESTINATION} translation port", "New destination port", PORT_RANGE),
    leaf(f"{_DESTINATION} translation redirect port", "Port of the router itself that gets the packet", PORT_RANGE),
    *unmodelled("nat", "static cgnat", "rewrites sources and destinations"),
)
