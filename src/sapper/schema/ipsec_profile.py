"""``vpn ipsec profile``: protection of multipoint GRE tunnels (DMVPN) whose far ends are found at run time."""

from __future__ import annotations

from sapper.schema.option import Option, flag, leaf, multi, tag
from sapper.schema.value import NAME, SECRET, matching, one_of

_PROFILE = "vpn ipsec profile *"

OPTIONS: tuple[Option, ...] = (
    tag(
        "vpn ipsec profile",
        "Profile",
        matching("a profile name: a letter, then letters, digits, - and _", r"[a-zA-Z][0-9a-zA-Z_-]+"),
    ),
    flag(f"{_PROFILE} disable", "Leave this profile out"),
    leaf(f"{_PROFILE} authentication mode", "How the ends prove who they are", one_of("pre-shared-secret")),
    leaf(f"{_PROFILE} authentication pre-shared-secret", "Key that all ends share", SECRET),
    multi(f"{_PROFILE} bind tunnel", "Multipoint tunnel that is protected", NAME),
    leaf(f"{_PROFILE} esp-group", "ESP group", NAME),
    leaf(f"{_PROFILE} ike-group", "IKE group", NAME),
)
