"""XFRM policy lookup: the policy of the lowest priority number whose selector and interface id fit.

Among equal numbers the order of installing decides, and in which of its lists the kernel keeps each (xfrm_policy.c,
xfrm_policy_insert, xfrm_policy_eval_candidates): SAs that come and go change it, so any of them may be the one.

A packet that leaves by an xfrm interface meets only policies with that interface's id, every other packet only
policies without one (net/xfrm/xfrm_policy.c). What finds no policy goes on in clear: Linux differs from RFC 4301.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from sapper.address import Address
from sapper.kernel.plan import Selector
from sapper.proof.facts.packet import Packet
from sapper.proof.states.effective import Kernel, Policy


def outbound(kernel: Kernel, packet: Packet, if_id: int | None = None) -> tuple[Policy | None, ...]:
    """The policies of which one decides about a packet on its way out; None alone if there is none."""
    return _first(
        policy
        for policy in kernel.policies
        if policy.outbound
        and policy.if_id == if_id
        and _fits(policy.source, packet.source, packet.protocol, packet.source_port)
        and _fits(policy.destination, packet.destination, packet.protocol, packet.destination_port)
    )


def inbound(kernel: Kernel, packet: Packet, if_id: int | None = None) -> tuple[Policy | None, ...]:
    """Those that decide about a packet that came in: the outbound ones with their sides exchanged."""
    return _first(
        policy
        for policy in kernel.policies
        if policy.inbound
        and policy.if_id == if_id
        and _fits(policy.destination, packet.source, packet.protocol, packet.source_port)
        and _fits(policy.source, packet.destination, packet.protocol, packet.destination_port)
    )


def forwarding(kernel: Kernel, packet: Packet) -> tuple[Policy | None, ...]:
    """Those that decide about a packet in clear which this router is to forward (ip_forward, ip6_forward).

    They are the inbound ones once more, but charon writes none for transport mode (child_sa.c).
    """
    routed = msgspec.structs.replace(
        kernel, policies=tuple(policy for policy in kernel.policies if policy.mode != "transport")
    )
    return inbound(routed, packet)


def contest(policies: Iterable[Policy | None]) -> str | None:
    """The doubt where of policies that may decide some protect and some do not: which one wins is not modelled."""
    return contested(
        [(policy.child, policy.mode != "pass" and policy.conceals) for policy in policies if policy is not None]
    )


def contested(rivals: Sequence[tuple[str, bool]]) -> str | None:
    """The same of children's names, each with whether its policy protects."""
    if len({protects for _, protects in rivals}) < 2:
        return None
    names = ", ".join(dict.fromkeys(child for child, _ in rivals))
    return f"policies of one priority, and not all protect: {names}"


def _first(fitting: Iterator[Policy]) -> tuple[Policy | None, ...]:
    """The first and its equals, each that does the same only once. A Kernel has its policies by priority."""
    first = next(fitting, None)
    if first is None:
        return (None,)
    found = {_deed(first): first}
    for policy in fitting:
        if policy.priority != first.priority:
            break
        found.setdefault(_deed(policy), policy)
    return tuple(found.values())


def _deed(policy: Policy) -> tuple[object, ...]:
    return policy.mode, policy.state, policy.conceals, policy.local_end, policy.remote_end, policy.child


def _fits(selector: Selector, address: Address | None, protocol: int, port: int | None) -> bool:
    if address is None or address not in selector.prefix:
        return False
    if selector.protocol is not None and selector.protocol != protocol:
        return False
    return selector.port is None or selector.port == port
