"""Every protocol by the words of the stack language. A new one is one file and one line here.

A protocol's file is imported when its word is first used, so that one stack on the command line costs a few files and
not the whole catalogue.
"""

from __future__ import annotations

from importlib import import_module

from sapper.mtu.misread import nearest
from sapper.mtu.protocol import Protocol

FILES: dict[str, str] = {
    "ethernet": "ethernet",
    "vlan": "vlan",
    "qinq": "qinq",
    "macsec": "macsec",
    "pppoe": "pppoe",
    "ppp": "ppp",
    "mpls": "mpls",
    "ipv4": "ipv4",
    "ipv6": "ipv6",
    "udp": "udp",
    "tcp": "tcp",
    "ipip": "ipip",
    "sit": "sit",
    "6rd": "sixrd",
    "ip6ip6": "ip6ip6",
    "ipip6": "ipip6",
    "gre": "gre",
    "gretap": "gretap",
    "erspan": "erspan",
    "nvgre": "nvgre",
    "vxlan": "vxlan",
    "vxlan-gpe": "vxlan_gpe",
    "geneve": "geneve",
    "stt": "stt",
    "lisp": "lisp",
    "l2tpv3": "l2tpv3",
    "l2tpv2": "l2tpv2",
    "wireguard": "wireguard",
    "openvpn": "openvpn",
    "fou": "fou",
    "gue": "gue",
    "ip-in-udp": "ip_in_udp",
    "ah": "ah",
    "esp": "esp",
    "ipcomp": "ipcomp",
}

ALIASES: dict[str, str] = {
    "802.1q": "vlan",
    "dot1q": "vlan",
    "802.1ad": "qinq",
    "eth": "ethernet",
    "ip": "ipv4",
    "ip4": "ipv4",
    "ip6": "ipv6",
    "6in4": "sit",
    "sixrd": "6rd",
    "4in6": "ipip6",
    "6in6": "ip6ip6",
    "vxlangpe": "vxlan-gpe",
    "l2tp": "l2tpv2",
    "wg": "wireguard",
    "ipinudp": "ip-in-udp",
}


def find(word: str) -> Protocol | None:
    """The protocol of that word, in lower case; None if there is none."""
    word = ALIASES.get(word, word)
    if word not in FILES:
        return None
    protocol: Protocol = import_module(f"sapper.mtu.protocols.{FILES[word]}").PROTOCOL
    return protocol


def catalogue() -> list[Protocol]:
    """Every protocol, in the register's order."""
    return [protocol for word in FILES if (protocol := find(word))]


def unknown(word: str) -> str:
    """One line about a word that no protocol has."""
    if not word:
        return "a layer is missing here"
    hint = nearest(word, [*FILES, *ALIASES]) or f"; known are {', '.join(FILES)}"
    return f"no layer is called {word!r}{hint}"


def known(text: str) -> bool:
    """True if the first word of ``text`` is a layer's: then it is meant as a stack."""
    word = text.partition("/")[0].partition(":")[0].strip().lower()
    return word in FILES or word in ALIASES
