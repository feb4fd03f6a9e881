"""A random case from a seed: a router, the situations that it gets into, the packets sent in each. Always the same."""

from __future__ import annotations

import msgspec

from sapper.kernel.complete import complete
from sapper.kernel.plan import Connection, Link, Plan
from sapper.lab.judge.case import Case
from sapper.lab.judge.drawn.connections import bound_to_vti, connection, widened
from sapper.lab.judge.drawn.guards import guards
from sapper.lab.judge.drawn.kernel_settings import sysctls
from sapper.lab.judge.drawn.links import carried_by, tunnels, wired
from sapper.lab.judge.drawn.pool import Dice
from sapper.lab.judge.drawn.probes import probes
from sapper.lab.judge.drawn.routing import routes, translation
from sapper.lab.judge.drawn.settings import settings
from sapper.lab.judge.drawn.steering import steered

SETTINGS = 3


def generate(seed: int) -> Case:
    """The case of that seed."""
    dice = Dice(seed)
    plan = _plan(dice)
    # Dice of their own: an ingredient that comes later does not change what the others are.
    plan = msgspec.structs.replace(plan, guards=tuple(guards(Dice(f"{seed} guards"), plan.links)))
    # A route of another family may come with it, and that wants a default route.
    plan = complete(steered(Dice(f"{seed} steering"), plan))
    plan = msgspec.structs.replace(plan, sysctls=tuple(sysctls(Dice(f"{seed} sysctls"), plan)))
    return Case(
        plan=plan,
        settings=tuple(settings(dice, plan, SETTINGS)),
        probes=tuple(probes(dice, plan)),
        seed=seed,
    )


def _of_two_families(of: Connection) -> bool:
    """charon's route for a policy whose packets are of another family than its peer is not the judge's to know."""
    ends = {address.family for address in (*of.local_addrs, *of.remote_addrs)}
    inside = {selector.prefix.family for child in of.children for selector in (*child.local_ts, *child.remote_ts)}
    return not inside <= (ends or {4})


def _plan(dice: Dice) -> Plan:
    links: list[Link] = list(wired(dice))
    links += tunnels(dice, tuple(links))
    made: list[Connection] = [connection(dice, number, links) for number in range(dice.one((0, 1, 1, 1, 2, 2)))]
    if len(made) > 1 and dice.chance(40):
        made[1] = widened(made[1])
    for number, of in enumerate(made, 1):
        if of.children[0].mode != "pass" and dice.chance(30):
            made[number - 1], link = bound_to_vti(dice, of, number)
            links.append(link)
    far_ends = [ends.remote for ends in carried_by(links) if ends.remote]
    names = [link.name for link in links if link.kind not in ("dummy", "loopback")]
    whole = complete(
        Plan(
            name="east",
            links=tuple(links),
            routes=tuple(routes(dice, names, far_ends)),
            connections=tuple(made),
            source_nat=translation(dice) if dice.chance(30) else (),
            install_routes=dice.chance(85) and not any(map(_of_two_families, made)),
        )
    )
    return msgspec.structs.replace(whole, links=tuple(map(_without_doubt, whole.links)))


def _without_doubt(link: Link) -> Link:
    """Raised, if it got an IPv6 address although it was down: whether that is in force nobody knows (with ARP)."""
    doubtful = link.kind == "ethernet" and any(item.address.family == 6 for item in link.addresses)
    return msgspec.structs.replace(link, up=link.up or doubtful)
