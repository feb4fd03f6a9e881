"""Authenticity: no packet injected on an untrusted interface is decapsulated unless it came through the SA.

An attacker on the way sends the tunnel's own outer packet, in clear: from the tunnel's remote to its local address.
The kernel looks for an inbound policy on local delivery; where none is installed the tunnel device takes the packet
(net/ipv4/ip_input.c, net/ipv4/ip_gre.c). Over four million hosts on the Internet do that (VU#199397).
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.address import Address, Family
from sapper.kernel.links import record_of
from sapper.kernel.plan import Link, Plan
from sapper.proof.facts.lowered import lent_end
from sapper.proof.facts.over_udp import UDP_KINDS, outer_of, takes
from sapper.proof.facts.packet import ESP, Packet
from sapper.proof.facts.trust import trust_of
from sapper.proof.properties.exposure import Exposure
from sapper.proof.properties.protected import Entry
from sapper.proof.properties.question import Case, Question
from sapper.proof.states.effective import Kernel, Policy
from sapper.proof.walk.guard import stopped_on_the_way_in
from sapper.proof.walk.policy import contest, inbound
from sapper.proof.walk.routing import source_believed
from sapper.proof.walk.walk import End

_UDP = 17
_PLAIN = "a plain policy-based connection decapsulates nothing but ESP"
_TRUSTED = "every interface that an attacker could send on is trusted"
# Stands for an address that nobody knows yet (RFC 5737), where none can matter.
LEASED = Address.parse("192.0.2.77")
_MULTIPOINT = "its remote is any: who may send to it depends on NHRP"


def question(plan: Plan, entry: Entry) -> Question:
    """What authenticity asks of an entry of a completed Plan."""
    link = entry.link
    unknown = not_applicable = None
    if link is None:
        not_applicable = _PLAIN
    elif link.encapsulating is not None and link.encapsulating.remote is None:
        unknown = _MULTIPOINT
    elif (trust := trust_of(plan)).underlays and not trust.attacked:
        not_applicable = _TRUSTED
    elif link.kind in UDP_KINDS:
        unknown = Exposure(plan).unasked(link)
    else:
        unknown = lent_end(link, plan.links)
    return Question(
        property="authenticity",
        cases=tuple(_cases(plan, link)) if link is not None and unknown is None else (),
        ends=_ends,
        refutes=lambda kernel, end: end.kind == "delivered" and not end.packet.protected,
        sealed=link is not None and is_sealed(link),
        unknown=unknown,
        not_applicable=not_applicable,
    )


def is_sealed(link: Link) -> bool:
    """Whether nothing at all is delivered that no key of a peer's made (drivers/net/wireguard/receive.c)."""
    return link.wireguard is not None


def _cases(plan: Plan, link: Link) -> Iterator[Case]:
    wrapping = link.encapsulating
    attacked = sorted(trust_of(plan).attacked)
    if link.kind in UDP_KINDS:
        exposure = Exposure(plan)
        for name in attacked:
            yield from (Case(enters=name, packet=one, device=link) for one in exposure.packets(link, name))
        return
    for name in attacked:
        if wrapping is None or wrapping.remote is None:
            # An xfrm interface takes only what an SA with its id decrypted; the attacker has ESP without one.
            own = _first_address(plan, name, 4) or _first_address(plan, name, 6) or LEASED
            protocol = ESP if link.wireguard is None else _UDP
            yield Case(enters=name, packet=Packet(source=None, destination=own, protocol=protocol), device=link)
            continue
        local = wrapping.local or _first_address(plan, name, wrapping.remote.family)
        if local is None:
            continue
        packet = Packet(source=wrapping.remote, destination=local, protocol=wrapping.protocol, key=wrapping.key)
        yield Case(enters=name, packet=packet, device=link)


def _first_address(plan: Plan, name: str, family: Family) -> Address | None:
    link = plan.link(name)
    return next((item.address for item in link.addresses if item.address.family == family), None) if link else None


def _ends(kernel: Kernel, case: Case) -> tuple[End, ...]:
    packet, device = case.packet, case.device
    if packet is None or device is None or device.name not in kernel.up or case.enters not in kernel.up:
        return ()
    trace = [f"{packet} arrives on {case.enters}, in clear"]
    if packet.destination not in kernel.local:
        trace.append(f"{packet.destination} is not an address of this router")
        return (End(kind="dropped", packet=packet, trace=tuple(trace)),)
    guard = stopped_on_the_way_in(kernel, packet, case.enters)
    if guard is not None:
        trace.append(f"no SA decrypted it, dropped by {guard.name}")
        return (End(kind="dropped", packet=packet, trace=tuple(trace)),)
    source = packet.source if packet.family == 4 else None
    if source is not None and not source_believed(kernel, source, case.enters):
        trace.append(f"the reverse path filter of {case.enters} does not believe its source: dropped")
        return (End(kind="dropped", packet=packet, trace=tuple(trace)),)
    if device.kind == "xfrm":
        trace.append(f"no SA has its SPI: {device.name} gets nothing")
        return (End(kind="dropped", packet=packet, trace=tuple(trace)),)
    if device.wireguard is not None:
        trace.append(f"no key that {device.name} knows made it: dropped")
        return (End(kind="dropped", packet=packet, trace=tuple(trace)),)
    outside = outer_of(device)
    if outside is not None and not takes(outside, packet):
        trace.append(f"{device.name} takes nothing that comes from there")
        return (End(kind="dropped", packet=packet, trace=tuple(trace)),)
    record = record_of(device)
    bound = device.encapsulating.link if device.encapsulating is not None else None
    if device.kind == "sit" and bound not in (None, case.enters):
        # ipip6_tunnel_lookup (net/ipv6/sit.c); the others take a binding for a preference (ip_tunnel_lookup).
        trace.append(f"{device.name} takes nothing that did not come in by {bound}")
        return (End(kind="dropped", packet=packet, trace=tuple(trace)),)
    if record is not None and not record.checks_inbound_policy:
        trace.append(f"{record.name} asks no inbound policy: {device.name} decapsulates it")
        return (End(kind="delivered", packet=packet, link=case.enters, trace=tuple(trace), devices=(device.name,)),)
    rivals = inbound(kernel, packet)
    doubts = tuple(filter(None, (contest(rivals),)))
    return tuple(_past(packet, policy, device.name, case.enters, trace, doubts) for policy in rivals)


def _past(
    packet: Packet, policy: Policy | None, device: str, enters: str, trace: list[str], doubts: tuple[str, ...]
) -> End:
    """What becomes of it where that inbound policy decides."""
    if policy is not None and policy.mode != "pass":
        line = f"inbound policy of {policy.child} asks for ESP: dropped"
        return End(kind="dropped", packet=packet, trace=(*trace, line), doubts=doubts)
    line = f"no inbound policy matches: {device} decapsulates it"
    return End(kind="delivered", packet=packet, link=enters, trace=(*trace, line), devices=(device,), doubts=doubts)
