"""Random devices: one or two WANs, a LAN, dummies, loopback, a VLAN, and tunnels of every kind between any two ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from sapper.address import Address, Attached, Family
from sapper.kernel.plan import Encapsulating, ErspanHeader, GeneveHeader, Link, LinkKind, VxlanHeader
from sapper.lab.judge.drawn.pool import FAR, OWN, Dice
from sapper.proof.facts.over_udp import UDP, outer_of

_GRE, _IPIP, _IPV6 = 47, 4, 41
_KINDS: tuple[tuple[LinkKind, Family, int], ...] = (
    ("gre", 4, _GRE),
    ("gretap", 4, _GRE),
    ("erspan", 4, _GRE),
    ("ipip", 4, _IPIP),
    ("sit", 4, _IPV6),
    ("ip6tnl", 6, _IPIP),
    ("ip6tnl", 6, _IPV6),
    ("ip6gre", 6, _GRE),
    ("ip6gretap", 6, _GRE),
    ("ip6erspan", 6, _GRE),
)
_WEIGHTED: tuple[tuple[LinkKind, Family, int], ...] = (
    *_KINDS,
    _KINDS[0],
    _KINDS[0],
    _KINDS[0],
    _KINDS[3],
    _KINDS[3],
    _KINDS[4],
    _KINDS[4],
)
_WITHOUT_ARP = frozenset({"gre", "ipip", "sit", "ip6tnl", "ip6gre"})
# Kinds that share one list of ends in the kernel, where a second one of the same ends is refused.
_SHARED = {"ip6gretap": "ip6gre", "ip6erspan": "ip6gre"}


def wired(dice: Dice) -> Iterator[Link]:
    """Everything that is no tunnel."""
    yield Link(name="lo", kind="loopback", addresses=_attached("10.99.0.1/32", "2001:db8:e::1/128"))
    wan = _attached("192.0.2.10/24", "2001:db8:1::10/64")
    if dice.chance(20):
        wan += _attached("192.0.2.11/24")
    yield Link(name="eth0", kind="ethernet", addresses=wan, dynamic=dice.chance(25))
    if dice.chance(40):
        second = _attached("198.51.100.10/24", "2001:db8:3::10/64")
        yield Link(name="eth1", kind="ethernet", addresses=second, dynamic=dice.chance(25))
    yield _perhaps_down(
        dice, 93, Link(name="eth2", kind="ethernet", addresses=_attached("10.1.0.1/24", "2001:db8:a::1/64"))
    )
    if dice.chance(10):
        yield Link(name="eth0.7", kind="vlan", parent="eth0", vlan=7, addresses=_attached("172.20.0.1/24"))
    yield Link(name="dum0", kind="dummy", addresses=_attached("10.10.0.1/32", "2001:db8:d::1/128"))
    if dice.chance(35):
        both = _attached("10.10.0.3/28", "2001:db8:d::3/64")
        yield Link(name="dum1", kind="dummy", addresses=both, up=dice.chance(80))


def tunnels(dice: Dice, there: tuple[Link, ...]) -> Iterator[Link]:
    """Up to three, no two of which the kernel takes for the same."""
    seen: list[Encapsulating] = []
    kinds: list[str] = []
    for number in range(1, dice.one((0, 1, 1, 1, 2, 2, 3)) + 1):
        link = _udp_tunnel(dice, number, there) if dice.chance(14) else tunnel(dice, number, there)
        wrapping = link.encapsulating
        if wrapping is not None:
            kind = _SHARED.get(link.kind, link.kind)
            if any(kind == other and _share(wrapping, item) for item, other in zip(seen, kinds, strict=True)):
                continue
            seen.append(wrapping)
            kinds.append(kind)
        yield link


def _share(one: Encapsulating, other: Encapsulating) -> bool:
    """Whether a packet may be for either: one of any local address shares those of every other one."""
    near = one.local == other.local or None in (one.local, other.local)
    return near and (one.remote, one.key) == (other.remote, other.key)


def tunnel(dice: Dice, number: int, there: tuple[Link, ...]) -> Link:
    """One tunnel ``tunNUMBER``, sometimes bound to one of the links that are there."""
    kind, family, protocol = dice.one(_WEIGHTED)
    bound = [link.name for link in there if link.kind in ("ethernet", "dummy")]
    spans = kind.endswith("erspan")
    link = Link(
        name=f"tun{number}",
        kind=kind,
        addresses=_attached(f"10.0.{number}.1/29", f"2001:db8:f:{number}::1/64"),
        encapsulating=Encapsulating(
            protocol=protocol,
            local=None if dice.chance(8) else _end(dice, OWN, family),
            remote=_end(dice, FAR, family),
            link=dice.one(bound) if dice.chance(18) else None,
            key=_key(dice, kind),
            payload=protocol if kind == "ip6tnl" else None,
            encaplimit=4 if family == 6 and kind != "ip6tnl" and dice.chance(20) else None,
            sequence=spans,
            erspan=ErspanHeader(version=dice.one((1, 2))) if spans else None,
        ),
    )
    return _perhaps_down(dice, 92, link)


def _perhaps_down(dice: Dice, up: int, link: Link) -> Link:
    """With ARP and never raised it keeps an IPv6 address only if nobody looked for duplicates: not to be known."""
    if dice.chance(up):
        return link
    old = () if link.kind in _WITHOUT_ARP else (6,)
    kept = tuple(item for item in link.addresses if item.address.family not in old)
    return msgspec.structs.replace(link, up=False, addresses=kept)


def _end(dice: Dice, pool: dict[Family, tuple[Address, ...]], family: Family) -> Address:
    """The outer pair of addresses twice as often as any other."""
    return dice.one((*pool[family], pool[family][0], pool[family][0]))


def _key(dice: Dice, kind: str) -> int | None:
    if kind.endswith("erspan"):
        return dice.one((7, 300))
    return dice.one((None, None, 7, 300)) if "gre" in kind else None


def _udp_tunnel(dice: Dice, number: int, there: tuple[Link, ...]) -> Link:
    """GENEVE or VXLAN; of one that learns the model has to say that it does not know where it sends."""
    family = dice.family()
    name, remote = f"tun{number}", _end(dice, FAR, family)
    inside = _attached(f"10.0.{number}.1/29", f"2001:db8:f:{number}::1/64")
    if dice.chance(45):
        return Link(name=name, kind="geneve", addresses=inside, geneve=GeneveHeader(vni=number, remote=remote))
    bound = [link.name for link in there if link.kind in ("ethernet", "dummy")]
    header = VxlanHeader(
        vni=number,
        local=_end(dice, OWN, family) if dice.chance(85) else None,
        remotes=(remote,),
        link=dice.one(bound) if dice.chance(18) else None,
        learning=dice.chance(10),
    )
    return Link(name=name, kind="vxlan", addresses=inside, vxlan=header)


def carried_by(links: Iterable[Link]) -> list[Encapsulating]:
    """What the tunnels put on the wire, UDP for those that do."""
    found = []
    for link in links:
        outside = outer_of(link)
        if link.encapsulating is not None:
            found.append(link.encapsulating)
        elif outside is not None:
            found.append(Encapsulating(protocol=UDP, local=outside.local, remote=outside.remote))
    return found


def _attached(*texts: str) -> tuple[Attached, ...]:
    return tuple(map(Attached.parse, texts))
