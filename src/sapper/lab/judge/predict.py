"""What the model says beforehand about every packet of a case: all ends that it may come to.

Only asks: the walk for what the router sends, forwards or hands to a device, and authenticity for what an attacker
sends. Nothing here knows how a kernel works; a correction belongs into :mod:`sapper.proof`.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.address import Address
from sapper.lab.judge.case import Case, Probe, Setting
from sapper.lab.judge.ending import GONE, Ending
from sapper.proof.facts.gateways import covered_gateways
from sapper.proof.facts.lowered import lowered
from sapper.proof.facts.packet import ESP
from sapper.proof.facts.tracking import tracked_as_one
from sapper.proof.properties import authenticity
from sapper.proof.properties.protected import Entry
from sapper.proof.properties.question import Case as Asked
from sapper.proof.states.effective import Kernel, Policy, kernel_in
from sapper.proof.walk import walk
from sapper.proof.walk.routing import lookup
from sapper.proof.walk.walk import End

Predicted = dict[int, frozenset[Ending]]
"""From the place of a probe in its case to its ends; a probe that cannot be sent in that situation is absent."""

_TOWARDS_ANY = "ESP towards the peer that the SA belongs to"
_WIRED = frozenset({"ethernet", "vlan"})


def predictions(case: Case) -> Iterator[Predicted]:
    """For each setting of the case, in order."""
    for setting in case.settings:
        kernel = kernel_in(case.plan, setting.situation())
        yield {
            at: frozenset(endings(case, setting, kernel, probe))
            for at, probe in enumerate(case.probes)
            if possible(kernel, probe)
        }


def possible(kernel: Kernel, probe: Probe) -> bool:
    """Whether somebody can send it: on a wire or to a device that is down nobody can, nor from an address that is gone."""
    if probe.how == "local":
        return probe.packet.source is None or probe.packet.source in kernel.local
    if probe.how == "device" and kernel.links[probe.link or ""].kind == "xfrm" and probe.packet.family == 6:
        # To a packet that came without a route an xfrm interface gives one, and over IPv6 it may be another's.
        ways = lookup(kernel, probe.packet.destination, probe.link, probe.packet.source)
        return probe.link in kernel.up and all(route.link == probe.link for route in ways)
    return probe.link in kernel.up


def endings(case: Case, setting: Setting, kernel: Kernel, probe: Probe) -> Iterator[Ending]:
    """Every end of one probe, in normal form."""
    if probe.how != "injected" and kernel.source_nat and any(map(_towards_any, kernel.policies)):
        yield Ending("unknown", reason="NAT of what goes to a peer whose address is any")
    elif probe.how != "injected" and any(tracked_as_one(case.plan)):
        yield Ending("unknown", reason="NAT of two tunnels that are one connection to conntrack")
    elif probe.how != "injected" and any(covered_gateways(case.plan)):
        yield Ending("unknown", reason="IPv6 routes of charon whose next hop another one covers")
    elif probe.how == "injected" and probe.packet.destination in set(_of_lowered(case, kernel)):
        yield Ending("unknown", reason="whether the IPv6 address of a VTI that is down is in force")
    elif probe.how == "injected":
        for end in _injected(case, kernel, probe):
            yield Ending("taken", probe.device) if end.kind == "delivered" else _ending(kernel, end)
    elif probe.how == "device":
        link = kernel.links[probe.link or ""]
        yield from (_ending(kernel, end) for end in walk.hand_to_device(kernel, link, probe.packet))
    else:
        for end in walk.walk(kernel, probe.packet, probe.link):
            said = _ending(kernel, end)
            doubtful = (
                probe.packet.source is None and probe.packet.family == 6 and end.link in _without_address(case)
            )
            yield said._replace(source=None) if doubtful and said.kind == "wire" else said


def _of_lowered(case: Case, kernel: Kernel) -> Iterator[Address]:
    """The IPv6 addresses of VTIs that are down: in force before they were ever raised, gone afterwards."""
    for link in case.plan.links:
        if link.raised_by and link.name not in kernel.up:
            yield from (item.address for item in link.addresses if item.address.family == 6)


def _without_address(case: Case) -> set[str]:
    """Interfaces by which the router's own packets may have the address of a VTI that was never raised."""
    return set(lowered(case.plan))


def _towards_any(policy: Policy) -> bool:
    return policy.state and policy.mode == "tunnel" and policy.remote_end is None


def _injected(case: Case, kernel: Kernel, probe: Probe) -> tuple[End, ...]:
    device = kernel.links[probe.device or ""]
    asked = authenticity.question(
        case.plan, Entry(name=device.name, link=device, connections=case.plan.connections)
    )
    found = asked.ends(kernel, Asked(enters=probe.link or "", packet=probe.packet, device=device))
    return found or (End(kind="dropped", packet=probe.packet, trace=()),)


def _ending(kernel: Kernel, end: End) -> Ending:
    if end.kind == "unknown" or end.doubts:
        return Ending("unknown", reason="; ".join(end.doubts))
    if end.trace and end.trace[-1].startswith(_TOWARDS_ANY):
        return Ending("unknown", reason="ESP to a peer whose address is any")
    link = kernel.links.get(end.link or "")
    if end.kind != "wire" or link is None or link.kind not in _WIRED:
        return GONE
    packet = end.packet
    # The address that charon took for itself is the SA's for all of its packets, whichever way they go.
    chosen = packet.protocol == ESP and any(policy.state and policy.local_end is None for policy in kernel.policies)
    return Ending(
        "wire",
        link.name,
        packet.protected,
        str(packet.source) if packet.source is not None and not chosen else None,
        str(packet.destination),
        packet.protocol,
    )
