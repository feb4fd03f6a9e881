"""``interfaces pppoe``: an underlay whose address the provider gives.

It comes up at run time with an address and, unless told otherwise, a default route. ``default-route`` is the word
of releases up to 1.3 for what ``no-default-route`` says now.
"""

from __future__ import annotations

from sapper.schema.address_value import IPV4_ADDRESS
from sapper.schema.interface import (
    adjust_mss_option,
    attachment_options,
    autoconf_option,
    dhcp_options,
    forwarding_option,
    link_local_option,
    source_validation_option,
)
from sapper.schema.name_value import INTERFACE
from sapper.schema.option import Option, as_immaterial, flag, immaterial, leaf, multi, tag
from sapper.schema.value import DESCRIPTION, SECRET, TEXT, matching, number, one_of

_PPPOE = "interfaces pppoe *"
_SECONDS = number(0, 86400)
_HOST_UNIQ = matching("1-18 bytes in hexadecimal", r"([a-fA-F0-9]{2}){1,18}")

OPTIONS: tuple[Option, ...] = (
    tag("interfaces pppoe", "PPPoE interface", matching("a PPPoE interface (pppoe0 …)", r"pppoe[0-9]+")),
    *attachment_options(_PPPOE),
    *dhcp_options(_PPPOE),
    leaf(f"{_PPPOE} source-interface", "Ethernet interface that the provider is behind", INTERFACE),
    leaf(f"{_PPPOE} mtu", "Largest packet that the interface sends", number(68, 1500), "1492", "bytes"),
    leaf(f"{_PPPOE} mru", "Largest packet that it takes; without it the MTU", number(128, 16384), unit="bytes"),
    flag(f"{_PPPOE} no-default-route", "Install no default route when the link is up"),
    leaf(f"{_PPPOE} default-route", "Whether to install a default route", one_of("auto", "none", "force"), "auto"),
    leaf(f"{_PPPOE} default-route-distance", "Preference of that route: the lowest wins", number(1, 255), "1"),
    leaf(f"{_PPPOE} local-address", "Address to ask for", IPV4_ADDRESS),
    leaf(f"{_PPPOE} remote-address", "Address of the provider's end", IPV4_ADDRESS),
    flag(f"{_PPPOE} disable", "Keep the interface down"),
    adjust_mss_option(f"{_PPPOE} ip"),
    source_validation_option(f"{_PPPOE} ip"),
    forwarding_option(f"{_PPPOE} ip"),
    adjust_mss_option(f"{_PPPOE} ipv6"),
    forwarding_option(f"{_PPPOE} ipv6"),
    link_local_option(f"{_PPPOE} ipv6"),
    *autoconf_option(f"{_PPPOE} ipv6", modelled=True),
    *immaterial(f"{_PPPOE} ipv6", "enable", "a word of old releases; autoconf says it now"),
    *immaterial(f"{_PPPOE} ipv6 address", "interface-identifier", "the interface has dynamic addresses anyway"),
    *as_immaterial(
        "one more dynamic address of an interface that has dynamic addresses anyway",
        multi(f"{_PPPOE} address", "Ask for an IPv6 address", one_of("dhcpv6")),
    ),
    *as_immaterial(
        "how the provider is reached and who pays; no packet is sent elsewhere or in another form",
        leaf(f"{_PPPOE} authentication username", "Name of the account", TEXT),
        leaf(f"{_PPPOE} authentication user", "Name of the account, in old releases", TEXT),
        leaf(f"{_PPPOE} authentication password", "Password of the account", SECRET),
        leaf(f"{_PPPOE} access-concentrator", "Name of the provider's end", TEXT),
        leaf(f"{_PPPOE} service-name", "Service to ask for", matching("letters and digits", r"[a-zA-Z0-9]+")),
        leaf(f"{_PPPOE} host-uniq", "Tag that marks our packets (RFC 2516)", _HOST_UNIQ),
        leaf(f"{_PPPOE} idle-timeout", "Hang up after this time without packets", _SECONDS, unit="seconds"),
        leaf(f"{_PPPOE} holdoff", "Wait before dialling again", _SECONDS, "30", "seconds"),
        flag(f"{_PPPOE} connect-on-demand", "Dial when there is something to send"),
        flag(f"{_PPPOE} no-peer-dns", "Do not use the provider's name servers"),
        leaf(f"{_PPPOE} name-server", "Whose name servers to use, in old releases", one_of("auto", "none")),
        leaf(f"{_PPPOE} description", "Free text", DESCRIPTION),
    ),
)
