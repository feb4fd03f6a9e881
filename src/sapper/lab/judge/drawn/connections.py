"""Random IPsec connections, some of which meet what the tunnels send, and VTIs on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from sapper.address import Address, Attached, Family, Prefix
from sapper.kernel.plan import Child, Connection, Link, Selector
from sapper.lab.judge.drawn.links import carried_by
from sapper.lab.judge.drawn.pool import FAR, NETS, OWN, SOME_PORT, Dice

Action = Literal["none", "trap", "start"]
Mode = Literal["tunnel", "transport", "pass"]
_ACTIONS: tuple[Action, ...] = ("none", "trap", "trap", "start")
_DPD: tuple[Literal["clear", "trap", "restart"] | None, ...] = (None, "clear", "trap", "restart")
_PROTOCOLS = (None, None, None, 47, 4, 41, 17, 6, 1)
_WITH_PORTS = frozenset({6, 17})


def connection(dice: Dice, number: int, links: Sequence[Link]) -> Connection:
    """One connection ``peerNUMBER`` with one or two children."""
    family = dice.family()
    near: Address | None = dice.one(OWN[family][:6]) if dice.chance(93) else None
    far: Address | None = dice.one(FAR[family]) if dice.chance(90) else None
    carried = carried_by(links)
    if carried and dice.chance(50):
        ends = dice.one(carried)
        near, far = ends.local or near, ends.remote
        if near is not None and far is not None and near.family != far.family:
            near = dice.one(OWN[far.family][:6])
    start = dice.one(_ACTIONS)
    children = [_child(dice, f"c{number}-{at}", near, far, start, links) for at in range(dice.one((1, 1, 2)))]
    return Connection(
        name=f"peer{number}",
        title=f"peer{number}",
        version=2,
        local_addrs=(near,) if near else (),
        remote_addrs=(far,) if far else (),
        proposals=(),
        children=tuple(children),
        dpd_delay_s=dice.one((None, 30)),
    )


def _child(
    dice: Dice, name: str, near: Address | None, far: Address | None, start: Action, links: Sequence[Link]
) -> Child:
    mode: Mode = dice.one(("tunnel", "tunnel", "tunnel", "transport", "transport", "pass"))
    protocol = dice.one(_PROTOCOLS)
    carried = [ends for ends in carried_by(links) if ends.local]
    wanted = [ends.protocol for ends in carried if (ends.local, ends.remote) == (near, far)]
    local: tuple[Selector, ...] = ()
    remote: tuple[Selector, ...] = ()
    if mode == "transport" and near and far:
        protocol = dice.one((*wanted, *wanted, protocol))
        local, remote = (_host(near, protocol),), (_host(far, protocol),)
    elif mode != "pass" and carried and dice.chance(55):
        mode, ends = "tunnel", dice.one(carried)
        protocol = ends.protocol if dice.chance(50) else None
        if ends.local and ends.remote:
            local, remote = (_host(ends.local, protocol),), (_host(ends.remote, protocol),)
    else:
        mode, family = "tunnel" if mode == "transport" else mode, dice.family()
        local = selectors(dice, family, protocol, OWN[family])
        remote = selectors(dice, family, protocol, FAR[family])
    if mode == "pass":
        local, start = remote, "trap"
    return Child(
        name=name,
        title=name,
        mode=mode,
        local_ts=local,
        remote_ts=remote,
        esp_proposals=(),
        start_action=start,
        close_action=dice.one(_ACTIONS),
        dpd_action=dice.one(_DPD),
        priority=dice.one((None, None, None, None, 7)) if mode == "tunnel" else None,
    )


def selectors(dice: Dice, family: Family, protocol: int | None, hosts: Sequence[Address]) -> tuple[Selector, ...]:
    """One or two prefixes, sometimes hosts, sometimes with a port."""
    port = SOME_PORT if protocol in _WITH_PORTS and dice.chance(50) else None
    pool = [*NETS[family], *map(Prefix.host, hosts)]
    return tuple(Selector(prefix, protocol, port) for prefix in dice.sample(pool, dice.one((1, 1, 2))))


def _host(address: Address, protocol: int | None) -> Selector:
    return Selector(Prefix.host(address), protocol)


def bound_to_vti(dice: Dice, of: Connection, number: int) -> tuple[Connection, Link]:
    """The connection with its first child bound to an xfrm interface, mostly for everything; and that interface."""
    first, *rest = of.children
    bound = msgspec.structs.replace(first, if_id=number, updown=f"vti{number}", priority=None)
    if dice.chance(65):
        everything = tuple(Selector(Prefix.everything(family)) for family in (4, 6))
        bound = msgspec.structs.replace(bound, mode="tunnel", local_ts=everything, remote_ts=everything)
    link = Link(
        name=f"vti{number}",
        kind="xfrm",
        up=False,
        addresses=(Attached.parse(f"10.0.{8 + number}.1/29"), Attached.parse(f"2001:db8:f:{8 + number}::1/64")),
        if_id=dice.one((number, number, number, 10 + number)),
        raised_by=bound.name,
    )
    return msgspec.structs.replace(of, children=(bound, *rest)), link


def widened(of: Connection) -> Connection:
    """Selectors that hold those of other connections, so that priorities decide."""
    first, *rest = of.children
    if first.mode == "pass" or first.if_id is not None:
        return of
    wide = (Selector(Prefix.parse("10.0.0.0/8")), Selector(Prefix.parse("192.0.2.0/24")))
    everywhere = (Selector(Prefix.everything(4)),)
    first = msgspec.structs.replace(first, mode="tunnel", local_ts=wide, remote_ts=everywhere)
    return msgspec.structs.replace(of, children=(first, *rest))
