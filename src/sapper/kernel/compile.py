"""The one way from a Router to a Plan. Pure: the same Router gives the same Plan."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.connections import connections_of
from sapper.kernel.gaps import gaps_of
from sapper.kernel.links import links_of
from sapper.kernel.plan import Plan, Route, SourceNatRule, Sysctl
from sapper.model.router import Router
from sapper.model.routing import SourceNat

# What a VyOS router sets at boot and a proof depends on (reference, section 23).
VYOS_SYSCTLS = (
    Sysctl("net.ipv4.ip_forward", "1"),
    Sysctl("net.ipv6.conf.all.forwarding", "1"),
    Sysctl("net.ipv4.conf.all.rp_filter", "0"),
    Sysctl("net.ipv4.conf.default.rp_filter", "0"),
    Sysctl("net.ipv4.conf.all.send_redirects", "1"),
    Sysctl("net.ipv4.conf.all.accept_redirects", "0"),
    Sysctl("net.ipv4.conf.all.ignore_routes_with_linkdown", "1"),
    Sysctl("net.ipv4.conf.default.ignore_routes_with_linkdown", "1"),
    Sysctl("net.ipv6.conf.all.ignore_routes_with_linkdown", "1"),
    Sysctl("net.ipv6.conf.default.ignore_routes_with_linkdown", "1"),
    Sysctl("net.ipv6.conf.all.keep_addr_on_down", "1"),
    Sysctl("net.ipv6.conf.default.keep_addr_on_down", "1"),
)


_CONNECTED_V6_METRIC = 256  # net/ipv6/addrconf.c, IP6_RT_PRIO_ADDRCONF


def compile_router(router: Router) -> Plan:
    """The desired state of the kernel that this router's configuration asks for."""
    connections = tuple(connections_of(router))
    raised_by = {
        child.updown: child.name for connection in connections for child in connection.children if child.updown
    }
    return Plan(
        name=router.name,
        links=tuple(links_of(router, raised_by)),
        routes=tuple(_routes(router)),
        sysctls=VYOS_SYSCTLS,
        source_nat=tuple(_source_nat(rule) for rule in sorted(router.source_nat, key=lambda rule: rule.number)),
        connections=connections,
        install_routes=router.route_autoinstall,
        gaps=tuple(gaps_of(router)),
    )


def _routes(router: Router) -> Iterator[Route]:
    """Static routes; the distance serves as metric, so that the kernel prefers what the routing daemon would.

    Connected IPv6 routes have a metric of 256 where VyOS' routing daemon gives every connected route the distance 0.
    """
    for route in router.routes:
        yield Route(
            prefix=route.prefix,
            kind=route.kind,
            via=route.next_hop,
            link=route.interface,
            metric=route.distance + (_CONNECTED_V6_METRIC if route.prefix.family == 6 else 0),
            table=route.table,
        )


def _source_nat(rule: SourceNat) -> SourceNatRule:
    return SourceNatRule(
        number=rule.number,
        action="accept" if rule.exclude else "snat" if rule.translation else "masquerade",
        out_link=rule.outbound,
        source=rule.source,
        destination=rule.destination,
        protocol=rule.protocol,
        to=rule.translation,
        negated=frozenset(rule.negated),
        unmodelled=rule.unmodelled,
    )
