"""``protocols nhrp``: how a multipoint tunnel finds its far ends.

A tunnel with maps is a spoke, one without is a hub. The fixed maps are modelled; what is learnt at run time is not.
"""

from __future__ import annotations

from sapper.schema.address_value import IPV4_PREFIX
from sapper.schema.option import Option, as_immaterial, as_unmodelled, flag, immaterial, leaf, tag, unmodelled
from sapper.schema.value import NAME, TEXT, matching, number, one_of, secret

_NHRP = "protocols nhrp tunnel *"
_SECONDS = number(1, 4294967295)
_LEARNT = "ways are found at run time"
_PASSWORD = secret(matching("1-8 characters without spaces", r"\S{1,8}"))

OPTIONS: tuple[Option, ...] = (
    tag("protocols nhrp tunnel", "Multipoint tunnel", matching("a tunnel interface (tun0 …)", r"tun[0-9]+")),
    tag(f"{_NHRP} map", "Tunnel address of a far end that is known", TEXT),
    leaf(f"{_NHRP} map * nbma-address", "Its outer address or name", NAME),
    tag(f"{_NHRP} dynamic-map", "Network of far ends that a name stands for", IPV4_PREFIX),
    leaf(f"{_NHRP} dynamic-map * nbma-domain-name", "The name", NAME),
    *as_immaterial(
        "how the far ends talk to each other, in clear as ever; which packets are encrypted is the profile's business",
        flag(f"{_NHRP} map * cisco", "The far end is a vendor's"),
        flag(f"{_NHRP} map * register", "Register there when starting"),
        leaf(f"{_NHRP} cisco-authentication", "Password in the registration", _PASSWORD),
        leaf(f"{_NHRP} holding-time", "How long a registration holds", _SECONDS, unit="seconds"),
        leaf(f"{_NHRP} multicast", "Who gets multicast packets", one_of("dynamic", "nhs")),
        flag(f"{_NHRP} non-caching", "Remember only what is registered"),
    ),
    *as_unmodelled(
        _LEARNT,
        flag(f"{_NHRP} redirect", "Tell a sender of a shorter way"),
        flag(f"{_NHRP} shortcut", "Take a shorter way when told"),
        flag(f"{_NHRP} shortcut-destination", "Answer for the networks of this interface"),
        tag(f"{_NHRP} shortcut-target", "Network that this end is the way to", TEXT),
        leaf(f"{_NHRP} shortcut-target * holding-time", "How long that holds", _SECONDS, unit="seconds"),
    ),
    *immaterial(_NHRP, "network-id mtu holdtime registration-no-unique", "how far ends talk to each other"),
    *immaterial(_NHRP, "authentication", "a password in the registration"),
    *unmodelled(_NHRP, "nhs", _LEARNT),
)
