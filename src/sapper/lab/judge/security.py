"""The policies and states of one situation as netlink requests, in the shape in which charon writes them.

Each policy of the model is written for ``out``, turned round for ``in``, and for ``fwd`` unless it is of transport mode.
While an SA moves, only its outbound policies are there, and below them what a trap has for what comes in.
A kernel keeps one policy for a selector and an interface id: of several, charon installs the one that comes first.
States have a null cipher and no integrity, so that what they protect stays readable. In transport mode neither the
template nor the state's selector has what charon leaves out there. Sources: strongSwan 5.9.8
kernel_netlink_ipsec.c (add_sa, add_policy_internal), child_sa.c (install_policies_inbound).
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.address import Address, Family
from sapper.kernel.plan import Selector
from sapper.live.netlink.message import Request
from sapper.live.netlink.policy import Direction, PolicyMessage, Template, add_policy, flush_policies
from sapper.live.netlink.state import Algorithm, StateMessage, add_state, flush_states
from sapper.live.netlink.xfrm import XfrmSelector
from sapper.proof.states.effective import Kernel, Policy
from sapper.proof.walk.routing import lookup, source_for
from sapper.secret import Secret

SOMEBODY: dict[Family, Address] = {4: Address.parse("203.0.113.77"), 6: Address.parse("2001:db8:2::77")}
"""The peer that an SA belongs to where its connection takes any."""

_NULL = Algorithm("ecb(cipher_null)", Secret(""))
_AF_UNSPEC = 32  # XFRM_STATE_AF_UNSPEC: inside may be either family
_FIRST_SPI = 0x1000
_WHOLE_PORT = 0xFFFF


def requests(kernel: Kernel) -> Iterator[Request]:
    """What makes the kernel's policies and states those of that situation."""
    yield flush_policies()
    yield flush_states()
    numbers = {child: at for at, child in enumerate(dict.fromkeys(item.child for item in kernel.policies), 1)}
    keyed: dict[str, Policy] = {}
    there: set[tuple[Direction, XfrmSelector, int]] = set()
    for policy in kernel.policies:
        if policy.state and policy.mode != "pass":
            keyed.setdefault(policy.child, policy)
        for message in _messages(policy, numbers[policy.child], *ends(kernel, policy)):
            place = (message.direction, message.selector, message.if_id)
            if place not in there:
                there.add(place)
                yield add_policy(message)
    for child, policy in keyed.items():
        yield from map(add_state, _states(policy, numbers[child], *ends(kernel, policy)))


def _messages(policy: Policy, reqid: int, near: Address, far: Address) -> Iterator[PolicyMessage]:
    out = _selector(policy.source, policy.destination)
    back = _selector(policy.destination, policy.source)
    inwards: tuple[Direction, ...] = ("in",) if policy.mode == "transport" else ("in", "fwd")
    ways: tuple[Direction, ...] = ("out",) if policy.outbound else ()
    for direction in (*ways, *(inwards if policy.inbound else ())):
        outwards = direction == "out"
        yield PolicyMessage(
            selector=out if outwards else back,
            direction=direction,
            templates=_templates(policy, reqid, *((near, far) if outwards else (far, near))),
            priority=policy.priority,
            if_id=policy.if_id or 0,
        )


def _templates(policy: Policy, reqid: int, source: Address, destination: Address) -> tuple[Template, ...]:
    if policy.mode == "pass":
        return ()
    if policy.mode == "transport":
        source = destination = Address(policy.source.prefix.family, 0)
    return (Template(source=source, destination=destination, reqid=reqid, mode=policy.mode),)


def ends(kernel: Kernel, policy: Policy) -> tuple[Address, Address]:
    """The SA's addresses; where the configuration says any, somebody, and the address that routing gives towards him."""
    known = policy.remote_end or policy.local_end
    family = known.family if known is not None else policy.source.prefix.family
    far = policy.remote_end or SOMEBODY[family]
    near = policy.local_end or next((source_for(kernel, route, far) for route in lookup(kernel, far)), None)
    return near or Address(family, 1), far


def _states(policy: Policy, number: int, near: Address, far: Address) -> Iterator[StateMessage]:
    for at, (source, destination) in enumerate(((near, far), (far, near))):
        if policy.mode == "transport":
            sides = (policy.source, policy.destination) if at == 0 else (policy.destination, policy.source)
            selector = XfrmSelector(source=sides[0].prefix, destination=sides[1].prefix)
        yield StateMessage(
            source=source,
            destination=destination,
            spi=_FIRST_SPI + 2 * number + at,
            selector=selector if policy.mode == "transport" else None,
            reqid=number,
            mode="transport" if policy.mode == "transport" else "tunnel",
            flags=0 if policy.mode == "transport" else _AF_UNSPEC,
            if_id=policy.if_id or 0,
            cipher=_NULL,
        )


def _selector(source: Selector, destination: Selector) -> XfrmSelector:
    return XfrmSelector(
        source=source.prefix,
        destination=destination.prefix,
        protocol=max(source.protocol or 0, destination.protocol or 0),
        source_port=source.port or 0,
        source_port_mask=_WHOLE_PORT if source.port else 0,
        destination_port=destination.port or 0,
        destination_port_mask=_WHOLE_PORT if destination.port else 0,
    )
