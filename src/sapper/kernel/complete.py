"""What a fragment does not say, assumed for the worst: an untrusted WAN and a default route through it.

A snippet from an article has neither ethernet interface nor default route. A proof over it alone would show a
router that cannot send anything anywhere, and would call every tunnel safe. So the missing pieces are added to the
Plan, marked ``assumed``, and named in a sentence each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from sapper.address import Address, Attached, Family, Prefix
from sapper.kernel.ends import ends_of
from sapper.kernel.plan import MAIN_TABLE, Connection, Link, Plan, Route

ASSUMED_WAN = "wan"
_HOST_LENGTH = {4: 32, 6: 128}


def complete(plan: Plan) -> Plan:
    """The Plan with an assumed WAN and default routes where it lacks them; unchanged where it lacks nothing."""
    families = _families(plan)
    missing = [family for family in sorted(families) if not _has_default(plan, family)]
    homeless = list(_homeless_addresses(plan))
    named = list(_unconfigured_links(plan))
    links = list(plan.links)
    assumptions = list(plan.assumptions)
    for name in named:
        links.append(Link(name=name, kind="ethernet", assumed=True))
        assumptions.append(f"{name} is named but not configured; taken as an untrusted Ethernet interface")
    wan = _wan(links, plan)
    if wan is None and (missing or homeless):
        wan = Link(name=ASSUMED_WAN, kind="ethernet", assumed=True)
        links.append(wan)
        assumptions.append(f"no WAN interface is configured; an untrusted one named {ASSUMED_WAN} is assumed")
    if wan is not None and homeless:
        links[links.index(wan)] = wan = msgspec.structs.replace(
            wan,
            addresses=wan.addresses
            + tuple(Attached(address, _HOST_LENGTH[address.family]) for address in homeless),
        )
        listed = ", ".join(str(address) for address in homeless)
        assumptions.append(f"{listed} is on no configured interface; assumed on {wan.name}")
    routes = list(plan.routes)
    for family in missing:
        if wan is not None:
            routes.append(Route(prefix=Prefix.everything(family), link=wan.name, metric=1024, assumed=True))
            words = "by DHCP on" if wan.dynamic else "assumed through"
            assumptions.append(
                f"no IPv{family} default route is configured; an untrusted one is {words} {wan.name}"
            )
    connections = tuple(_with_local_address(item, wan, assumptions) for item in plan.connections)
    return msgspec.structs.replace(
        plan,
        links=tuple(links),
        routes=tuple(routes),
        connections=connections,
        assumptions=tuple(dict.fromkeys(assumptions)),
    )


def _with_local_address(connection: Connection, wan: Link | None, assumptions: list[str]) -> Connection:
    """A local address of any is the WAN's, where that is the only one it can be; one that is leased is not known."""
    known = connection.local_addrs or connection.leased_from is not None
    if known or wan is None or wan.dynamic or not connection.remote_addrs:
        return connection
    family = connection.remote_addrs[0].family
    own = [attached.address for attached in wan.addresses if attached.address.family == family]
    if len(own) != 1:
        return connection
    assumptions.append(f"{connection.title}: its local address is any; taken to be {own[0]} of {wan.name}")
    return msgspec.structs.replace(connection, local_addrs=(own[0],))


def _families(plan: Plan) -> set[Family]:
    """The families that the tunnels and connections of the Plan concern, outside and inside."""
    found: set[Family] = set()
    for link in plan.links:
        outer = ends_of(link)
        if outer or link.kind == "xfrm":
            found |= {attached.address.family for attached in link.addresses}
            ends = (outer.local, *outer.remotes) if outer else ()
            found |= {end.family for end in ends if end is not None}
    for connection in plan.connections:
        found |= {address.family for address in (*connection.local_addrs, *connection.remote_addrs)}
        for child in connection.children:
            if child.if_id is None:
                found |= {selector.prefix.family for selector in (*child.local_ts, *child.remote_ts)}
    found |= {route.prefix.family for route in plan.routes}
    return found or {4}


def _has_default(plan: Plan, family: Family) -> bool:
    return any(
        route.table == MAIN_TABLE and route.prefix.family == family and route.prefix.length == 0
        for route in plan.routes
    )


def _homeless_addresses(plan: Plan) -> Iterator[Address]:
    """Local addresses of tunnels and peers that no interface of the Plan carries."""
    carried = {attached.address for link in plan.links for attached in link.addresses}
    seen: set[Address] = set()
    wanted = [outer.local for outer in map(ends_of, plan.links) if outer]
    wanted += [address for connection in plan.connections for address in connection.local_addrs]
    for address in wanted:
        if address is None or address in carried or address in seen or address.is_unspecified:
            continue
        seen.add(address)
        yield address


def _unconfigured_links(plan: Plan) -> Iterator[str]:
    """Interfaces that routes, tunnels and bridges name and nothing configures."""
    configured = {link.name for link in plan.links}
    named = [route.link for route in plan.routes]
    named += [outer.link for outer in map(ends_of, plan.links) if outer]
    for name in dict.fromkeys(named):
        if name is not None and name not in configured:
            yield name


def _wan(links: list[Link], plan: Plan) -> Link | None:
    """The interface that faces the untrusted network, by the strongest sign there is; None if there is no sign."""
    outside = {address for connection in plan.connections for address in connection.local_addrs}
    outside |= {outer.local for outer in map(ends_of, plan.links) if outer and outer.local}
    bridges = {link.name for link in links if link.kind == "bridge"}
    wired = [link for link in links if link.kind in ("ethernet", "vlan", "pppoe") and link.master not in bridges]
    defaults = [route for route in plan.routes if route.prefix.length == 0 and route.kind == "unicast"]
    signs: tuple[Callable[[Link], bool], ...] = (
        lambda link: any(route.link == link.name or _reaches(link, route.via) for route in defaults),
        lambda link: any(attached.address in outside for attached in link.addresses),
        lambda link: link.dynamic,
        lambda link: any(_reaches(link, far) for far in _far_ends(plan)),
        lambda link: link.assumed or not link.addresses,
    )
    for sign in signs:
        for link in wired:
            if sign(link):
                return link
    return None


def _reaches(link: Link, address: Address | None) -> bool:
    return address is not None and any(address in attached.prefix for attached in link.addresses)


def _far_ends(plan: Plan) -> Iterator[Address]:
    for connection in plan.connections:
        yield from connection.remote_addrs
    for link in plan.links:
        outer = ends_of(link)
        if outer is not None:
            yield from outer.remotes
