"""A tunnel between dummy addresses, and a blackhole for the far one: without an SA there is no way out.

With the SA up, charon's route in table 220 comes before the main table. It installs one only for selectors without
a protocol and in tunnel mode, so the selectors become the two dummy addresses. What comes in unencrypted is the
business of a guard's inbound half, which belongs to it. Where NAT would rewrite the tunnel's packets, they are excluded.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.address import Address, Family, Prefix
from sapper.config.edit import Change, Delete, Put, SetValue
from sapper.fix import exclusion, guard, unreachable
from sapper.fix.carrier import carrier_of, tunnel_mode
from sapper.fix.failing import entries
from sapper.fix.proposal import Impossible, Proposal
from sapper.proof.properties.classes import address_cuts
from sapper.proof.properties.protected import Entry
from sapper.rules.leak import hidden_ends
from sapper.rules.subject import Subject

_POOLS: dict[int, Prefix] = {4: Prefix.parse("10.255.255.0/24"), 6: Prefix.parse("fd5a:99e4::/64")}


def propose(near: Subject, entry: Entry, far: Subject | None) -> Proposal:
    """For one entry. Raises Impossible."""
    if entry.link is None or entry.link.encapsulating is None:
        raise Impossible(f"{entry.name} is no tunnel device between two addresses")
    hidden = hidden_ends(near, entry)
    if hidden:
        found = unreachable.propose(near, hidden, "blackhole")
        return found.with_more(guard.propose(near, entry, inward_only=True))
    if far is None:
        raise Impossible("it moves both ends of the tunnel; give the far end's configuration as PEER_CONFIG")
    other = opposite(entry, far)
    here, there = _free_addresses(near, far, _family(entry))
    mine, theirs = _moved(near, entry, here, there), _moved(far, other, there, here).turned()
    return mine.with_more(theirs)


def opposite(entry: Entry, far: Subject) -> Entry:
    """The far end's entry for the same tunnel. Raises Impossible."""
    kind = entry.link.kind if entry.link is not None else None
    alike = [other for other in entries(far) if other.link is not None and other.link.kind == kind]
    wrapping = entry.link.encapsulating if entry.link is not None else None
    ends = [
        other
        for other in alike
        if wrapping is not None
        and other.link is not None
        and other.link.encapsulating is not None
        and other.link.encapsulating.key == wrapping.key
        and (other.link.encapsulating.remote == wrapping.local or other.link.encapsulating.local == wrapping.remote)
    ]
    if len(ends) == 1:
        return ends[0]
    if len(alike) == 1:
        return alike[0]
    raise Impossible(f"the other configuration has no tunnel that is clearly the far end of {entry.name}")


def _family(entry: Entry) -> Family:
    wrapping = entry.link.encapsulating if entry.link is not None else None
    end = (wrapping.remote or wrapping.local) if wrapping is not None else None
    return end.family if end is not None else 4


def _moved(subject: Subject, entry: Entry, here: Address, there: Address) -> Proposal:
    carrier = carrier_of(subject, entry)
    tunnel = ("interfaces", "tunnel", entry.name)
    width = Prefix.host(here).length
    changes: list[Change] = [
        Put(("interfaces", "dummy", _free_dummy(subject), "address", f"{here}/{width}")),
        SetValue((*tunnel, "source-address"), str(here)),
        SetValue((*tunnel, "remote"), str(there)),
        *([Delete((*tunnel, "source-interface"))] if subject.top.has(*tunnel, "source-interface") else []),
        *tunnel_mode(subject, carrier),
        *_selectors(carrier.peer.path, carrier.numbers, f"{here}/{width}", f"{there}/{width}"),
    ]
    protocol = entry.link.encapsulating.protocol if entry.link and entry.link.encapsulating else None
    moved = guard.of_scope(subject, guard.Scope(Prefix.host(here), Prefix.host(there), protocol, here.family))
    found = Proposal(near=tuple(changes)).with_more(moved)
    found = found.with_more(unreachable.propose(subject, [Prefix.host(there)], "blackhole"))
    return found.with_more(exclusion.propose(subject, [(Prefix.host(here), Prefix.host(there))]))


def _selectors(peer: tuple[str, ...], numbers: tuple[str, ...], here: str, there: str) -> Iterator[Change]:
    first, *others = numbers
    path = (*peer, "tunnel", first)
    for other in others:
        yield Delete((*peer, "tunnel", other))
    for word in ("protocol", "local", "remote"):
        yield Delete((*path, word))
    yield Put((*path, "local", "prefix", here))
    yield Put((*path, "remote", "prefix", there))


def _free_dummy(subject: Subject) -> str:
    used = {dummy.name for dummy in subject.top.each("interfaces", "dummy")}
    return next(name for number in range(len(used) + 1) if (name := f"dum{number}") not in used)


def _free_addresses(near: Subject, far: Subject, family: Family) -> tuple[Address, Address]:
    """Two addresses that neither router's Plan has anything to do with."""
    plans = [subject.plan for subject in (near, far) if subject.plan is not None]
    used = [cut for plan in plans for cut in address_cuts(plan) if cut.length]
    pool = _POOLS[family]
    free = [
        address
        for value in range(pool.first + 1, pool.first + 255)
        if not any((address := Address(family, value)) in cut for cut in used)
    ]
    if len(free) < 2:
        raise Impossible(f"{pool} has no two addresses that neither router uses")
    return free[0], free[1]
