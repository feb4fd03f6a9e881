"""What a tunnel is there to protect: whether it is meant to be protected at all, and which networks it serves.

A tunnel is meant to be protected if an IPsec selector meets its outer packets, or its remote is a peer's remote
address, or its source lies in a local selector, or a DMVPN profile binds it. Its protected networks are what is routed
to it, its connected prefixes, the flows of the selectors that carry it, and what the user states. The default route
counts only if the user says so.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from sapper.address import Prefix
from sapper.kernel.ends import ends_of
from sapper.kernel.plan import Child, Connection, Link, Plan, Selector
from sapper.proof.facts.policy_routing import tables_for_all
from sapper.proof.states.effective import local_selectors, remote_selectors


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to prove: a tunnel device, a VTI, or (``link`` None) a plain policy-based child.

    ``connections`` are those that protect it: the focus of its situations. ``flows`` are selector pairs.
    ``demanded``: the user says that it must be protected.
    """

    name: str
    link: Link | None
    connections: tuple[Connection, ...]
    networks: tuple[Prefix, ...] = ()
    flows: tuple[tuple[Selector, Selector], ...] = ()
    demanded: bool = False

    @property
    def is_protected(self) -> bool:
        return bool(self.connections) or self.is_wireguard or self.demanded

    @property
    def is_wireguard(self) -> bool:
        return self.link is not None and self.link.wireguard is not None


def entries_of(plan: Plan) -> Iterator[Entry]:
    """Every entry of the report, in the order of the Plan: tunnels, VTIs, then plain policy-based children."""
    serving: set[str] = set()
    for link in plan.links:
        if ends_of(link) is None and link.kind != "xfrm":
            continue
        owners = owners_of(plan, link)
        children = [
            child
            for connection in owners
            for child in connection.children
            if child_protects(connection, child, link)
        ]
        serving |= {child.name for child in children}
        yield Entry(
            name=link.name,
            link=link,
            connections=owners,
            networks=tuple(dict.fromkeys((*networks_of(plan, link), *plan.stated.protect))),
            flows=tuple(_flows(owners, children)) if link.encapsulating else (),
            demanded=link.name in plan.stated.tunnels,
        )
    for connection in plan.connections:
        for child in connection.children:
            if child.name in serving or child.mode == "pass" or child.if_id is not None:
                continue
            yield Entry(
                name=child.title,
                link=None,
                connections=(connection,),
                networks=plan.stated.protect,
                flows=tuple(_flows((connection,), [child])),
            )


def owners_of(plan: Plan, link: Link) -> tuple[Connection, ...]:
    """The connections that are meant to protect that tunnel or VTI.

    Those that name its far end, by their peer's address or by selectors that hold both ends. Where none does, those
    that hold one end: selectors that miss the other are a mistake to be told, but a hub's one source is every peer's.
    """
    some = tuple(connection for connection in plan.connections if protects(connection, link))
    return tuple(connection for connection in some if names_far_end(connection, link)) or some


def names_far_end(connection: Connection, link: Link) -> bool:
    """Whether the connection's peer is the tunnel's remote, or one of its children selects both of its ends."""
    ends = ends_of(link)
    if link.kind == "xfrm" or ends is None or connection.binds == link.name:
        return True
    if any(remote in connection.remote_addrs for remote in ends.remotes):
        return True
    return any(
        child_protects(connection, child, link)
        and any(far in selector.prefix for selector in remote_selectors(connection, child) for far in ends.remotes)
        for child in connection.children
    )


def protects(connection: Connection, link: Link) -> bool:
    """Whether that connection is meant to protect that tunnel or VTI."""
    if link.kind == "xfrm":
        return any(child.if_id == link.if_id for child in connection.children)
    ends = ends_of(link)
    if ends is None:
        return False
    if any(remote in connection.remote_addrs for remote in ends.remotes):
        return True
    return any(child_protects(connection, child, link) for child in connection.children)


def child_protects(connection: Connection, child: Child, link: Link) -> bool:
    """Whether that child's selectors meet the tunnel's outer packets, or hold its source."""
    if link.kind == "xfrm":
        return child.if_id == link.if_id
    ends = ends_of(link)
    if ends is None or child.mode == "pass" or child.if_id is not None:
        return False
    if connection.binds == link.name:
        return True
    ours, theirs = local_selectors(connection, child), remote_selectors(connection, child)
    local = any(ends.local in selector.prefix for selector in ours if ends.local)
    remote = any(far in selector.prefix for selector in theirs for far in ends.remotes)
    return local or ((ends.local is None or not ours) and remote)


def networks_of(plan: Plan, link: Link) -> Iterator[Prefix]:
    """The networks routed to a tunnel or over a next hop behind it, and its connected prefixes; no default route."""
    seen: set[Prefix] = set()
    connected = [attached.prefix for attached in link.addresses]
    asked = tables_for_all(plan)
    routed = [
        route.prefix
        for route in plan.routes
        if route.table in asked
        and route.kind == "unicast"
        and (route.link == link.name or any(route.via in prefix for prefix in connected if route.via))
    ]
    for prefix in (*connected, *routed):
        if prefix not in seen and prefix.length != 0:
            seen.add(prefix)
            yield prefix


def _flows(connections: tuple[Connection, ...], children: list[Child]) -> Iterator[tuple[Selector, Selector]]:
    wanted = set(map(id, children))
    for connection in connections:
        for child in children if len(connections) == 1 else connection.children:
            if id(child) not in wanted or child.mode == "pass":
                continue
            for local in local_selectors(connection, child):
                for remote in remote_selectors(connection, child):
                    if local.prefix.family == remote.prefix.family and remote.prefix.length != 0:
                        yield local, remote
