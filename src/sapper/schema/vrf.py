"""``vrf``: routing tables of their own, and the static routes in them.

A VRF whose table is not written has none to put a route into, and counts as unmodelled.
"""

from __future__ import annotations

from sapper.schema.name_value import NEW_VRF
from sapper.schema.option import Option, as_immaterial, as_unmodelled, flag, immaterial, leaf, tag, unmodelled
from sapper.schema.static import static_options
from sapper.schema.value import DESCRIPTION, number

_VRF = "vrf name *"
_FORWARDING = "stops forwarding in this VRF"

OPTIONS: tuple[Option, ...] = (
    tag("vrf name", "VRF", NEW_VRF),
    leaf(f"{_VRF} table", "Number of its routing table", number(100, 65535)),
    flag(f"{_VRF} disable", "Keep the VRF down"),
    *static_options(f"{_VRF} protocols static"),
    *unmodelled(f"{_VRF} protocols", "bgp eigrp isis ospf ospfv3", "may install routes at run time"),
    *immaterial(f"{_VRF} protocols static", "arp neighbor-proxy", "which link address belongs to which neighbour"),
    *unmodelled(f"{_VRF} protocols static", "multicast mroute route-map", "may change or reject routes"),
    *as_immaterial("free text", leaf(f"{_VRF} description", "Free text", DESCRIPTION)),
    *as_immaterial(
        "a number of a routing protocol", leaf(f"{_VRF} vni", "Network identifier", number(0, 16777214))
    ),
    *as_unmodelled(
        _FORWARDING,
        flag(f"{_VRF} ip disable-forwarding", "Do not forward IPv4"),
        flag(f"{_VRF} ipv6 disable-forwarding", "Do not forward IPv6"),
    ),
    *unmodelled(f"{_VRF} ip", "protocol", "rejects routes"),
    *unmodelled(f"{_VRF} ipv6", "protocol", "rejects routes"),
    *immaterial(f"{_VRF} ip", "nht", "how a next hop is found"),
    *immaterial(f"{_VRF} ipv6", "nht", "how a next hop is found"),
    *as_unmodelled(
        "a socket of one VRF takes packets of another", flag("vrf bind-to-all", "Let services answer in every VRF")
    ),
)
