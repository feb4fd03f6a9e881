"""The options that every kind of interface shares, and those of the VLANs below one.

``below`` is the path of the interface's tag, ``interfaces tunnel *``. What differs between kinds is an argument;
what only one kind has stands in that kind's own file.
"""

from __future__ import annotations

from sapper.schema.option import Option, flag, immaterial, leaf, multi, tag, unmodelled
from sapper.schema.value import DESCRIPTION, IP_HOST, ValueType, either, number, one_of

MTU = number(68, 16000)
ADDRESS = IP_HOST
DYNAMIC_ADDRESS = either(IP_HOST, one_of("dhcp", "dhcpv6"))

_ARP = "answers or asks for link addresses; no packet is sent elsewhere or in another form"
_SIZE = "changes the size of TCP segments, not whether they are encrypted"
_HARDWARE = "a property of the network card"
_LINK = "a name or a counter for people"
_DAD = "timing of neighbour discovery"


def shared_options(below: str, address: ValueType = ADDRESS, mtu_default: str | None = None) -> tuple[Option, ...]:
    """Address, MTU and the words that every interface takes."""
    return (
        multi(f"{below} address", "Address of the interface, with the length of its connected network", address),
        leaf(f"{below} mtu", "Largest packet that the interface sends", MTU, mtu_default, "bytes"),
        flag(f"{below} disable", "Keep the interface down"),
        Option(f"{below} description", "leaf", "Free text", DESCRIPTION, standing="immaterial", reason=_LINK),
        *immaterial(below, "disable-link-detect", "keeps routes of a link without carrier; both cases are proved"),
        *unmodelled(below, "vrf netns", "puts the interface into a routing table of its own"),
        *unmodelled(below, "mirror redirect", "copies or moves packets to another interface"),
        *unmodelled(below, "firewall policy", "may drop, mark or reroute packets"),
        *immaterial(below, "traffic-policy", "orders packets in queues"),
        *_ip_options(below),
        *_ipv6_options(below),
    )


def _ip_options(below: str) -> tuple[Option, ...]:
    return (
        *immaterial(f"{below} ip", "adjust-mss", _SIZE),
        *immaterial(
            f"{below} ip",
            "arp-cache-timeout disable-arp-filter enable-arp-accept enable-arp-announce enable-arp-ignore"
            " enable-proxy-arp proxy-arp-pvlan enable-directed-broadcast",
            _ARP,
        ),
        *immaterial(f"{below} ip", "ospf rip", "a setting of a routing protocol, which is named itself"),
        *unmodelled(f"{below} ip", "source-validation", "drops packets whose source is routed elsewhere"),
        *unmodelled(f"{below} ip", "disable-forwarding", "stops forwarding from this interface"),
    )


def _ipv6_options(below: str) -> tuple[Option, ...]:
    ipv6 = f"{below} ipv6"
    return (
        flag(f"{ipv6} address autoconf", "Take addresses and routes from router advertisements"),
        *unmodelled(f"{ipv6} address", "eui64 interface-identifier", "makes an address from the link address"),
        *immaterial(f"{ipv6} address", "no-default-link-local", "link-local addresses are never routed"),
        *immaterial(f"{ipv6}", "adjust-mss", _SIZE),
        *immaterial(f"{ipv6}", "accept-dad dup-addr-detect-transmits base-reachable-time", _DAD),
        *immaterial(f"{ipv6}", "router-advert", "is advertised to hosts on this link; the router does not use it"),
        *immaterial(f"{ipv6}", "ospfv3 ripng", "a setting of a routing protocol, which is named itself"),
        *unmodelled(f"{ipv6}", "source-validation", "drops packets whose source is routed elsewhere"),
        *unmodelled(f"{ipv6}", "disable-forwarding", "stops forwarding from this interface"),
    )


def vlan_options(below: str) -> tuple[Option, ...]:
    """``vif`` and what cannot be modelled of stacked VLANs, below an Ethernet-like interface."""
    vif = f"{below} vif *"
    return (
        tag(f"{below} vif", "VLAN on this interface", number(0, 4094)),
        *shared_options(vif, DYNAMIC_ADDRESS),
        *immaterial(vif, "mac egress-qos ingress-qos", _HARDWARE),
        *immaterial(vif, "dhcp-options dhcpv6-options", "what is asked of the DHCP server"),
        *unmodelled(vif, "pppoe vlan bridge-group", "belongs to a kind of interface that is not modelled"),
        *unmodelled(below, "vif-s", "stacked VLANs"),
    )
