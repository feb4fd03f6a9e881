"""Random guards: firewall rules that drop what IPsec does not protect, for a tunnel, for a flow, or for too much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from sapper.address import Family, Prefix
from sapper.kernel.plan import Guard, Link
from sapper.lab.judge.drawn.links import carried_by
from sapper.lab.judge.drawn.pool import NETS, Dice

_HOOKS: tuple[Literal["output", "forward", "input", "prerouting"], ...] = (
    "output", "output", "forward", "input", "prerouting",
)  # fmt: skip
_PROTOCOLS = (None, 47, 4, 41, 17)


def guards(dice: Dice, links: Sequence[Link]) -> Iterator[Guard]:
    """None mostly, else up to three; half of them are of one of the tunnels, the way that sapper writes them."""
    if not dice.chance(25):
        return
    carried = [ends for ends in carried_by(links) if ends.remote]
    wires: list[str | None] = [None, *(link.name for link in links if link.kind == "ethernet")]
    for number in range(dice.one((1, 1, 2, 3))):
        hook = dice.one(_HOOKS)
        raw = hook in ("output", "prerouting") and dice.chance(30)
        family, protocol = dice.family(), dice.one(_PROTOCOLS)
        source, destination = _perhaps(dice, family), _perhaps(dice, family)
        if carried and dice.chance(60):
            ends = dice.one(carried)
            far = Prefix.host(ends.remote) if ends.remote else None
            near = Prefix.host(ends.local) if ends.local else None
            family, protocol = far.family if far else family, ends.protocol
            source, destination = (near, far) if hook in ("output", "forward") else (far, near)
        yield Guard(
            name=f"guard {number}",
            hook=hook,
            family=family,
            source=source,
            destination=destination,
            protocol=protocol,
            link=dice.one(wires) if dice.chance(40) else None,
            raw=raw,
        )


def _perhaps(dice: Dice, family: Family) -> Prefix | None:
    return dice.one(NETS[family]) if dice.chance(50) else None
