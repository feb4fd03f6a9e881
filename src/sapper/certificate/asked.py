"""What each property asks of an entry, as whole sets of packets: every packet, not one for each class.

The same packets as the cases of :mod:`sapper.proof.properties.confidentiality`, :mod:`sapper.proof.properties.bypass` and
:mod:`sapper.proof.properties.authenticity` stand for. The writer of a certificate walks these sets; the checker makes them again
from the Plan, and the cells of a certificate have to cover them. Nothing of the proof over sets is used here.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from sapper.address import Address, Family, Prefix
from sapper.certificate.box import (
    ALL_PORTS,
    ALL_PROTOCOLS,
    FRAME,
    NO_PORTS,
    Box,
    Pieces,
    in_both,
    joined,
    left_of,
    without,
)
from sapper.kernel.links import record_of
from sapper.kernel.plan import Link, Plan, Selector
from sapper.proof.enumeration import NOT_WALKED, UNPROTECTED, not_walked
from sapper.proof.facts.destination_nat import aims_of
from sapper.proof.facts.entrance import entrance_of
from sapper.proof.facts.lowered import lent_end
from sapper.proof.facts.over_udp import UDP_KINDS
from sapper.proof.facts.packet import Packet
from sapper.proof.facts.policy_routing import leading_marks
from sapper.proof.facts.segment import closed_segments
from sapper.proof.facts.trust import Trust, trust_of
from sapper.proof.properties import authenticity
from sapper.proof.properties.authenticity import _MULTIPOINT, _PLAIN, _TRUSTED
from sapper.proof.properties.bypass import _LAYER_2, _NO_NETWORK, _SOMEBODY
from sapper.proof.properties.exposure import Exposure
from sapper.proof.properties.protected import Entry
from sapper.proof.properties.tally import NO_CASE
from sapper.proof.verdict import PropertyVerdict

WALKED = ("confidentiality", "no-bypass", "authenticity")
BEHIND = "behind the router"
_UDP = 17
_ANYWHERE = Address(4, 0xC6336401)


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """``box`` may be a frame's, whose content does not matter. ``packet`` is there where it is a single one.

    ``enters`` is ``local``, an interface, or :data:`BEHIND`; ``device``: it is handed to that device directly.
    """

    enters: str
    box: Box
    device: Link | None = None
    network: Prefix | None = None
    packet: Packet | None = None


class Asked(msgspec.Struct, frozen=True):
    """``settled``: the verdict where nothing has to be walked, else None. ``sealed``: no gap changes it."""

    regions: tuple[Region, ...] = ()
    sealed: bool = False
    settled: PropertyVerdict | None = None


class Questions:
    """Asks about the entries of one completed Plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.trust: Trust = trust_of(plan)
        self._inner = [
            link for link in plan.links if link.name in self.trust.wired and link.name not in self.trust.underlays
        ]
        self._own = {attached.address for link in plan.links for attached in link.addresses}
        self._vrfs = {link.name for link in plan.links if link.kind == "vrf"}
        self._closed = closed_segments(plan)
        self._asks_where = {guard.family for guard in plan.guards if guard.hook == "prerouting" and guard.link}
        self._asks_where |= {rule.family for rule in leading_marks(plan.marks, plan.rules)}
        entrance = entrance_of(plan)
        families: tuple[Family, ...] = (4, 6)
        self._asks_where |= {family for family in families if entrance.asks(family)}
        self._aimed = bool(aims_of(plan))
        self._asks_where |= {family for family in families if family == 4 and self._aimed}

    def of(self, entry: Entry, asked: str) -> Asked:
        """What that property asks of that entry; nothing is known here of those that are not :data:`WALKED`."""
        if not entry.is_protected:
            return _settled("not-applicable", UNPROTECTED)
        if entry.link is not None and not_walked(self.plan, entry.link, asked):
            return _settled("unknown", f"{entry.name}: {NOT_WALKED}")
        ask = {
            "confidentiality": self._confidentiality,
            "no-bypass": self._no_bypass,
            "authenticity": self._authenticity,
        }.get(asked)
        return ask(entry) if ask is not None else Asked()

    def behind(self, family: Family) -> list[tuple[str, Prefix]]:
        """The networks behind the router, each with its interface."""
        return [
            (link.name, attached.prefix)
            for link in self._inner
            for attached in link.addresses
            if attached.address.family == family
        ]

    def _confidentiality(self, entry: Entry) -> Asked:
        link = entry.link
        if link is None:
            regions = tuple(self._flows(entry, None))
        elif link.kind == "xfrm":
            regions = tuple(_into_vti(entry, link))
        else:
            frame = Region(enters=link.name, box=FRAME, device=link)
            regions = (frame, *self._strays(link))
        return Asked(regions) if regions else _settled("unknown", NO_CASE)

    def _no_bypass(self, entry: Entry) -> Asked:
        master = entry.link.master if entry.link is not None else None
        if master is not None and master not in self._vrfs | self._closed:
            return _settled("unknown", f"{_LAYER_2} ({master})")
        regions = [
            Region(enters=enters, box=Box(network.family, sources, destination), network=network)
            for network in entry.networks
            for destination in self._not_own(network)
            for enters, sources in self._origins(network.family)
        ]
        regions += self._flows(entry, entry.link)
        if master in self._closed:
            regions.insert(0, Region(enters=master, box=FRAME, device=entry.link))
        return Asked(tuple(regions)) if regions else _settled("not-applicable", _NO_NETWORK)

    def _authenticity(self, entry: Entry) -> Asked:
        link = entry.link
        if link is None:
            return _settled("not-applicable", _PLAIN)
        if link.encapsulating is not None and link.encapsulating.remote is None:
            return _settled("unknown", _MULTIPOINT)
        if self.trust.underlays and not self.trust.attacked:
            return _settled("not-applicable", _TRUSTED)
        reason = Exposure(self.plan).unasked(link) if link.kind in UDP_KINDS else lent_end(link, self.plan.links)
        if reason is not None:
            return _settled("unknown", reason)
        regions = tuple(
            Region(enters=case.enters, box=_single(case.packet), device=link, packet=case.packet)
            for case in authenticity._cases(self.plan, link)
            if case.packet is not None
        )
        sealed = authenticity.is_sealed(link)
        return Asked(regions, sealed) if regions else _settled("unknown", NO_CASE)

    def _not_own(self, network: Prefix) -> Iterator[Pieces]:
        """The network's addresses; not those of this router that only it can have."""
        span: Pieces = ((network.first, network.last),)
        own = joined((one.value, one.value) for one in self._own if one in network)
        others = without(span, own)
        if others:
            # An IPv4 packet for the router itself is delivered wherever it is met, unless NAT sends it elsewhere.
            yield span if network.family == 4 and not self._aimed else others

    def _origins(self, family: Family) -> Iterator[tuple[str, Pieces | None]]:
        """The router itself, and the networks behind it: each for itself where a rule asks by which interface."""
        networks = self.behind(family)
        yield "local", None
        if not networks:
            somebody = _SOMEBODY[family].value
            yield BEHIND, ((somebody, somebody),)
        elif family not in self._asks_where:
            yield BEHIND, joined((prefix.first, prefix.last) for _, prefix in networks)
        else:
            for name in dict.fromkeys(name for name, _ in networks):
                yield name, joined((prefix.first, prefix.last) for one, prefix in networks if one == name)

    def _strays(self, link: Link) -> Iterator[Region]:
        record = record_of(link)
        for family, _protocol in record.stray_protocols if record is not None else ():
            networks = [item.prefix for item in link.addresses]
            networks += [route.prefix for route in self.plan.routes if route.link == link.name]
            inside = next((network for network in networks if network.family == family), None)
            if inside is not None:
                packet = Packet(source=None, destination=Address(family, inside.last), protocol=_UDP)
                yield Region(enters=link.name, box=_single(packet), device=link, network=inside, packet=packet)

    @staticmethod
    def _flows(entry: Entry, skip: Link | None) -> Iterator[Region]:
        """The selectors' flows; the outer packets of ``skip`` are left out."""
        for local, remote in entry.flows:
            whole = _flow(local, remote)
            outer = _outer(skip)
            part = in_both(whole, outer) if outer is not None else None
            for box in (whole,) if part is None else left_of(whole, part):
                yield Region(enters="local", box=box, network=remote.prefix)


def _settled(word: str, reason: str) -> Asked:
    return Asked(settled=PropertyVerdict(verdict=word, reason=reason))  # type: ignore[arg-type]


def _into_vti(entry: Entry, link: Link) -> Iterator[Region]:
    """The inner packet itself meets the policies of the xfrm interface."""
    for network in entry.networks:
        own = joined(
            (item.address.value, item.address.value)
            for item in link.addresses
            if item.address.family == network.family
        )
        box = Box(network.family, own or None, ((network.first, network.last),))
        yield Region(enters=link.name, box=box, device=link, network=network)
    if not entry.networks:
        packet = Packet(source=None, destination=_ANYWHERE, protocol=_UDP)
        yield Region(enters=link.name, box=_single(packet), device=link, packet=packet)


def _flow(local: Selector, remote: Selector) -> Box:
    only = local.protocol if local.protocol is not None else remote.protocol
    here, there = local.prefix, remote.prefix
    protocols = ALL_PROTOCOLS if only is None else 1 << only
    near, far = (
        ALL_PORTS if selector.port is None else ((selector.port, selector.port),) for selector in (local, remote)
    )
    return Box(there.family, ((here.first, here.last),), ((there.first, there.last),), protocols, near, far)


def _outer(link: Link | None) -> Box | None:
    """The outer packets of a tunnel device; from any address where it has none of its own."""
    wrapping = link.encapsulating if link is not None else None
    if wrapping is None or wrapping.remote is None:
        return None
    local, remote = wrapping.local, wrapping.remote
    if local is not None and local.family != remote.family:
        return None
    anybody = (0, (1 << (32 if remote.family == 4 else 128)) - 1)
    source = anybody if local is None else (local.value, local.value)
    return Box(remote.family, (source,), ((remote.value, remote.value),), 1 << wrapping.protocol)


def _single(packet: Packet) -> Box:
    source, there = packet.source, packet.destination
    sources = None if source is None else ((source.value, source.value),)
    near, far = (
        NO_PORTS if port is None else ((port, port),) for port in (packet.source_port, packet.destination_port)
    )
    return Box(there.family, sources, ((there.value, there.value),), 1 << packet.protocol, near, far)
