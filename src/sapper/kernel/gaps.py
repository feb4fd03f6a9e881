"""Which unmodelled parts of a configuration could change a verdict, and how.

Every path that sapper keeps but does not understand is judged here, once. ``ADDS_WAYS`` may let a packet leave on a
way that the Plan does not show, so nothing that depends on routing can be ``proved`` beside it. ``DROPS`` can only
stop packets, so a proof stands, but a leak that was found may be stopped by it. Everything in ``HARMLESS`` moves no
packet of a tunnel. A path in no list counts as ``ADDS_WAYS``: ignorance never proves.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.router import Router

ADDS_WAYS = "may add ways"
DROPS = "may drop"

_DROPPING = ("firewall", "zone-policy")
_HARMLESS = (
    "system", "service", "cluster", "container", "load-balancing haproxy", "pki", "qos", "traffic-policy",
    "policy prefix-list", "policy prefix-list6", "policy route-map", "policy as-path-list", "policy community-list",
    "policy large-community-list", "policy access-list", "policy access-list6", "policy extcommunity-list",
    "interfaces openvpn", "interfaces wireless", "interfaces input", "vpn rsa-keys", "protocols rpki",
    "interfaces wireguard", "interfaces vxlan", "interfaces l2tpv3", "interfaces geneve",
    "vpn sstp", "vpn l2tp", "vpn pptp", "vpn openconnect", "vpn ipsec remote-access", "high-availability",
    "vpn ipsec log", "vpn ipsec logging", "vpn ipsec interface", "protocols bfd",
)  # fmt: skip
# Each of these is harmless to a proof about another interface: they bring links of their own, and routes to those
# links would be configured (and compiled) by name, which makes the link an assumed, untrusted one.


def gaps_of(router: Router) -> Iterator[str]:
    """``PATH: EFFECT`` for every unmodelled path of the router that could matter."""
    for path in router.unmodelled:
        effect = effect_of(path)
        if effect is not None:
            yield f"{path}: {effect}"


def effect_of(path: str) -> str | None:
    """What that unmodelled path may do to a verdict: ``ADDS_WAYS``, ``DROPS``, or None for nothing."""
    if _below(path, _HARMLESS):
        return None
    return DROPS if _below(path, _DROPPING) else ADDS_WAYS


def _below(path: str, stems: tuple[str, ...]) -> bool:
    return any(path == stem or path.startswith(stem + " ") for stem in stems)
