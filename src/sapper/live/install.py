"""Install a Plan into the network namespace of the calling thread: what the Plan says, in the order a kernel needs.

Sysctls, links, masters, addresses, links up, routes, L2TPv3 devices (whose sockets need all of that) with what is
theirs, rules, nftables. Everything is written in batches and every acknowledgement is read; a refusal names its
object. Only new things are written: a link of the Plan that is in the namespace already must be named in ``existing``
(Ethernet, loopback and PPPoE devices always are there). IPsec is not installed here, that is the IKE daemon's work.
``connection`` must have been opened in the same namespace.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Sequence
from pathlib import Path

from sapper.address import Family
from sapper.kernel.plan import Link, Plan, Route, Rule, Sysctl
from sapper.live import filtering
from sapper.live.device import below, creation, finishing, forwarding, link_indexes
from sapper.live.netlink.address import add_address
from sapper.live.netlink.connection import KernelRefused, NetlinkConnection
from sapper.live.netlink.link import LinkMessage, change_link, create_link, set_link_up
from sapper.live.netlink.rule import add_rule, decode_rule, list_rules
from sapper.live.sessions import give_keys, open_sessions
from sapper.live.ways import NO_WAY, add_ways, with_siblings

__all__ = ["GIVEN_KINDS", "NO_WAY", "install", "lower_link", "raise_link", "routes_through", "sysctl_path"]

PROC_SYS = Path("/proc/sys")
GIVEN_KINDS = frozenset({"ethernet", "loopback", "pppoe"})  # never created here: hardware, the kernel, pppd
SESSION_KINDS = frozenset({"l2tpeth"})  # created by a session, after routes


def install(plan: Plan, connection: NetlinkConnection, *, existing: frozenset[str] = frozenset()) -> list[Route]:
    """Write the Plan, and return the unicast routes that have no way yet, because their link is down.

    Such a route is added by :func:`raise_link`. Raises KernelRefused.
    """
    sessions = [link for link in plan.links if link.kind in SESSION_KINDS and link.name not in existing]
    links = [link for link in plan.links if link not in sessions]
    over_sessions = {route for link in sessions for route in with_siblings(plan, routes_through(plan, link))}
    created = [link for link in links if link.kind not in GIVEN_KINDS and link.name not in existing]
    _write_sysctls([sysctl for sysctl in plan.sysctls if not _is_of(sysctl, (*created, *sessions))], plan)
    _create_links(created, connection)
    give_keys(created)
    _furnish(plan, links, created, connection)
    skipped = _add(connection, [route for route in plan.routes if route not in over_sessions])
    if sessions:
        open_sessions(sessions)
        _furnish(plan, sessions, sessions, connection)
        skipped += _add(connection, [route for route in plan.routes if route in over_sessions])
    _add_rules(plan.rules, connection)
    filtering.install(plan)
    return skipped


def raise_link(plan: Plan, name: str, connection: NetlinkConnection) -> list[Route]:
    """Set the link up and give it back what its going down took: IPv6 addresses and routes.

    Returns its routes that still have no way. Raises KernelRefused.
    """
    link = _planned(plan, name)
    index = _index(link_indexes(connection), name)
    connection.send([set_link_up(index, name, up=True)])
    connection.send(add_address(index, name, attached) for attached in link.addresses)
    own = routes_through(plan, link)
    # Raising a link that is up already finds its routes there.
    still = _add(connection, with_siblings(plan, own), again=True)
    return [route for route in still if route in own]


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


def _create_links(links: Sequence[Link], connection: NetlinkConnection) -> None:
    """Create in waves: a link whose device below is itself created here comes in a later one."""
    waiting = list(links)
    while waiting:
        indexes = link_indexes(connection)
        ready = [link for link in waiting if below(link) is None or below(link) in indexes]
        if not ready:
            raise KernelRefused(errno.ENODEV, f"link {waiting[0].name}", f"there is no link {below(waiting[0])}")
        connection.send(create_link(_creation(link, indexes)) for link in ready)
        waiting = [link for link in waiting if link not in ready]


def _creation(link: Link, indexes: dict[str, int]) -> LinkMessage:
    try:
        return creation(link, indexes)
    except ValueError as error:
        raise KernelRefused(errno.EOPNOTSUPP, f"link {link.name}", str(error)) from error


def _furnish(plan: Plan, links: Sequence[Link], created: Sequence[Link], connection: NetlinkConnection) -> None:
    """Sysctls, masters, remotes and addresses of links that exist, and raise those that are up."""
    _write_sysctls([sysctl for sysctl in plan.sysctls if _is_of(sysctl, created)], plan)
    indexes = link_indexes(connection)
    for link in links:
        _index(indexes, link.name)
    connection.send(change_link(message, link.name) for link in links for message in finishing(link, indexes))
    connection.send(request for link in created for request in forwarding(link, indexes))
    connection.send(
        add_address(indexes[link.name], link.name, attached) for link in links for attached in link.addresses
    )
    connection.send(set_link_up(indexes[link.name], link.name, up=True) for link in links if link.up)


def _add(connection: NetlinkConnection, routes: Iterable[Route], *, again: bool = False) -> list[Route]:
    indexes = link_indexes(connection)
    return add_ways(routes, connection, lambda name: _index(indexes, name), again=again)


def _add_rules(rules: Iterable[Rule], connection: NetlinkConnection) -> None:
    """Add those that are not there: the kernel takes its own rule for the main table a second time."""
    families: tuple[Family, ...] = (4, 6)
    there = {decode_rule(answer.payload) for family in families for answer in connection.dump(list_rules(family))}
    connection.send(add_rule(rule) for rule in rules if rule not in there)


def _is_of(sysctl: Sysctl, links: Iterable[Link]) -> bool:
    return any(f".{link.name}." in sysctl.name for link in links)


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


def _planned(plan: Plan, name: str) -> Link:
    link = plan.link(name)
    if link is None:
        raise KernelRefused(errno.ENODEV, f"link {name}", "the plan does not have it")
    return link


def _index(indexes: dict[str, int], name: str) -> int:
    if name not in indexes:
        raise KernelRefused(errno.ENODEV, f"link {name}")
    return indexes[name]
