"""The far end of an entry, where its configuration is given: whether it takes what this end sends.

The two daemons narrow their selectors to what both have (RFC 7296 2.9), so what the far end does not select is not
protected here either. The far kernel asks its inbound policies about what came out of the SA, and the device that takes
it is found by both addresses and the key (net/ipv4/ip_tunnel.c, ip_tunnel_lookup). What the daemons must agree on
before there is an SA (keys, proposals, versions, NAT) is compared by the findings about pairs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from sapper.address import Address, Prefix
from sapper.kernel.complete import complete
from sapper.kernel.links import encapsulation_of, record_of
from sapper.kernel.plan import Child, Connection, Encapsulating, Link, Plan, Selector
from sapper.proof.facts.packet import Packet, protocol_name
from sapper.proof.properties.liveness import own_end, up_in
from sapper.proof.properties.liveness_cases import device_cases, inner_networks, routed_to_vti
from sapper.proof.properties.protected import Entry, networks_of
from sapper.proof.states.effective import Kernel, kernel_in, local_selectors, remote_selectors, selectors_known
from sapper.proof.walk.policy import inbound


class FarRouter:
    """A router that is somebody's far end; what is looked up in it serves all of its peers. ``label`` names it."""

    def __init__(self, plan: Plan, label: str) -> None:
        self.plan = complete(plan)
        self.label = label

    @cached_property
    def kernel(self) -> Kernel:
        """With every SA up and the network undisturbed."""
        return kernel_in(self.plan, up_in(self.plan))

    @cached_property
    def _by_remote(self) -> dict[Address | None, list[Link]]:
        found: dict[Address | None, list[Link]] = defaultdict(list)
        for link in self.plan.links:
            if link.encapsulating is not None:
                found[link.encapsulating.remote].append(link)
        return found

    def devices(self, local: Address, remote: Address) -> list[Link]:
        """The tunnels whose packets go from that local to that remote address, whatever they are."""
        found = (*self._by_remote.get(remote, ()), *self._by_remote.get(None, ()))
        return [link for link in found if own_end(link) in (None, local)]


def refusal(near: Plan, entry: Entry, connection: Connection, far: FarRouter, theirs: Connection) -> str | None:
    """Why the far end does not take what this one sends by that connection; None if nothing speaks against it.

    ``near`` is completed; ``theirs`` is the far end's part of the connection.
    """
    link = entry.link
    if link is None:
        lines = (_unselected_flow(local, remote, theirs, far) for local, remote in entry.flows)
        return next((line for line in lines if line is not None), None)
    if link.kind == "xfrm":
        return _unselected_network(near, entry, link, theirs, far)
    local = own_end(link) or next(iter(connection.local_addrs), None)
    wrapping = link.encapsulating
    if wrapping is None or wrapping.remote is None or local is None:
        return None
    outer = Packet(source=local, destination=wrapping.remote, protocol=wrapping.protocol, key=wrapping.key)
    return (
        _unselected(outer, theirs, far)
        or _no_device(outer, link, wrapping, far)
        or _not_let_in(outer, link, theirs, far)
    )


def _unselected(outer: Packet, theirs: Connection, far: FarRouter) -> str | None:
    """The packet as the far end sees it: its own side is the destination."""
    assert outer.source is not None
    for child in _encrypting(theirs):
        if not selectors_known(theirs, child):
            return None
        for ours, others in _selectors(theirs, child):
            fits = outer.destination in ours.prefix and outer.source in others.prefix
            if fits and {ours.protocol, others.protocol} <= {None, outer.protocol}:
                return None
    return (
        f"no child of {theirs.title} in {far.label} selects {protocol_name(outer.protocol)} between "
        f"{outer.destination} and {outer.source}: no SA covers it"
    )


def _no_device(outer: Packet, link: Link, wrapping: Encapsulating, far: FarRouter) -> str | None:
    assert outer.source is not None
    some = far.devices(outer.destination, outer.source)
    if not some:
        return f"no tunnel in {far.label} is from {outer.destination} to {outer.source}: nothing there takes the packet"
    alike = [other for other in some if _described(other) == _described(link)]
    if not alike:
        return f"{link.name} is {_described(link)}, {some[0].name} in {far.label} is {_described(some[0])}"
    if not any(other.name in far.kernel.up for other in alike):
        return f"{alike[0].name} in {far.label} is down"
    return None


def _described(link: Link) -> str:
    key = link.encapsulating.key if link.encapsulating is not None else None
    return encapsulation_of(link) + (f" with key {key}" if key is not None else "")


def _not_let_in(outer: Packet, link: Link, theirs: Connection, far: FarRouter) -> str | None:
    """The inbound policy that decides must be the one that the SA was made for."""
    kernel, record = far.kernel, record_of(link)
    if outer.destination not in kernel.local:
        return f"{outer.destination} is no address of {far.label}"
    if record is None or not record.checks_inbound_policy:
        return None
    children = _encrypting(theirs)
    names = {child.name for child in children}
    others = [policy.child for policy in inbound(kernel, outer) if policy is not None and policy.child not in names]
    if not others or not all(selectors_known(theirs, child) for child in children):
        return None
    return f"in {far.label} the policy of {others[0]} may decide about it, and that is not the one of its SA"


def _unselected_flow(local: Selector, remote: Selector, theirs: Connection, far: FarRouter) -> str | None:
    for child in _encrypting(theirs):
        if not selectors_known(theirs, child):
            return None
        for ours, others in _selectors(theirs, child):
            if _holds(ours, remote) and _holds(others, local):
                return None
    return (
        f"no child of {theirs.title} in {far.label} selects all from {remote.prefix} to {local.prefix}: the rest is "
        "not covered"
    )


def _holds(wide: Selector, narrow: Selector) -> bool:
    return (
        wide.prefix.family == narrow.prefix.family
        and wide.prefix.covers(narrow.prefix)
        and wide.protocol in (None, narrow.protocol)
        and wide.port in (None, narrow.port)
    )


def _unselected_network(near: Plan, entry: Entry, link: Link, theirs: Connection, far: FarRouter) -> str | None:
    """A network behind a VTI, or the far end's address on it, that the far end does not select."""
    if not all(selectors_known(theirs, child) for child in _encrypting(theirs)):
        return None
    networks = tuple(networks_of(near, link))
    wanted = [
        (Prefix.host(case.packet.destination), case.packet.source)
        for case in device_cases(entry, link, networks)
        if case.packet is not None
    ]
    wanted += routed_to_vti(entry, link, networks, inner_networks(near))
    for network, source in wanted:
        held = any(
            ours.prefix.family == network.family
            and ours.prefix.covers(network)
            and (source is None or source in others.prefix)
            for child in _encrypting(theirs)
            for ours, others in _selectors(theirs, child)
        )
        if not held:
            return f"no child of {theirs.title} in {far.label} selects {network} for {source}: no SA covers it"
    return None


def _encrypting(connection: Connection) -> list[Child]:
    return [child for child in connection.children if child.mode != "pass"]


def _selectors(connection: Connection, child: Child) -> Iterator[tuple[Selector, Selector]]:
    """Pairs of the far end's own selector and the one for this end."""
    for ours in local_selectors(connection, child):
        for others in remote_selectors(connection, child):
            yield ours, others
