"""Install a Plan into the network namespace of the calling thread: what the Plan says, in the order a kernel needs.

Sysctls, links, masters, addresses, links up, routes, rules, source NAT. Everything is written in batches and every
acknowledgement is read; a refusal names its object. Only new things are written: a link of the Plan that is in the
namespace already must be named in ``existing`` (Ethernet and loopback devices always are there). IPsec is not
installed here, that is the IKE daemon's work. ``connection`` must have been opened in the same namespace.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from pathlib import Path

from sapper.address import Family
from sapper.kernel.plan import Link, Plan, Route, Rule, Sysctl
from sapper.live import nftables
from sapper.live.device import creation, finishing, link_indexes
from sapper.live.netlink.address import add_address
from sapper.live.netlink.connection import KernelRefused, NetlinkConnection
from sapper.live.netlink.link import LinkMessage, change_link, create_link, set_link_up
from sapper.live.netlink.route import add_route
from sapper.live.netlink.rule import add_rule, decode_rule, list_rules

PROC_SYS = Path("/proc/sys")
GIVEN_KINDS = frozenset({"ethernet", "loopback"})  # never created here
# What the kernel says of a route whose way is not there (yet): its device is down, or its gateway cannot be reached.
NO_WAY = frozenset({errno.ENETDOWN, errno.ENETUNREACH, errno.EHOSTUNREACH})


def install(plan: Plan, connection: NetlinkConnection, *, existing: frozenset[str] = frozenset()) -> list[Route]:
    """Write the Plan, and return the unicast routes that have no way yet, because their link is down.

    Such a route is added by :func:`raise_link`. Raises KernelRefused.
    """
    early, late = _split_sysctls(plan, existing)
    _write_sysctls(early, plan)
    _create_links(plan, connection, existing)
    _write_sysctls(late, plan)
    indexes = link_indexes(connection)
    _require(plan, indexes)
    connection.send(change_link(message, link.name) for link in plan.links for message in finishing(link, indexes))
    connection.send(
        add_address(indexes[link.name], link.name, attached) for link in plan.links for attached in link.addresses
    )
    connection.send(set_link_up(indexes[link.name], link.name, up=True) for link in plan.links if link.up)
    skipped = _add_routes(plan.routes, connection, indexes, tolerated=frozenset())
    _add_rules(plan.rules, connection)
    _translate(plan)
    return skipped


def raise_link(plan: Plan, name: str, connection: NetlinkConnection) -> list[Route]:
    """Set the link up and give it back what its going down took: IPv6 addresses and routes.

    Returns its routes that still have no way. Raises KernelRefused.
    """
    link = _planned(plan, name)
    indexes = link_indexes(connection)
    index = _index(indexes, name)
    connection.send([set_link_up(index, name, up=True)])
    connection.send(add_address(index, name, attached) for attached in link.addresses)
    # Raising a link that is up already finds its routes there.
    return _add_routes(routes_through(plan, link), connection, indexes, tolerated=frozenset({errno.EEXIST}))


def lower_link(plan: Plan, name: str, connection: NetlinkConnection) -> None:
    """Set the link down; the kernel removes its routes, and its IPv6 addresses unless keep_addr_on_down is set."""
    _planned(plan, name)
    connection.send([set_link_up(_index(link_indexes(connection), name), name, up=False)])


def routes_through(plan: Plan, link: Link) -> tuple[Route, ...]:
    """The Plan's unicast routes that need this link: by its name, or by a gateway in one of its prefixes."""
    return tuple(
        route
        for route in plan.routes
        if route.kind == "unicast" and (route.link == link.name if route.link else _reaches(link, route))
    )


def _reaches(link: Link, route: Route) -> bool:
    return route.via is not None and any(route.via in attached.prefix for attached in link.addresses)


def _create_links(plan: Plan, connection: NetlinkConnection, existing: frozenset[str]) -> None:
    """Create in waves: a link whose device below is itself created here comes in a later one."""
    waiting = [link for link in plan.links if link.kind not in GIVEN_KINDS and link.name not in existing]
    while waiting:
        indexes = link_indexes(connection)
        ready = [link for link in waiting if _below(link) is None or _below(link) in indexes]
        if not ready:
            raise KernelRefused(errno.ENODEV, f"link {waiting[0].name}", f"there is no link {_below(waiting[0])}")
        connection.send(create_link(_creation(link, indexes)) for link in ready)
        waiting = [link for link in waiting if link not in ready]


def _creation(link: Link, indexes: dict[str, int]) -> LinkMessage:
    try:
        return creation(link, indexes)
    except ValueError as error:
        raise KernelRefused(errno.EOPNOTSUPP, f"link {link.name}", str(error)) from error


def _below(link: Link) -> str | None:
    return link.encapsulating.link if link.encapsulating else link.parent


def _add_routes(
    routes: Iterable[Route],
    connection: NetlinkConnection,
    indexes: dict[str, int],
    *,
    tolerated: frozenset[int],
) -> list[Route]:
    """Add them, those without a gateway first, because they may be the way to one; return those without a way."""
    requests = {}
    for route in sorted(routes, key=lambda route: route.via is not None):
        out = None if route.link is None else _index(indexes, route.link)
        requests[add_route(route, out)] = route
    skipped = []
    for request, refusal in connection.attempt(requests):
        if refusal.errno in tolerated:
            continue
        if requests[request].kind != "unicast" or refusal.errno not in NO_WAY:
            raise refusal
        skipped.append(requests[request])
    return skipped


def _add_rules(rules: Iterable[Rule], connection: NetlinkConnection) -> None:
    """Add those that are not there: the kernel takes its own rule for the main table a second time."""
    families: tuple[Family, ...] = (4, 6)
    there = {decode_rule(answer.payload) for family in families for answer in connection.dump(list_rules(family))}
    connection.send(add_rule(rule) for rule in rules if rule not in there)


def _translate(plan: Plan) -> None:
    try:
        commands = nftables.source_nat(plan.source_nat)
    except ValueError as error:
        raise KernelRefused(errno.EOPNOTSUPP, "source NAT", str(error)) from error
    nftables.apply(commands)


def _split_sysctls(plan: Plan, existing: frozenset[str]) -> tuple[list[Sysctl], list[Sysctl]]:
    """Those that can be written before links are created, and those of links that will be created."""
    created = {link.name for link in plan.links if link.kind not in GIVEN_KINDS and link.name not in existing}
    late = [sysctl for sysctl in plan.sysctls if any(f".{name}." in sysctl.name for name in created)]
    return [sysctl for sysctl in plan.sysctls if sysctl not in late], late


def _write_sysctls(sysctls: Iterable[Sysctl], plan: Plan) -> None:
    for sysctl in sysctls:
        try:
            sysctl_path(sysctl.name, plan).write_text(sysctl.value)
        except OSError as error:
            raise KernelRefused(error.errno or errno.EIO, f"sysctl {sysctl.name}") from error


def sysctl_path(name: str, plan: Plan) -> Path:
    """The file of a sysctl; dots of a VLAN's name (``eth0.10``) are not separators."""
    for link in plan.links:
        if "." in link.name:
            name = name.replace(f".{link.name}.", f".{link.name.replace('.', '/')}.")
    return PROC_SYS.joinpath(*(part.replace("/", ".") for part in name.split(".")))


def _require(plan: Plan, indexes: dict[str, int]) -> None:
    for link in plan.links:
        _index(indexes, link.name)


def _planned(plan: Plan, name: str) -> Link:
    link = plan.link(name)
    if link is None:
        raise KernelRefused(errno.ENODEV, f"link {name}", "the plan does not have it")
    return link


def _index(indexes: dict[str, int], name: str) -> int:
    if name not in indexes:
        raise KernelRefused(errno.ENODEV, f"link {name}")
    return indexes[name]
