"""``vpn ipsec authentication`` and the options of the IKE daemon as a whole.

A pre-shared key belongs to identities, not to a peer: the daemon takes the key whose identities match.
"""

from __future__ import annotations

from sapper.schema.option import Option, flag, immaterial, leaf, multi, tag, unmodelled
from sapper.schema.value import INTERFACE, NAME, SECRET

_PSK = "vpn ipsec authentication psk *"

OPTIONS: tuple[Option, ...] = (
    tag("vpn ipsec authentication psk", "Pre-shared key", NAME),
    multi(f"{_PSK} id", "Identity that the key belongs to", NAME),
    leaf(f"{_PSK} secret", "The key itself", SECRET),
    multi(f"{_PSK} dhcp-interface", "Interface whose leased address is an identity", INTERFACE),
    flag("vpn ipsec options disable-route-autoinstall", "Do not install a route for each tunnel"),
    multi("vpn ipsec interface", "Interface that the IKE daemon talks on", INTERFACE),
    *immaterial("vpn ipsec options", "flexvpn", "a vendor's extension of the negotiation"),
    *unmodelled("vpn ipsec options", "interface virtual-ip", "an address is known only at run time"),
    *immaterial("vpn ipsec", "disable-uniqreqids", "accepted by VyOS and rendered to nothing"),
    *immaterial("vpn ipsec", "log logging", "what is logged"),
    *immaterial("vpn ipsec", "auto-update nat-networks nat-traversal", "removed from VyOS; has no effect"),
    *unmodelled("vpn ipsec", "profile", "multipoint VPN: its ends are known only at run time"),
    *unmodelled("vpn ipsec", "remote-access", "its clients are known only at run time"),
    *unmodelled("vpn ipsec", "include-ipsec-conf include-ipsec-secrets", "another file with connections"),
)
