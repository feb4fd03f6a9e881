"""Random packets for a Plan: half of them meet one of its selectors; every tunnel is handed one, and is attacked."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from sapper.address import Address, Family, Prefix
from sapper.kernel.plan import Link, Plan
from sapper.lab.judge.case import Probe
from sapper.lab.judge.drawn.pool import FAR, GATEWAYS, LAN_HOSTS, OWN, SOME_PORT, STRANGERS, Dice
from sapper.proof.facts.packet import Packet
from sapper.proof.properties.authenticity import question
from sapper.proof.properties.protected import Entry

_LOCAL_PROTOCOLS: dict[Family, tuple[int, ...]] = {4: (17, 17, 1, 47, 4, 41), 6: (17, 17, 58, 47, 4, 41)}
_PASSING_PROTOCOLS: dict[Family, tuple[int, ...]] = {4: (17, 6, 1, 47, 4, 41), 6: (17, 6, 58, 47, 4, 41)}
_WITH_PORTS = frozenset({6, 17})
_UDP = 17


def probes(dice: Dice, plan: Plan) -> Iterator[Probe]:
    """A dozen or so."""
    own = {item.address for link in plan.links for item in link.addresses}
    entries = [link.name for link in plan.links if link.kind in ("ethernet", "vlan")]
    sent = [_local(dice, plan, own) for _ in range(4)]
    sent += [_forwarded(dice, plan, own, "eth2" if dice.chance(75) else dice.one(entries)) for _ in range(4)]
    yield from (probe for probe in sent if not _looks_like_an_outer_packet(plan, probe.packet))
    for link in plan.links:
        if link.encapsulating or link.kind in ("xfrm", "vxlan", "geneve"):
            yield from _handed(dice, plan, link)
            yield from _attacks(dice, plan, link, own)


def _looks_like_an_outer_packet(plan: Plan, packet: Packet) -> bool:
    """With the ends of a tunnel and its protocol, it would be one tracked connection with what wraps it."""
    return bool(plan.source_nat) and any(
        (link.encapsulating.protocol, link.encapsulating.remote) == (packet.protocol, packet.destination)
        for link in plan.links
        if link.encapsulating is not None
    )


def _local(dice: Dice, plan: Plan, own: set[Address]) -> Probe:
    packet = _packet(dice, plan, _LOCAL_PROTOCOLS, sorted(own), wide=False)
    # The source must be the router's own, or the kernel's choice.
    if dice.chance(30) or packet.source not in own:
        packet = msgspec.structs.replace(packet, source=None)
    return Probe(how="local", packet=packet)


def _forwarded(dice: Dice, plan: Plan, own: set[Address], enters: str) -> Probe:
    family = dice.family()
    strangers = [*LAN_HOSTS[family], *LAN_HOSTS[family], *FAR[family], *STRANGERS[family]]
    packet = _packet(dice, plan, _PASSING_PROTOCOLS, strangers, wide=True, family=family)
    source = packet.source if packet.source is not None and packet.source not in own else dice.one(strangers)
    if packet.destination in own or packet.destination == source:
        packet = msgspec.structs.replace(packet, destination=dice.one(STRANGERS[family]))
    return Probe(how="forwarded", packet=msgspec.structs.replace(packet, source=source), link=enters)


def _packet(
    dice: Dice,
    plan: Plan,
    protocols: dict[Family, tuple[int, ...]],
    sources: list[Address],
    *,
    wide: bool,
    family: Family | None = None,
) -> Packet:
    family = family or dice.family()
    own = [address for address in sources if address.family == family] or list(OWN[family])
    source, protocol = dice.one(own), dice.one(protocols[family])
    destination = dice.one((*FAR[family], *FAR[family], *GATEWAYS[family], *OWN[family], *STRANGERS[family]))
    flows = [
        (local, remote)
        for connection in plan.connections
        for child in connection.children
        for local in child.local_ts
        for remote in child.remote_ts
        if local.prefix.family == remote.prefix.family == family
    ]
    if flows and dice.chance(60):
        local, remote = dice.one(flows)
        wanted = local.protocol or remote.protocol
        protocol = wanted if wanted in protocols[family] else protocol
        source, destination = _inside(dice, local.prefix, own), _inside(dice, remote.prefix, FAR[family])
    ports = protocol in _WITH_PORTS
    return Packet(
        source=source,
        destination=destination,
        protocol=protocol,
        source_port=dice.one((SOME_PORT, 40000)) if ports else None,
        destination_port=dice.one((SOME_PORT, 443)) if ports else None,
    )


def _inside(dice: Dice, prefix: Prefix, known: tuple[Address, ...] | list[Address]) -> Address:
    return dice.one([member for member in known if member in prefix] or [_member(prefix)])


def _member(prefix: Prefix) -> Address:
    """The second address of a network, or the only one."""
    return Address(prefix.family, min(prefix.first + 1, prefix.last))


def _handed(dice: Dice, plan: Plan, link: Link) -> Iterator[Probe]:
    """A packet of each family; over an xfrm interface one that is routed to it, since the device asks routing again."""
    for item in link.addresses:
        family = item.address.family
        target = Address(family, item.prefix.first + 2)
        if link.kind != "xfrm" and dice.chance(40):
            target = dice.one(FAR[family])
        source = item.address if link.kind == "xfrm" or dice.chance(60) else dice.one(LAN_HOSTS[family])
        packet = Packet(source=source, destination=target, protocol=_UDP, source_port=40000, destination_port=443)
        yield Probe(how="device", packet=packet, link=link.name)


def _attacks(dice: Dice, plan: Plan, link: Link, own: set[Address]) -> Iterator[Probe]:
    """The tunnel's own outer packet in clear on every underlay, and one of a wrong source or key."""
    asked = question(plan, Entry(name=link.name, link=link, connections=plan.connections))
    for case in asked.cases:
        packet = case.packet
        if packet is None or packet.destination not in own or packet.source in own:
            continue
        if packet.source is None:
            packet = msgspec.structs.replace(packet, source=dice.one(FAR[packet.family]))
        yield Probe(how="injected", packet=packet, link=case.enters, device=link.name)
