"""XFRM policy lookup: the policy of the lowest priority number whose selector and interface id fit.

A packet that leaves by an xfrm interface meets only policies with that interface's id, every other packet only
policies without one (net/xfrm/xfrm_policy.c). What finds no policy goes on in clear: Linux differs from RFC 4301.
"""

from __future__ import annotations

import msgspec

from sapper.address import Address
from sapper.kernel.plan import Selector
from sapper.proof.effective import Kernel, Policy
from sapper.proof.packet import Packet


def outbound(kernel: Kernel, packet: Packet, if_id: int | None = None) -> Policy | None:
    """The policy that decides about a packet on its way out, or None."""
    for policy in kernel.policies:
        if (
            policy.if_id == if_id
            and _fits(policy.source, packet.source, packet.protocol, packet.source_port)
            and _fits(policy.destination, packet.destination, packet.protocol, packet.destination_port)
        ):
            return policy
    return None


def inbound(kernel: Kernel, packet: Packet, if_id: int | None = None) -> Policy | None:
    """The policy that decides about a packet that came in: the outbound one with its sides exchanged."""
    for policy in kernel.policies:
        if (
            policy.if_id == if_id
            and _fits(policy.destination, packet.source, packet.protocol, packet.source_port)
            and _fits(policy.source, packet.destination, packet.protocol, packet.destination_port)
        ):
            return policy
    return None


def forwarding(kernel: Kernel, packet: Packet) -> Policy | None:
    """The policy that decides about a packet in clear which this router is to forward (ip_forward, ip6_forward).

    It is the inbound one once more, but charon writes none for transport mode (child_sa.c).
    """
    routed = msgspec.structs.replace(
        kernel, policies=tuple(policy for policy in kernel.policies if policy.mode != "transport")
    )
    return inbound(routed, packet)


def _fits(selector: Selector, address: Address | None, protocol: int, port: int | None) -> bool:
    if address is None or address not in selector.prefix:
        return False
    if selector.protocol is not None and selector.protocol != protocol:
        return False
    return selector.port is None or selector.port == port
