"""What a Plan carries and the walk does not follow, each with what it may do to a verdict.

VRFs, marks and tables, destination NAT, and kernel settings stand in the Plan for the installer and the renderers.
Until the walk follows them, nothing is called proved that one of them could undo, and nothing refuted that one of
them could stop. A setting that no list here knows counts as a way: ignorance never proves. Sources: the kernel's
Documentation/networking/ip-sysctl.rst and vrf.rst.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.effect import ADDS_WAYS, DROPS
from sapper.kernel.plan import CHARON_TABLE, MAIN_TABLE, Link, Plan, Sysctl
from sapper.proof.entrance import FORWARDING_V4, entrance_of
from sapper.proof.lowered import sources_in_doubt
from sapper.proof.over_udp import UDP_KINDS
from sapper.proof.policy_routing import in_links, leading_marks, tables_for_all, tables_led_to
from sapper.proof.tracking import tracked_as_one
from sapper.proof.trust import trust_of
from sapper.proof.verdict import Property

_FORWARDING = ("ip_forward", "forwarding", "mc_forwarding")
_SHOWN_BY_THE_PLAN = ("ignore_routes_with_linkdown", "keep_addr_on_down", "addr_gen_mode", "send_redirects")
_HARMLESS = (
    "kernel.", "vm.", "fs.", "dev.", "net.core.", "net.netfilter.", "net.ipv4.neigh.", "net.ipv6.neigh.",
    "net.ipv4.tcp_", "net.ipv4.udp_", "net.ipv4.icmp_", "net.ipv4.igmp_", "net.ipv4.ip_local_port_range",
)  # fmt: skip


def unwalked(plan: Plan, asked: Property) -> Iterator[str]:
    """``THING: EFFECT`` for each that could matter to that property."""
    for vrf in plan.links:
        if vrf.kind == "vrf" and any(link.master == vrf.name for link in plan.links):
            yield f"vrf {vrf.name}: {ADDS_WAYS}"
            yield f"vrf {vrf.name}: {DROPS}"
    yield from (f"{thing}: {ADDS_WAYS}" for thing in _of_tables(plan))
    for translation in plan.destination_nat:
        if translation.action != "accept":
            yield f"nat destination rule {translation.number}: {ADDS_WAYS}"
    # With every VTI raised none of them is down.
    for name, vti in sources_in_doubt(plan) if asked != "liveness" else ():
        yield f"IPv6 source of packets by {name}, which has no address, while {vti} is down: {ADDS_WAYS}"
    for one, other in tracked_as_one(plan):
        yield f"source NAT of {one} and {other}, whose outer packets are one connection to conntrack: {ADDS_WAYS}"
    for sysctl in plan.sysctls:
        effect = None if asked != "liveness" and _is_walked(sysctl, plan) else _effect(sysctl, asked)
        if effect is not None:
            yield f"sysctl {sysctl.name}: {effect}"


def _of_tables(plan: Plan) -> Iterator[str]:
    """What the rules and marks may do beside what is walked."""
    marks = leading_marks(plan.marks, plan.rules)
    trust = trust_of(plan)
    inner = {
        (item.address.family, link.name)
        for link in plan.links
        if link.name in trust.wired - trust.underlays
        for item in link.addresses
    }
    names = {link.name: link for link in plan.links}
    for rule in marks:
        # Packets are asked about that come from the networks behind the router.
        if rule.mark and any((rule.family, name) not in inner for name in in_links((rule,), names)):
            yield f"policy route of {', '.join(rule.in_links)}"
    marked = tables_led_to(plan) - tables_for_all(plan)
    inside = [item.prefix for link in plan.links if link.name not in trust.wired for item in link.addresses]
    for route in plan.routes if marked else ():
        through = route.link is not None and route.link not in trust.wired
        if (
            route.table in marked
            and route.prefix.length
            and (through or any(route.via in one for one in inside if route.via))
        ):
            # Its network is protected for marked packets only: nobody asks about those alone.
            yield f"route {route.prefix} of table {route.table}"
    if plan.install_routes:
        yield from _ways_of_charon(plan)


def _ways_of_charon(plan: Plan) -> Iterator[str]:
    """charon looks for the way to a peer in every table (kernel_netlink_net.c, get_route): for its own routes."""
    others = [route for route in plan.routes if route.table not in (MAIN_TABLE, CHARON_TABLE)]
    for connection in plan.connections if others else ():
        if all(child.mode == "transport" or child.if_id is not None for child in connection.children):
            continue
        far = connection.remote_addrs or (None,)
        for route in others:
            if route.kind == "unicast" and any(address is None or address in route.prefix for address in far):
                yield f"route {route.prefix} of table {route.table} to the peer of {connection.title}"


def leads_unwalked(link: Link, plan_links: dict[str, Link], unwalked: frozenset[str]) -> str | None:
    """The device whose outer packets the walk does not know and that a packet to this link may reach, or None."""
    if link.name in unwalked:
        return link.name
    if link.kind != "bridge":
        return None
    ports = (port for port in plan_links.values() if port.master == link.name and port.kind in UDP_KINDS)
    return next((port.name for port in ports), None)


def _is_walked(sysctl: Sysctl, plan: Plan) -> bool:
    """Whether the walk takes the setting into account as it is (:mod:`sapper.proof.entrance`)."""
    head, _, last = sysctl.name.rpartition(".")
    place = head.removeprefix("net.ipv4.conf.").removeprefix("net.ipv6.conf.")
    if last == "rp_filter":
        return place == "all" or plan.link(place) is not None
    if sysctl.name.startswith("net.ipv6.conf."):
        # An interface forwards as all do (ip6_forward).
        return last == "forwarding" and (place == "all" or plan.link(place) is not None)
    # By which interface an IPv4 packet of a selector comes in is not always known.
    return sysctl.name in FORWARDING_V4 and not entrance_of(plan).by_link


def _effect(sysctl: Sysctl, asked: Property) -> str | None:
    last = sysctl.name.rpartition(".")[2]
    if last == "rp_filter":
        return DROPS if sysctl.value != "0" and asked != "confidentiality" else None
    if last in _FORWARDING:
        return DROPS if sysctl.value == "0" and asked in ("no-bypass", "liveness") else None
    if last == "xfrm_larval_drop":
        return None if sysctl.value == "1" else ADDS_WAYS
    if last in ("accept_redirects", "accept_source_route", "accept_ra", "disable_xfrm", "disable_policy"):
        return None if sysctl.value == "0" else ADDS_WAYS
    if last in _SHOWN_BY_THE_PLAN or sysctl.name.startswith(_HARMLESS):
        return None
    return ADDS_WAYS
