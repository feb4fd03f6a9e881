"""``interfaces bridge``: an Ethernet bridge and its members.

A bridge that filters by VLAN is not modelled; the VLAN interfaces on top of a bridge are.
"""

from __future__ import annotations

from sapper.schema.address_value import MAC
from sapper.schema.interface import DYNAMIC_ADDRESS, dhcp_options, link_detect_option, shared_options
from sapper.schema.name_value import INTERFACE
from sapper.schema.option import Option, as_immaterial, as_unmodelled, flag, immaterial, leaf, multi, tag
from sapper.schema.value import either, matching, number, number_range, one_of
from sapper.schema.vlan import vlan_options

_BRIDGE = "interfaces bridge *"
_MEMBER = "interfaces bridge * member interface"
_PORT = "which port of the bridge is preferred"
_VLANS = "VLANs inside a bridge"
_AGING = either(number(0, 0), number(10, 1000000))

OPTIONS: tuple[Option, ...] = (
    tag("interfaces bridge", "Bridge", matching("a bridge (br0 …)", r"br[0-9]+")),
    *shared_options(_BRIDGE, DYNAMIC_ADDRESS, mtu_default="1500"),
    *link_detect_option(_BRIDGE),
    *dhcp_options(_BRIDGE),
    *vlan_options(_BRIDGE),
    tag(_MEMBER, "Interface in this bridge", INTERFACE),
    *as_immaterial(
        _PORT,
        leaf(f"{_MEMBER} * cost", "Cost of the port", number(1, 65535), "100"),
        leaf(f"{_MEMBER} * priority", "Priority of the port", number(1, 63), "32"),
    ),
    *as_immaterial(
        "only stops frames between two ports", flag(f"{_MEMBER} * isolated", "Reach no other isolated port")
    ),
    *as_unmodelled(
        _VLANS,
        leaf(f"{_MEMBER} * native-vlan", "VLAN of untagged frames", number(1, 4094)),
        multi(f"{_MEMBER} * allowed-vlan", "VLANs that the port carries", number_range(1, 4094)),
        flag(f"{_BRIDGE} enable-vlan", "Keep VLANs apart inside the bridge"),
    ),
    *as_immaterial(
        "timing and choice of paths inside the bridge",
        leaf(f"{_BRIDGE} aging", "How long a link address is remembered", _AGING, "300", "seconds"),
        leaf(f"{_BRIDGE} priority", "Priority in the spanning tree", number(0, 65535), "32768"),
        flag(f"{_BRIDGE} stp", "Run the spanning tree protocol"),
        leaf(f"{_BRIDGE} protocol", "Ethertype of VLAN tags", one_of("802.1q", "802.1ad"), "802.1q"),
        leaf(f"{_BRIDGE} mac", "Link address", MAC),
    ),
    *immaterial(
        _BRIDGE,
        "igmp igmp-snooping max-age hello-time forwarding-delay",
        "timing and choice of paths inside the bridge",
    ),
)
