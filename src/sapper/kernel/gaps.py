"""Which parts of a configuration the Plan does not carry, and how each could change a verdict.

Every path that sapper keeps but does not understand is judged here, once; what the Router knows and the Plan has no
field for comes from :mod:`sapper.kernel.uncarried`. ``ADDS_WAYS`` may let a packet leave on a
way that the Plan does not show, so nothing that depends on routing can be ``proved`` beside it. ``DROPS`` can only
stop packets, so a proof stands, but a leak that was found may be stopped by it. Everything in ``HARMLESS`` moves no
packet of a tunnel. Both hold single options of the schema, never whole sections: what a later release adds below
``system`` or ``service`` is in neither. A path in no list counts as ``ADDS_WAYS``: ignorance never proves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sapper.kernel.effect import ADDS_WAYS, DROPS
from sapper.kernel.uncarried import uncarried
from sapper.model.router import Router

__all__ = ["ADDS_WAYS", "DROPPING", "DROPS", "HARMLESS", "effect_of", "gaps_of"]

DROPPING = {
    "firewall": "its rules stop packets; what its options make of routes is carried as kernel settings",
    "zone-policy": "the firewall of old releases",
    "system ipv6 disable": "the router then has no IPv6 address and sends no IPv6 packet",
}
"""Options that can only stop packets, each with the reason."""

HARMLESS = {
    "interfaces input": "only queues packets that another interface was told to redirect, and that is named itself",
    "protocols bfd": "acts only through the routes and protocols that ask for it, and those are named themselves",
}
"""Options that the schema calls unmodelled and that move no packet of a tunnel, each with the reason."""


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
    if _below(path, HARMLESS):
        return None
    return DROPS if _below(path, DROPPING) else ADDS_WAYS


def _below(path: str, stems: Iterable[str]) -> bool:
    return any(path == stem or path.startswith(stem + " ") for stem in stems)
