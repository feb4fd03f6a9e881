"""The options that most kinds of interface share, and those of the VLANs below one.

``below`` is the path of the interface's tag, ``interfaces tunnel *``. What differs between kinds is an argument;
what only one kind has stands in that kind's own file.
"""

from __future__ import annotations

from sapper.schema.address_value import EUI64_PREFIX, IP_HOST
from sapper.schema.name_value import INTERFACE, VRF_OR_DEFAULT
from sapper.schema.option import (
    Option,
    as_immaterial,
    as_unmodelled,
    flag,
    flags,
    immaterial,
    leaf,
    multi,
    unmodelled,
)
from sapper.schema.value import DESCRIPTION, TEXT, ValueType, either, number, one_of

MTU = number(68, 16000)
UDP_TUNNEL_MTU = number(1200, 16000)
DYNAMIC_ADDRESS = either(IP_HOST, one_of("dhcp", "dhcpv6"))
ADJUST_MSS = number(536, 65535, "clamp-mss-to-pmtu")
SOURCE_VALIDATION = one_of("strict", "loose", "disable")

_ARP = "answers or asks for link addresses; no packet is sent elsewhere or in another form"
_ARP_FLAGS = (
    "disable-arp-filter enable-arp-accept enable-arp-announce enable-arp-ignore enable-proxy-arp proxy-arp-pvlan"
    " enable-directed-broadcast"
)
_LINK = "a name or a counter for people"
_DAD = "timing of neighbour discovery"
_ROUTING = "a setting of a routing protocol, which is named itself"
_ASKED = "what is asked of the DHCP server"
_MADE = "makes an address from the link address"
_SECONDS = number(1, 86400)
_ACCEPT_DAD = TEXT._replace(name="0, 1 or 2", words=("0", "1", "2"))  # VyOS takes any text here


def shared_options(
    below: str,
    address: ValueType = IP_HOST,
    mtu: ValueType = MTU,
    mtu_default: str | None = None,
    autoconf: bool = False,
) -> tuple[Option, ...]:
    """What nearly every interface takes. ``autoconf``: the Router knows that its addresses come at run time."""
    return (
        *core_options(below, address),
        *mtu_option(below, mtu, mtu_default),
        *attachment_options(below),
        *ip_options(below),
        *ipv6_options(below, autoconf),
    )


def core_options(below: str, address: ValueType = IP_HOST) -> tuple[Option, ...]:
    """Address, description and disable."""
    return (
        multi(f"{below} address", "Address of the interface, with the length of its connected network", address),
        *as_immaterial(_LINK, leaf(f"{below} description", "Free text", DESCRIPTION)),
        flag(f"{below} disable", "Keep the interface down"),
    )


def mtu_option(below: str, mtu: ValueType = MTU, default: str | None = None) -> tuple[Option, ...]:
    return (leaf(f"{below} mtu", "Largest packet that the interface sends", mtu, default, "bytes"),)


def attachment_options(below: str) -> tuple[Option, ...]:
    """VRF, mirror and redirect, and what earlier releases hung on an interface."""
    return (
        leaf(f"{below} vrf", "VRF that the interface belongs to", VRF_OR_DEFAULT),
        *mirror_options(below),
        *unmodelled(below, "netns", "puts the interface out of this router's reach"),
        *unmodelled(below, "firewall policy", "may drop, mark or reroute packets"),
        *immaterial(below, "traffic-policy", "orders packets in queues"),
    )


def mirror_options(below: str) -> tuple[Option, ...]:
    return (
        leaf(f"{below} mirror ingress", "Interface that gets a copy of what comes in", INTERFACE),
        leaf(f"{below} mirror egress", "Interface that gets a copy of what goes out", INTERFACE),
        leaf(f"{below} redirect", "Interface that everything that comes in is moved to", INTERFACE),
    )


def link_detect_option(below: str) -> tuple[Option, ...]:
    return (flag(f"{below} disable-link-detect", "Keep the routes of a link that has lost its carrier"),)


def dhcp_options(below: str) -> tuple[Option, ...]:
    return immaterial(below, "dhcp-options dhcpv6-options", _ASKED)


def source_validation_option(path: str) -> Option:
    meaning = "Drop packets whose source is routed elsewhere (strict) or nowhere (loose)"
    return leaf(f"{path} source-validation", meaning, SOURCE_VALIDATION)


def forwarding_option(path: str) -> Option:
    return flag(f"{path} disable-forwarding", "Do not forward what comes in by this interface")


def adjust_mss_option(path: str) -> Option:
    meaning = "Lower the MSS of forwarded TCP connections that leave by this interface"
    return leaf(f"{path} adjust-mss", meaning, ADJUST_MSS, unit="bytes")


def link_local_option(ipv6: str) -> Option:
    return flag(f"{ipv6} address no-default-link-local", "Give the interface no link-local address")


def eui64_option(ipv6: str) -> tuple[Option, ...]:
    return as_unmodelled(_MADE, multi(f"{ipv6} address eui64", "Prefix of an address made here", EUI64_PREFIX))


def autoconf_option(ipv6: str, modelled: bool) -> tuple[Option, ...]:
    option = flag(f"{ipv6} address autoconf", "Take addresses and routes from router advertisements")
    return (option,) if modelled else as_unmodelled("addresses and routes are known only at run time", option)


def ip_options(below: str) -> tuple[Option, ...]:
    """``ip``: what most kinds take of IPv4."""
    path = f"{below} ip"
    return (
        adjust_mss_option(path),
        source_validation_option(path),
        forwarding_option(path),
        *as_immaterial(
            _ARP,
            leaf(f"{path} arp-cache-timeout", "How long a link address is remembered", _SECONDS, "30", "seconds"),
            *flags(path, _ARP_FLAGS, "How ARP is answered"),
        ),
        *immaterial(path, "ospf rip", _ROUTING),
    )


def ipv6_options(below: str, autoconf: bool = False) -> tuple[Option, ...]:
    """``ipv6``: what most kinds take of IPv6."""
    path = f"{below} ipv6"
    return (
        adjust_mss_option(path),
        source_validation_option(path),
        forwarding_option(path),
        link_local_option(path),
        *autoconf_option(path, autoconf),
        *eui64_option(path),
        *unmodelled(f"{path} address", "interface-identifier", _MADE),
        *as_immaterial(
            _DAD,
            leaf(f"{path} accept-dad", "What to do about a duplicate address", _ACCEPT_DAD, "1"),
            leaf(
                f"{path} dup-addr-detect-transmits", "Probes for a duplicate", number(0, 2**31 - 1), "1", "probes"
            ),
            leaf(f"{path} base-reachable-time", "How long a neighbour counts as there", _SECONDS, "30", "seconds"),
        ),
        *immaterial(path, "router-advert", "is advertised to hosts on this link; the router does not use it"),
        *immaterial(path, "ospfv3 ripng", _ROUTING),
    )
