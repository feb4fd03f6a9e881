"""``interfaces bonding``: several Ethernet ports that act as one interface.

To the proof a bond is an Ethernet interface; which port a frame takes changes nothing.
"""

from __future__ import annotations

from sapper.schema.address_value import IPV4_ADDRESS, MAC
from sapper.schema.interface import DYNAMIC_ADDRESS, dhcp_options, link_detect_option, shared_options
from sapper.schema.name_value import INTERFACE
from sapper.schema.option import Option, as_immaterial, immaterial, leaf, multi, tag
from sapper.schema.value import UNSIGNED, either, matching, number, one_of
from sapper.schema.vlan import vlan_options

_BOND = "interfaces bonding *"
_MODES = (
    *("802.3ad", "active-backup", "broadcast", "round-robin"),
    *("transmit-load-balance", "adaptive-load-balance", "xor-hash"),
)
_HASHES = ("layer2", "layer2+3", "layer3+4", "encap2+3", "encap3+4")
_MONITOR = either(number(0, 0), number(50, 1000))

OPTIONS: tuple[Option, ...] = (
    tag("interfaces bonding", "Bond", matching("a bond (bond0 …)", r"bond[0-9]+")),
    *shared_options(_BOND, DYNAMIC_ADDRESS, mtu_default="1500", autoconf=True),
    *link_detect_option(_BOND),
    *dhcp_options(_BOND),
    *vlan_options(_BOND),
    multi(f"{_BOND} member interface", "Port of this bond", INTERFACE),
    *as_immaterial(
        "which port of the bond a frame takes",
        leaf(f"{_BOND} mode", "How the ports are used", one_of(*_MODES), "802.3ad"),
        leaf(f"{_BOND} hash-policy", "What decides a frame's port", one_of(*_HASHES), "layer2"),
        leaf(f"{_BOND} primary", "Port that is preferred", INTERFACE),
        leaf(f"{_BOND} min-links", "Ports that must be up", number(0, 16), "0", "ports"),
        leaf(f"{_BOND} lacp-rate", "How often the neighbour is to speak", one_of("slow", "fast"), "slow"),
        leaf(
            f"{_BOND} mii-mon-interval", "Time between looks at a port; 0 is never", _MONITOR, "100", "milliseconds"
        ),
        leaf(f"{_BOND} arp-monitor interval", "Time between ARP probes", UNSIGNED, unit="milliseconds"),
        multi(f"{_BOND} arp-monitor target", "Address that is probed", IPV4_ADDRESS),
        leaf(f"{_BOND} system-mac", "Link address in LACP frames", MAC),
        leaf(f"{_BOND} mac", "Link address", MAC),
    ),
    *immaterial(_BOND, "evpn", "a setting of a routing protocol, which is named itself"),
)
