"""What each property asks of an entry, as sets of packets: the same packets that the reference enumerates, all of them.

Mirrors ``_cases`` of :mod:`sapper.proof.properties.confidentiality` and :mod:`sapper.proof.properties.bypass`. Sources are one set for all
networks behind the router, so that their number does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from sapper.address import Address, Family, Prefix
from sapper.kernel.links import record_of
from sapper.kernel.plan import Link, Selector
from sapper.proof.facts.packet import Packet
from sapper.proof.facts.segment import closed_segments
from sapper.proof.index.plan_index import PlanIndex
from sapper.proof.properties.bypass import _LAYER_2, _NO_NETWORK, _SOMEBODY
from sapper.proof.properties.protected import Entry
from sapper.proof.sets.headers import ALL_PORTS, ALL_PROTOCOLS, Headers, Shape, cut, span
from sapper.proof.sets.intervals import Intervals, merged, outside

_UDP = 1 << 17
_ANYWHERE = Address(4, 0xC6336401)
BEHIND = "behind the router"


class SetCase(msgspec.Struct, frozen=True, kw_only=True):
    """``enters`` is ``local``, an interface, or :data:`BEHIND`; ``headers`` None: a frame handed to ``device``.

    ``packet`` is there where the set is a single packet and more is known of it.
    """

    enters: str
    headers: Headers | None
    device: Link | None = None
    network: Prefix | None = None
    packet: Packet | None = None


class Origins:
    """Where packets for a protected network come from, besides the router itself."""

    def __init__(self, index: PlanIndex) -> None:
        trust = index.trust
        inner = [link for link in index.plan.links if link.name in trust.wired and link.name not in trust.underlays]
        self.networks: dict[Family, list[tuple[str, Prefix]]] = {4: [], 6: []}
        for link in inner:
            for attached in link.addresses:
                self.networks[attached.address.family].append((link.name, attached.prefix))
        self.sources: dict[Family, Intervals] = {4: self._all(4), 6: self._all(6)}
        self._asked = {guard.family for guard in index.plan.guards if guard.hook == "prerouting" and guard.link}
        self._asked |= {
            family
            for family in self.networks
            if index.marks.any(family) or index.entrance.asks(family) or index.destination_nat.any(family)
        }
        vrfs = frozenset(link.name for link in index.plan.links if link.kind == "vrf")
        self.closed = closed_segments(index.plan)
        self.walked_masters = vrfs | self.closed

    def of(self, family: Family) -> list[tuple[str, Intervals | None]]:
        """Interfaces with their sources, None for the kernel's choice; one for all where nobody asks which it is."""
        if family not in self._asked or not self.networks[family]:
            return [("local", None), (BEHIND, self.sources[family])]
        names = dict.fromkeys(name for name, _ in self.networks[family])
        by_name = [
            (name, merged(span(prefix) for one, prefix in self.networks[family] if one == name)) for name in names
        ]
        return [("local", None), *by_name]

    def _all(self, family: Family) -> Intervals:
        if not self.networks[family]:
            somebody = _SOMEBODY[family].value
            return ((somebody, somebody),)
        return merged(span(prefix) for _, prefix in self.networks[family])


def confidentiality_cases(index: PlanIndex, entry: Entry) -> Iterator[SetCase]:
    """The packets that may not leave in clear."""
    link = entry.link
    if link is None:
        yield from flow_cases(entry, None)
    elif link.kind == "xfrm":
        yield from _vti_cases(entry, link)
    else:
        yield SetCase(enters=link.name, headers=None, device=link)
        yield from _stray_cases(index, link)


def bypass_cases(index: PlanIndex, origins: Origins, entry: Entry, room: int) -> Iterator[SetCase]:
    """The packets for protected networks, and those of the selectors but for the tunnel's own.

    Where nothing on the way asks for the source, the router's own packets stand for those from behind it.
    """
    if entry.link is not None and entry.link.master in origins.closed:
        yield SetCase(enters=entry.link.master, headers=None, device=entry.link)
    for network in entry.networks:
        if _all_own(index, network):
            continue
        family = network.family
        for piece in _not_own(index, network):
            for enters, sources in origins.of(family):
                if sources is not None and index.sources.indifferent(family, piece, sources, room):
                    continue
                headers = Headers(family, sources, piece, ALL_PROTOCOLS, ALL_PORTS, ALL_PORTS)
                yield SetCase(enters=enters, headers=headers, network=network)
    yield from flow_cases(entry, entry.link)


def not_asked(origins: Origins, entry: Entry) -> str | None:
    """Why no-bypass cannot be decided for that entry; None if it can."""
    master = entry.link.master if entry.link is not None else None
    return f"{_LAYER_2} ({master})" if master is not None and master not in origins.walked_masters else None


NO_NETWORK = _NO_NETWORK


def _all_own(index: PlanIndex, network: Prefix) -> bool:
    own = index.links.own_within(network.family, network.first, network.last)
    return len(own) == network.last - network.first + 1


def _not_own(index: PlanIndex, network: Prefix) -> Iterator[tuple[int, int]]:
    """The network without this router's own addresses; an IPv4 one is delivered, where destination NAT leaves it."""
    left: Intervals = (span(network),)
    if network.family == 6 or index.destination_nat.any(4):
        for value in index.links.own_within(network.family, network.first, network.last):
            left = outside(left, value, value)
    yield from left


def _vti_cases(entry: Entry, link: Link) -> Iterator[SetCase]:
    for network in entry.networks:
        own = merged(
            (item.address.value, item.address.value)
            for item in link.addresses
            if item.address.family == network.family
        )
        headers = Headers(network.family, own or None, span(network), ALL_PROTOCOLS, ALL_PORTS, ALL_PORTS)
        yield SetCase(enters=link.name, headers=headers, device=link, network=network)
    if not entry.networks:
        yield SetCase(enters=link.name, headers=_single(_ANYWHERE), device=link)


def _stray_cases(index: PlanIndex, link: Link) -> Iterator[SetCase]:
    record = record_of(link)
    for family, _protocol in record.stray_protocols if record is not None else ():
        networks = [item.prefix for item in link.addresses]
        networks += [index.plan.routes[at].prefix for at in index.entries.routes_by_link.get(link.name, ())]
        inside = next((network for network in networks if network.family == family), None)
        if inside is not None:
            headers = _single(Address(family, inside.last))
            yield SetCase(enters=link.name, headers=headers, device=link, network=inside)


def flow_cases(entry: Entry, skip: Link | None) -> Iterator[SetCase]:
    """The selectors' flows; the outer packets of ``skip`` are left out."""
    for local, remote in entry.flows:
        for headers in _without_outer(_flow(local, remote), skip):
            yield SetCase(enters="local", headers=headers, network=remote.prefix)


def _flow(local: Selector, remote: Selector) -> Headers:
    only = local.protocol if local.protocol is not None else remote.protocol
    protocols = ALL_PROTOCOLS if only is None else 1 << only
    here = ALL_PORTS if local.port is None else (local.port, local.port)
    there = ALL_PORTS if remote.port is None else (remote.port, remote.port)
    return Headers(remote.prefix.family, (span(local.prefix),), span(remote.prefix), protocols, here, there)


def _without_outer(headers: Headers, link: Link | None) -> list[Headers]:
    wrapping = link.encapsulating if link is not None else None
    if wrapping is None or wrapping.remote is None:
        return [headers]
    local, remote = wrapping.local, wrapping.remote
    if local is not None and local.family != remote.family:
        return [headers]
    source = None if local is None else (local.value, local.value)
    own = Shape(remote.family, source, (remote.value, remote.value), 1 << wrapping.protocol)
    return cut(headers, own)[1]


def _single(destination: Address) -> Headers:
    return Headers(destination.family, None, (destination.value, destination.value), _UDP)
