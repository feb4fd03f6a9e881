"""The shape of a tunnel: everything that may be drawn for it but its own addresses, numbers and names.

Kind, modes, actions, timers, selectors' and routes' prefix lengths, protocols, ports, metrics, what stands beside each
route. Two tunnels of one shape could be proved from one template; the hub of the benchmark draws again until no two of a
thousand are alike.
"""

from __future__ import annotations

from collections.abc import Iterable

from sapper.kernel.plan import Child, Connection, Link, Route, Selector, SourceNatRule

Shape = tuple[object, ...]


def shape_of(
    links: Iterable[Link],
    routes: Iterable[Route],
    connections: Iterable[Connection],
    rules: Iterable[SourceNatRule],
) -> Shape:
    """The shape of the pieces of one tunnel."""
    return (
        tuple(map(_link, links)),
        tuple(sorted(map(_route, routes))),
        tuple(map(_connection, connections)),
        tuple((rule.action, rule.destination and rule.destination.length) for rule in rules),
    )


def _link(link: Link) -> Shape:
    outer, device = link.encapsulating, link.wireguard
    return (
        link.kind,
        tuple((item.address.family, item.prefix.length) for item in link.addresses),
        outer and (outer.protocol, outer.payload, outer.key is None, outer.local and outer.local.family),
        device and tuple(sorted((item.family, item.length) for peer in device.peers for item in peer.allowed)),
    )


def _route(route: Route) -> tuple[str, int, int, int]:
    return route.kind, route.prefix.family, route.prefix.length, route.metric


def _connection(connection: Connection) -> Shape:
    ends = (*connection.local_addrs, *connection.remote_addrs)
    return connection.dpd_delay_s, tuple(end.family for end in ends), tuple(map(_child, connection.children))


def _child(child: Child) -> Shape:
    actions = child.start_action, child.close_action, child.dpd_action
    return (child.mode, *actions, tuple(map(_selector, child.local_ts)), tuple(map(_selector, child.remote_ts)))


def _selector(selector: Selector) -> Shape:
    return selector.prefix.family, selector.prefix.length, selector.protocol, selector.port
