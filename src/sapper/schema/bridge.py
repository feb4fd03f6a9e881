"""``interfaces bridge``: an Ethernet bridge and its members."""

from __future__ import annotations

from sapper.schema.interface import DYNAMIC_ADDRESS, shared_options, vlan_options
from sapper.schema.option import Option, immaterial, tag, unmodelled
from sapper.schema.value import INTERFACE, matching

_BRIDGE = "interfaces bridge *"
_MEMBER = "interfaces bridge * member interface"

OPTIONS: tuple[Option, ...] = (
    tag("interfaces bridge", "Bridge", matching("a bridge (br0 …)", r"br[0-9]+")),
    *shared_options(_BRIDGE, DYNAMIC_ADDRESS, "1500"),
    *vlan_options(_BRIDGE),
    tag(_MEMBER, "Interface in this bridge", INTERFACE),
    *immaterial(f"{_MEMBER} *", "cost priority isolated", "which port of the bridge is preferred"),
    *unmodelled(f"{_MEMBER} *", "native-vlan allowed-vlan", "VLANs inside a bridge"),
    *immaterial(
        _BRIDGE,
        "stp igmp igmp-snooping aging max-age hello-time forwarding-delay priority mac protocol",
        "timing and choice of paths inside the bridge",
    ),
    *immaterial(_BRIDGE, "dhcp-options dhcpv6-options", "what is asked of the DHCP server"),
    *unmodelled(_BRIDGE, "enable-vlan", "VLANs inside a bridge"),
)
