"""What a packet in clear meets that comes in and is not from this router, up to where its route is looked up.

In the kernel's order: guards in prerouting, the marks of policy routing, destination NAT; then the checks of routing
(forwarding, the reverse path filter), and the policy for what is forwarded. All but forwarding look at the packet as it
came in: the policy's check undoes NAT (nf_nat_decode_session). Source: net/ipv4/ip_input.c, net/ipv4/ip_forward.c.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from sapper.proof.facts.destination_nat import Aimed, aimed
from sapper.proof.facts.packet import Packet
from sapper.proof.facts.policy_routing import marks_met
from sapper.proof.states.effective import Kernel
from sapper.proof.walk.guard import stopped_before_routing
from sapper.proof.walk.policy import contest, forwarding
from sapper.proof.walk.routing import disbelieved, refused_at_entrance


class Arrival(NamedTuple):
    """A packet for whom a route is looked up next; ``ended``: it got no further."""

    packet: Packet
    mark: int = 0
    trace: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    ended: Literal["dropped", "delivered", "unknown"] | None = None


def arrivals(kernel: Kernel, packet: Packet, enters: str | None) -> Iterator[Arrival]:
    """Every way on of a packet that comes in by that interface, where it is known."""
    guard = stopped_before_routing(kernel, packet, enters)
    if guard is not None:
        yield _dropped(packet, f"{packet} comes in clear: dropped by {guard.name}")
        return
    for way in aimed(kernel.aims, kernel.links, packet, enters):
        yield from _sent_on(kernel, packet, way, enters)


def _sent_on(kernel: Kernel, packet: Packet, way: Aimed, enters: str | None) -> Iterator[Arrival]:
    trace = () if way.done is None else (f"{packet}: {way.done}",)
    nowhere = way.outcome in ("itself", "unknown")
    asking = disbelieved if nowhere else refused_at_entrance
    refused = asking(kernel, way.packet, enters)
    if refused is not None:
        yield _dropped(way.packet, *trace, f"{way.packet}: {refused}, dropped")
        return
    if nowhere:
        ended: Literal["delivered", "unknown"] = "delivered" if way.outcome == "itself" else "unknown"
        yield Arrival(packet, 0, trace, _known(way.doubt), ended)
        return
    asked = forwarding(kernel, packet) if way.packet.destination not in kernel.local else (None,)
    stopping = [policy for policy in asked if policy is not None and policy.mode != "pass"]
    for policy in stopping:
        line = f"{packet} comes in clear: the policy of {policy.child} for what is forwarded drops it"
        yield _dropped(packet, line)
    if len(stopping) == len(asked):
        return
    for mark, doubt in marks_met(kernel.marks, kernel.links, packet, enters):
        marking = (f"policy route marks it with {mark:#x}",) if mark else ()
        yield Arrival(way.packet, mark, (*trace, *marking), _known(contest(asked), doubt, way.doubt))


def _known(*doubts: str | None) -> tuple[str, ...]:
    return tuple(doubt for doubt in doubts if doubt is not None)


def _dropped(packet: Packet, *trace: str) -> Arrival:
    return Arrival(packet, trace=trace, ended="dropped")
