"""What destination NAT may do to a question beside what the walk follows (:mod:`sapper.proof.facts.destination_nat`).

Answers: postrouting gives an answer of a translated connection the address that the first packet was sent to, and XFRM
is asked again with it (nf_xfrm_me_harder): out of its policy, in clear. Strangers: whoever is translated to the end of a
tunnel is decapsulated, because the inbound check undoes NAT (nf_nat_decode_session); whoever is translated away from it
is not. Newcomers: packets for elsewhere that are translated into a protected network are asked about by nobody. Losses:
flows of a selector that are translated are not the connection's any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sapper.address import Address, Prefix
from sapper.kernel.effect import ADDS_WAYS, DROPS
from sapper.kernel.ends import ends_of
from sapper.kernel.links import record_of
from sapper.kernel.plan import Child, Connection, Link, Plan, Selector
from sapper.proof.facts.by_prefix import ByPrefix
from sapper.proof.facts.destination_nat import Aim, aims_of, is_for_ipv6
from sapper.proof.facts.over_udp import UDP_KINDS
from sapper.proof.facts.trust import WIRED, Trust, trust_of
from sapper.proof.states.effective import local_selectors, remote_selectors
from sapper.proof.verdict import Property

_UDP = 17
_Outer = tuple[Address | None, tuple[Address, ...], int]


def of_translation(plan: Plan, asked: Property) -> Iterator[str]:
    """``nat destination rule N: EFFECT`` for each rule that could matter to that property."""
    aims = [aim for aim in aims_of(plan) if aim.outcome != "stays"]
    trust = trust_of(plan) if aims else Trust(frozenset(), frozenset(), frozenset())
    if asked == "authenticity":
        yield from _of_strangers(plan, aims, trust)
    else:
        children = [pair for pair in _plain(plan) if pair[1].mode != "pass"] if aims else []
        inner = trust.wired - trust.underlays
        held = _protected(plan) if aims and asked == "no-bypass" else ByPrefix[None](())
        for aim in aims:
            if (
                any(_is_answered(aim, connection, child) for connection, child in children)
                or (asked == "no-bypass" and _comes_in_by(aim, inner) and _is_in(aim, held))
                or (asked == "liveness" and any(_takes_from(plan, aim, *pair) for pair in children))
            ):
                yield f"nat destination rule {aim.number}: {ADDS_WAYS}"
    for rule in plan.destination_nat:
        if rule.action != "accept" and is_for_ipv6(rule):
            yield f"nat destination rule {rule.number}: {ADDS_WAYS}"


def _plain(plan: Plan) -> Iterator[tuple[Connection, Child]]:
    """The children whose policies any packet can meet."""
    for connection in plan.connections:
        yield from ((connection, child) for child in connection.children if child.if_id is None)


def _is_answered(aim: Aim, connection: Connection, child: Child) -> bool:
    """Whether the child's policy may take an answer of a connection that the rule translated; unknown selectors do."""
    ours, theirs = local_selectors(connection, child), remote_selectors(connection, child)
    near = not ours or any(
        _carries(aim, one) and (aim.outcome != "sent" or aim.to is None or aim.to in one.prefix) for one in ours
    )
    return near and (not theirs or any(_carries(aim, one) and _meets(aim, "source", one.prefix) for one in theirs))


def _carries(aim: Aim, selector: Selector) -> bool:
    return selector.protocol is None or bool(aim.protocols >> selector.protocol & 1)


def _meets(aim: Aim, side: str, prefix: Prefix) -> bool:
    """Whether the rule may match a packet whose source or destination is in the prefix."""
    if prefix.family == 6:
        return False
    asked = aim.source if side == "source" else aim.destination
    if asked is None:
        return True
    return not asked.covers(prefix) if side in aim.negated else asked.overlaps(prefix)


def _comes_in_by(aim: Aim, inner: frozenset[str]) -> bool:
    """Whether packets from the networks behind the router can meet the rule; where none shows, by any interface."""
    return not inner or not aim.asks_where or any(aim.named(name) for name in inner)


def _protected(plan: Plan) -> ByPrefix[None]:
    """What tunnels, VTIs and selectors protect, and perhaps more."""
    inside = [item.prefix for link in plan.links if link.kind not in WIRED for item in link.addresses]
    beyond = ByPrefix((prefix, None) for prefix in inside)
    wired = {link.name for link in plan.links if link.kind in WIRED}
    routed = [
        route.prefix
        for route in plan.routes
        if route.kind == "unicast"
        and route.prefix.length
        and (
            (route.link is not None and route.link not in wired)
            or (route.via is not None and any(True for _ in beyond.holding(route.via)))
        )
    ]
    selected = [one.prefix for connection, child in _plain(plan) for one in remote_selectors(connection, child)]
    return ByPrefix((prefix, None) for prefix in (*inside, *routed, *selected, *plan.stated.protect))


def _is_in(aim: Aim, held: ByPrefix[None]) -> bool:
    if aim.outcome == "sent" and aim.to is not None:
        return any(True for _ in held.holding(aim.to))
    return aim.outcome == "unknown"


def _takes_from(plan: Plan, aim: Aim, connection: Connection, child: Child) -> bool:
    """Whether the rule may match packets that the child's selectors are for and that the router forwards."""
    near = [
        one
        for one in local_selectors(connection, child)
        if _meets(aim, "source", one.prefix) and _carries(aim, one)
    ]
    there = [one for one in remote_selectors(connection, child) if _meets(aim, "destination", one.prefix)]
    return any(_may_come_in(plan, aim, one.prefix) for one in near) and any(_carries(aim, one) for one in there)


def _may_come_in(plan: Plan, aim: Aim, prefix: Prefix) -> bool:
    own = {item.address for link in plan.links for item in link.addresses}
    if prefix.length == 32 and prefix.family == 4 and Address(4, prefix.first) in own:
        return False
    homes = [
        link.name
        for link in plan.links
        if link.kind in WIRED and any(item.prefix.covers(prefix) for item in link.addresses)
    ]
    return not homes or not aim.asks_where or any(aim.named(name) for name in homes)


def _of_strangers(plan: Plan, aims: list[Aim], trust: Trust) -> Iterator[str]:
    outer = [one for link in plan.links for one in _outer_of(link)] if aims else []
    own = {item.address for link in plan.links for item in link.addresses}
    own |= {near for near, _, _ in outer if near is not None}
    for aim in aims:
        if not any(aim.named(name) for name in trust.attacked):
            continue
        met = [one for one in outer if aim.protocols & one[2] and _is_from(aim, one[1])]
        if met and (aim.outcome != "sent" or aim.to in own):
            yield f"nat destination rule {aim.number}: {ADDS_WAYS}"
        if any(near is None or _meets(aim, "destination", Prefix.host(near)) for near, _, _ in met):
            yield f"nat destination rule {aim.number}: {DROPS}"


def _outer_of(link: Link) -> Iterator[_Outer]:
    """The outer packets that a device takes: its own address, who may send them (nobody named: anybody), protocols."""
    ends = ends_of(link)
    if ends is None or link.wireguard is not None:
        return
    if link.kind in UDP_KINDS:
        yield None, (), 1 << _UDP | 1 << 115
        return
    record = record_of(link)
    numbers = {link.encapsulating.protocol} if link.encapsulating is not None else set()
    numbers |= {number for family in (4, 6) if record and (number := record.outer_protocol(family)) is not None}
    if all(far.family == 4 for far in ends.remotes):
        local = None if ends.local is None or ends.local.is_unspecified else ends.local
        yield local, ends.remotes, sum(1 << number for number in numbers)


def _is_from(aim: Aim, remotes: Iterable[Address]) -> bool:
    every = tuple(remotes)
    return not every or any(_meets(aim, "source", Prefix.host(far)) for far in every)
