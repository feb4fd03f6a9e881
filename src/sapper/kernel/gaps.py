"""Which parts of a configuration the Plan does not carry, and how each could change a verdict.

Every path that sapper keeps but does not understand is judged here, once; what the Router knows and the Plan has no
field for comes from :mod:`sapper.kernel.uncarried`. ``ADDS_WAYS`` may let a packet leave on a
way that the Plan does not show, so nothing that depends on routing can be ``proved`` beside it. ``DROPS`` can only
stop packets, so a proof stands, but a leak that was found may be stopped by it. Everything in ``HARMLESS`` moves no
packet of a tunnel. A path in no list counts as ``ADDS_WAYS``: ignorance never proves.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.effect import ADDS_WAYS, DROPS
from sapper.kernel.uncarried import uncarried
from sapper.model.router import Router

__all__ = ["ADDS_WAYS", "DROPS", "effect_of", "gaps_of"]

_DROPPING = ("firewall", "zone-policy")
_HARMLESS = (
    "system", "service", "cluster", "container", "load-balancing haproxy", "pki", "qos", "traffic-policy",
    "policy prefix-list", "policy prefix-list6", "policy route-map", "policy as-path-list", "policy community-list",
    "policy large-community-list", "policy access-list", "policy access-list6", "policy extcommunity-list",
    "interfaces openvpn", "interfaces wireless", "interfaces input", "vpn rsa-keys", "protocols rpki",
    "vpn sstp", "vpn l2tp", "vpn pptp", "vpn openconnect", "vpn ipsec remote-access", "high-availability",
    "vpn ipsec log", "vpn ipsec logging", "vpn ipsec interface", "protocols bfd",
)  # fmt: skip
# Each of these is harmless to a proof about another interface: they bring links of their own, and routes to those
# links would be configured (and compiled) by name, which makes the link an assumed, untrusted one.


def gaps_of(router: Router) -> Iterator[str]:
    """``PATH: EFFECT`` for every path of the router that the Plan does not carry and that could matter."""
    for path in router.unmodelled:
        effect = effect_of(path)
        if effect is not None:
            yield f"{path}: {effect}"
    for path, effect in uncarried(router):
        yield f"{path}: {effect}"


def effect_of(path: str) -> str | None:
    """What that unmodelled path may do to a verdict: ``ADDS_WAYS``, ``DROPS``, or None for nothing."""
    if _below(path, _HARMLESS):
        return None
    return DROPS if _below(path, _DROPPING) else ADDS_WAYS


def _below(path: str, stems: tuple[str, ...]) -> bool:
    return any(path == stem or path.startswith(stem + " ") for stem in stems)
