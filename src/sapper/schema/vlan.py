"""VLANs on an Ethernet-like interface: ``vif``, and ``vif-s`` with ``vif-c`` inside it (802.1ad, QinQ).

The device of a VLAN is called by its parent and its identifier, ``eth0.100`` and ``eth0.100.200``.
"""

from __future__ import annotations

from sapper.schema.address_value import MAC
from sapper.schema.interface import DYNAMIC_ADDRESS, dhcp_options, link_detect_option, shared_options
from sapper.schema.option import Option, as_immaterial, immaterial, leaf, tag, unmodelled
from sapper.schema.value import number, one_of

VLAN_ID = number(0, 4094)
_PRIORITY = "sets the priority of a frame"


def vlan_options(below: str) -> tuple[Option, ...]:
    """``vif``, ``vif-s`` and ``vif-c`` below ``below``."""
    service = f"{below} vif-s *"
    return (
        tag(f"{below} vif", "VLAN on this interface", VLAN_ID),
        *_options(f"{below} vif *"),
        tag(f"{below} vif-s", "Service VLAN (802.1ad), which may carry others", VLAN_ID),
        *_options(service),
        leaf(f"{service} protocol", "Ethertype of the outer tag", one_of("802.1ad", "802.1q"), "802.1ad"),
        tag(f"{service} vif-c", "Customer VLAN inside the service VLAN", VLAN_ID),
        *_options(f"{service} vif-c *"),
    )


def _options(vlan: str) -> tuple[Option, ...]:
    return (
        *shared_options(vlan, DYNAMIC_ADDRESS, autoconf=True),
        *link_detect_option(vlan),
        *dhcp_options(vlan),
        *as_immaterial("a property of the link", leaf(f"{vlan} mac", "Link address", MAC)),
        *immaterial(vlan, "egress-qos ingress-qos", _PRIORITY),
        *unmodelled(vlan, "pppoe vlan bridge-group", "belongs to a kind of interface that is not modelled"),
    )
