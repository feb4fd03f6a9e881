"""The one way from a Router to a Plan. Pure: the same Router gives the same Plan."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel import interface_settings, policy_routing, static_routes
from sapper.kernel.connections import connections_of
from sapper.kernel.gaps import gaps_of
from sapper.kernel.guarding import guards_of
from sapper.kernel.links import links_of
from sapper.kernel.plan import Plan, Sysctl
from sapper.kernel.translation import destination_nat_of, source_nat_of
from sapper.model.router import Router

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


def compile_router(router: Router) -> Plan:
    """The desired state of the kernel that this router's configuration asks for."""
    connections = tuple(connections_of(router))
    raised_by = {
        child.updown: child.name for connection in connections for child in connection.children if child.updown
    }
    return Plan(
        name=router.name,
        links=tuple(links_of(router, raised_by)),
        routes=tuple(static_routes.routes_of(router)),
        rules=tuple(policy_routing.lookups_of(router)),
        sysctls=tuple(_sysctls(router)),
        source_nat=tuple(source_nat_of(router)),
        destination_nat=tuple(destination_nat_of(router)),
        marks=tuple(policy_routing.marks_of(router)),
        mss_clamps=(*interface_settings.clamps_of(router), *policy_routing.clamps_of(router)),
        guards=tuple(guards_of(router)),
        connections=connections,
        install_routes=router.route_autoinstall,
        stated=router.stated,
        assumptions=(*static_routes.assumptions_of(router), *_trusted(router)),
        gaps=tuple(gaps_of(router)),
    )


def _sysctls(router: Router) -> list[Sysctl]:
    """Boot settings, then what interfaces ask for, then ``system sysctl``; of one name the last is in force."""
    asked = (Sysctl(setting.name, setting.value) for setting in router.sysctls)
    in_order = (*VYOS_SYSCTLS, *interface_settings.sysctls_of(router), *asked)
    return list({sysctl.name: sysctl for sysctl in in_order}.values())


def _trusted(router: Router) -> Iterator[str]:
    for name in router.stated.trusted:
        yield f"{name} is trusted, because somebody said so: what leaves there in clear counts as no leak"
