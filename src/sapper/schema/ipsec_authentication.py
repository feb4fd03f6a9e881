"""``vpn ipsec authentication`` and the options of the IKE daemon as a whole.

A pre-shared key belongs to identities, not to a peer: the daemon takes the key whose identities match.
"""

from __future__ import annotations

from sapper.schema.name_value import INTERFACE
from sapper.schema.option import (
    Option,
    as_immaterial,
    as_unmodelled,
    flag,
    immaterial,
    leaf,
    multi,
    node,
    tag,
    unmodelled,
)
from sapper.schema.value import NAME, SECRET, TEXT, number, one_of

_PSK = "vpn ipsec authentication psk *"
_OPTIONS = "vpn ipsec options"
_SUBSYSTEM = one_of(
    *[
        "dmn",
        "mgr",
        "ike",
        "chd",
        "job",
        "cfg",
        "knl",
        "net",
        "asn",
        "enc",
        "lib",
        "esp",
        "tls",
        "tnc",
        "imc",
        "imv",
        "pts",
        "any",
    ]
)
_ANSWERED_ON = "the IKE daemon speaks on these interfaces only; without an SA the states before it are proved"
_LEASED = "one more identity of a key; which key proves who we are, not which packets are encrypted"

OPTIONS: tuple[Option, ...] = (
    tag("vpn ipsec authentication psk", "Pre-shared key", NAME),
    multi(f"{_PSK} id", "Identity that the key belongs to", TEXT),
    leaf(f"{_PSK} secret", "The key itself", SECRET),
    *as_immaterial(
        _LEASED, multi(f"{_PSK} dhcp-interface", "Interface whose leased address is an identity", INTERFACE)
    ),
    flag(f"{_OPTIONS} disable-route-autoinstall", "Do not install a route for each tunnel"),
    *as_immaterial(
        "a vendor's extension of the negotiation", flag(f"{_OPTIONS} flexvpn", "Speak with a vendor's FlexVPN")
    ),
    *as_unmodelled(
        "an address is known only at run time",
        leaf(f"{_OPTIONS} interface", "Interface that gets the virtual address", INTERFACE),
        flag(f"{_OPTIONS} virtual-ip", "Ask the peer for a virtual address"),
    ),
    *as_immaterial(_ANSWERED_ON, multi("vpn ipsec interface", "Interface that the IKE daemon talks on", INTERFACE)),
    *as_immaterial(
        "accepted by VyOS and rendered to nothing",
        flag("vpn ipsec disable-uniqreqids", "Let a peer have several connections"),
    ),
    *as_immaterial(
        "what is logged",
        node("vpn ipsec log", "Logging", whole=True),
        leaf("vpn ipsec log level", "How much is logged", number(0, 2), "0"),
        multi("vpn ipsec log subsystem", "Whose doings are logged", _SUBSYSTEM),
    ),
    *immaterial("vpn ipsec", "logging", "what is logged"),
    *immaterial("vpn ipsec", "auto-update nat-networks nat-traversal", "removed from VyOS; has no effect"),
    *unmodelled("vpn ipsec", "remote-access", "its clients are known only at run time"),
    *unmodelled("vpn ipsec", "include-ipsec-conf include-ipsec-secrets", "another file with connections"),
)
