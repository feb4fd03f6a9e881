"""``interfaces ethernet``: physical interfaces and the VLANs on them."""

from __future__ import annotations

from sapper.schema.address_value import MAC
from sapper.schema.interface import DYNAMIC_ADDRESS, dhcp_options, link_detect_option, shared_options
from sapper.schema.option import Option, as_immaterial, flag, flags, immaterial, leaf, tag, unmodelled
from sapper.schema.value import matching, number, one_of
from sapper.schema.vlan import vlan_options

_NAME = matching("an Ethernet interface (eth0, lan0, eno1, ens3 …)", r"(eth|lan)[0-9]+|(eno|ens|enp|enx).+")
_ETHERNET = "interfaces ethernet *"
_CARD = "a property of the network card"
_SPEEDS = ("auto", "10", "100", "1000", "2500", "5000", "10000", "25000", "40000", "50000", "100000")
_RING = number(80, 16384)

OPTIONS: tuple[Option, ...] = (
    tag("interfaces ethernet", "Ethernet interface", _NAME),
    *shared_options(_ETHERNET, DYNAMIC_ADDRESS, autoconf=True),
    *link_detect_option(_ETHERNET),
    *dhcp_options(_ETHERNET),
    *vlan_options(_ETHERNET),
    *as_immaterial(
        _CARD,
        leaf(f"{_ETHERNET} hw-id", "Link address by which the card is found", MAC),
        leaf(f"{_ETHERNET} mac", "Link address to use instead of the card's", MAC),
        leaf(f"{_ETHERNET} speed", "Speed of the link", one_of(*_SPEEDS), "auto", "Mbit/s"),
        leaf(f"{_ETHERNET} duplex", "Both directions at once or in turns", one_of("auto", "half", "full"), "auto"),
        *flags(f"{_ETHERNET} offload", "gro gso hw-tc-offload lro rps rfs sg tso ufo", "Work that the card does"),
        leaf(f"{_ETHERNET} ring-buffer rx", "Receive buffer", _RING, unit="descriptors"),
        leaf(f"{_ETHERNET} ring-buffer tx", "Transmit buffer", _RING, unit="descriptors"),
        flag(f"{_ETHERNET} disable-flow-control", "Send no pause frames"),
    ),
    *immaterial(
        _ETHERNET,
        "offload-options smp_affinity smp-affinity flow-control interrupt-coalescing evpn switchdev",
        _CARD,
    ),
    *immaterial(_ETHERNET, "eapol", "authenticates to the switch"),
    *unmodelled(
        _ETHERNET, "bond-group pppoe xdp bridge-group", "belongs to a kind of interface that is not modelled"
    ),
)
