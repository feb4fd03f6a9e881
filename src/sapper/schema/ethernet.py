"""``interfaces ethernet``: physical interfaces and the VLANs on them."""

from __future__ import annotations

from sapper.schema.interface import DYNAMIC_ADDRESS, shared_options, vlan_options
from sapper.schema.option import Option, immaterial, tag, unmodelled
from sapper.schema.value import matching

_NAME = matching("an Ethernet interface (eth0, lan0, eno1, ens3 …)", r"(eth|lan)[0-9]+|(eno|ens|enp|enx).+")
_ETHERNET = "interfaces ethernet *"

OPTIONS: tuple[Option, ...] = (
    tag("interfaces ethernet", "Ethernet interface", _NAME),
    *shared_options(_ETHERNET, DYNAMIC_ADDRESS),
    *vlan_options(_ETHERNET),
    *immaterial(
        _ETHERNET,
        "hw-id mac speed duplex offload offload-options ring-buffer smp_affinity smp-affinity flow-control"
        " disable-flow-control interrupt-coalescing evpn switchdev",
        "a property of the network card",
    ),
    *immaterial(_ETHERNET, "eapol", "authenticates to the switch"),
    *immaterial(_ETHERNET, "dhcp-options dhcpv6-options", "what is asked of the DHCP server"),
    *unmodelled(
        _ETHERNET, "bond-group pppoe xdp bridge-group", "belongs to a kind of interface that is not modelled"
    ),
)
