"""What a Plan carries and the walk does not follow, each with what it may do to a verdict.

VRFs, some marks and tables, destination NAT in part, and kernel settings stand in the Plan for the installer.
Until the walk follows them, nothing is called proved that one of them could undo, and nothing refuted that one of
them could stop. A setting that no list here knows counts as a way: ignorance never proves. Sources: the kernel's
Documentation/networking/ip-sysctl.rst and vrf.rst.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.effect import ADDS_WAYS, DROPS
from sapper.kernel.plan import CHARON_TABLE, MAIN_TABLE, MarkRule, Plan, Sysctl
from sapper.proof.facts.entrance import FORWARDING_V4, entrance_of
from sapper.proof.facts.gateways import covered_gateways
from sapper.proof.facts.lowered import sources_in_doubt
from sapper.proof.facts.over_udp import UDP_KINDS
from sapper.proof.facts.policy_routing import in_links, leading_marks, tables_for_all, tables_led_to
from sapper.proof.facts.tracking import tracked_as_one
from sapper.proof.facts.trust import Trust, trust_of
from sapper.proof.properties.return_paths import filtered_in_doubt
from sapper.proof.properties.unwalked_translation import of_translation
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
    yield from (f"{thing}: {ADDS_WAYS}" for thing in _of_tables(plan, asked))
    yield from of_translation(plan, asked)
    # With every VTI raised none of them is down.
    for name, vti in sources_in_doubt(plan) if asked != "liveness" else ():
        yield f"IPv6 source of packets by {name}, which has no address, while {vti} is down: {ADDS_WAYS}"
    for via, remote in covered_gateways(plan):
        yield f"charon's IPv6 routes by {via}, which its route to {remote} covers: {ADDS_WAYS}"
    for one, other in tracked_as_one(plan):
        yield f"source NAT of {one} and {other}, whose outer packets are one connection to conntrack: {ADDS_WAYS}"
    doubtful = filtered_in_doubt(plan) if asked == "liveness" else frozenset()
    for sysctl in plan.sysctls:
        walked = _is_believed(sysctl, plan, doubtful) if asked == "liveness" else _is_walked(sysctl, plan)
        effect = None if walked else _effect(sysctl, asked)
        if effect is not None:
            yield f"sysctl {sysctl.name}: {effect}"


def _of_tables(plan: Plan, asked: Property) -> Iterator[str]:
    """What the rules and marks may do beside what is walked."""
    trust = trust_of(plan)
    if asked == "no-bypass":
        yield from _of_marks(plan, trust)
    if asked == "confidentiality" and any(link.kind in UDP_KINDS for link in plan.links):
        # Their outer packets keep the mark of what is in them, and a frame that is asked about has none.
        yield from (f"policy route of {', '.join(rule.in_links)}" for rule in _leading(plan))
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


def _of_marks(plan: Plan, trust: Trust) -> Iterator[str]:
    """Packets that come in by an interface whose network nobody knows: who comes from behind the router is asked about.

    Not of a family of which no tunnel, VTI or selector protects anything, and not where the mark leads to no route.
    """
    marks = _leading(plan)
    inner = {
        (item.address.family, link.name)
        for link in plan.links
        if link.name in trust.wired - trust.underlays
        for item in link.addresses
    }
    names = {link.name: link for link in plan.links}
    protected = _families_protected(plan, trust) if marks else frozenset()
    for rule in marks:
        if rule.family in protected and any((rule.family, name) not in inner for name in in_links((rule,), names)):
            yield f"policy route of {', '.join(rule.in_links)}"


def _leading(plan: Plan) -> list[MarkRule]:
    """The rules whose mark leads to a table with routes."""
    marks = [rule for rule in leading_marks(plan.marks, plan.rules) if rule.mark]
    routed = {(route.prefix.family, route.table) for route in plan.routes} if marks else set()
    led = {(one.family, one.mark) for one in plan.rules if (one.family, one.table) in routed}
    return [rule for rule in marks if (rule.family, rule.mark) in led]


def _families_protected(plan: Plan, trust: Trust) -> frozenset[int]:
    """The families of which a tunnel, a VTI, a selector or the user protects anything; perhaps more."""
    families: set[int] = {one.family for one in plan.stated.protect}
    for link in plan.links:
        if link.name not in trust.wired:
            families |= {item.address.family for item in link.addresses}
    families |= {
        route.prefix.family
        for route in plan.routes
        if route.kind == "unicast" and route.link not in trust.wired and route.prefix.length
    }
    for connection in plan.connections:
        peers = {address.family for address in connection.remote_addrs} or {4, 6}
        for child in connection.children:
            # A VTI's selectors protect nothing, and neither does one for everything (as in sapper.proof.properties.protected).
            if child.if_id is None:
                families |= (
                    {one.prefix.family for one in child.remote_ts if one.prefix.length}
                    if child.remote_ts
                    else peers
                )
    return frozenset(families)


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


def _is_walked(sysctl: Sysctl, plan: Plan) -> bool:
    """Whether the walk takes the setting into account as it is (:mod:`sapper.proof.facts.entrance`)."""
    head, _, last = sysctl.name.rpartition(".")
    place = head.removeprefix("net.ipv4.conf.").removeprefix("net.ipv6.conf.")
    if last == "rp_filter":
        return place == "all" or plan.link(place) is not None
    if sysctl.name.startswith("net.ipv6.conf."):
        # An interface forwards as all do (ip6_forward).
        return last == "forwarding" and (place == "all" or plan.link(place) is not None)
    # By which interface an IPv4 packet of a selector comes in is not always known.
    return sysctl.name in FORWARDING_V4 and not entrance_of(plan).by_link


def _is_believed(sysctl: Sysctl, plan: Plan, doubtful: frozenset[str]) -> bool:
    """Whether a reverse path filter stops nothing that liveness needs."""
    head, _, last = sysctl.name.rpartition(".")
    place = head.removeprefix("net.ipv4.conf.")
    if last != "rp_filter" or (place != "all" and plan.link(place) is None):
        return False
    return not doubtful if place == "all" else place not in doubtful


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
