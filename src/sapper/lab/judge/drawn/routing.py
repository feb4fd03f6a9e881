"""Random static routes that overlap, blackholes among them, and source NAT with and without exclusions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from sapper.address import Address, Family, Prefix
from sapper.kernel.plan import Route, SourceNatRule
from sapper.lab.judge.drawn.pool import CONNECTED_V6, GATEWAYS, NETS, Dice

_KINDS: tuple[Literal["unicast", "blackhole", "unreachable"], ...] = (
    "unicast", "unicast", "unicast", "unicast", "blackhole", "unreachable",
)  # fmt: skip
_TO = tuple(map(Address.parse, ("192.0.2.10", "10.10.0.1")))


def routes(dice: Dice, names: Sequence[str], far_ends: Sequence[Address]) -> Iterator[Route]:
    """Up to five and mostly a default route; of one network and metric either all are unicast or there is one.

    Sometimes a far end has a blackhole of its own, as the articles advise.
    """
    taken: dict[tuple[Prefix, int], str] = {}
    drawn = [route(dice, names) for _ in range(dice.randrange(6))]
    drawn += [
        Route(prefix=Prefix.host(far), kind="blackhole", metric=_metric(far.family, 254))
        for far in far_ends
        if dice.chance(20)
    ]
    for family in (4, 6):
        # A gateway behind a default route to an interface: what that means depends on which of them came first.
        if dice.chance(85) and not any(_to_an_interface(one, family) for one in drawn):
            gateway = GATEWAYS[family][0] if dice.chance(85) else dice.one(GATEWAYS[family])
            drawn.append(Route(prefix=Prefix.everything(family), via=gateway, metric=_metric(family, 1)))
    for one in dict.fromkeys(drawn):
        kind = taken.setdefault((one.prefix, one.metric), one.kind)
        if kind == one.kind:
            yield one


def _to_an_interface(route: Route, family: Family) -> bool:
    return route.link is not None and route.prefix == Prefix.everything(family)


def route(dice: Dice, names: Sequence[str]) -> Route:
    """One static route of the main table: by an interface, by a gateway, or one that drops."""
    family, kind = dice.family(), dice.one(_KINDS)
    prefix, metric = dice.one(NETS[family]), _metric(family, dice.one((1, 1, 5, 254)))
    if kind != "unicast":
        return Route(prefix=prefix, kind=kind, metric=metric)
    if dice.chance(60):
        return Route(prefix=prefix, link=dice.one(names), metric=metric)
    return Route(prefix=prefix, via=dice.one(GATEWAYS[family]), metric=metric)


def _metric(family: Family, distance: int) -> int:
    return distance if family == 4 else distance + CONNECTED_V6


def translation(dice: Dice) -> tuple[SourceNatRule, ...]:
    """A masquerade or a fixed source, sometimes behind an exclusion."""
    out = dice.one(("eth0", "eth0", "eth1", "tun1", "eth*", None))
    rule = SourceNatRule(number=100, action="masquerade", out_link=out)
    if dice.chance(25):
        rule = SourceNatRule(
            number=100,
            action="snat",
            out_link=out,
            to=dice.one(_TO),
            source=Prefix.parse("10.0.0.0/8"),
            negated=frozenset({"source"}) if dice.chance(30) else frozenset(),
        )
    if dice.chance(50):
        away = SourceNatRule(
            number=10,
            action="accept",
            out_link=out,
            destination=dice.one(NETS[4]),
            protocol=47 if dice.chance(20) else None,
        )
        return away, rule
    return (rule,)
