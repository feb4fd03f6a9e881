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
from sapper.proof.rivals import rivals
from sapper.proof.verdict import Property

# Devices whose outer packets are UDP, or IP's protocol 115: the walk hands them nothing.
UNWALKED_KINDS = frozenset({"vxlan", "geneve", "l2tpeth"})

_LOCAL_TABLE, _DEFAULT_TABLE = 255, 253
_WALKED_TABLES = frozenset({_LOCAL_TABLE, MAIN_TABLE, _DEFAULT_TABLE, CHARON_TABLE})
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
    leading = {rule.mark for rule in plan.rules if rule.mark is not None}
    for rule in plan.marks:
        if rule.mark in leading:
            yield f"policy route of {', '.join(rule.in_links)}: {ADDS_WAYS}"
    for lookup in plan.rules:
        if lookup.mark is None and lookup.table not in _WALKED_TABLES:
            yield f"rule {lookup.priority} to table {lookup.table}: {ADDS_WAYS}"
    for translation in plan.destination_nat:
        if translation.action != "accept":
            yield f"nat destination rule {translation.number}: {ADDS_WAYS}"
    for one, other in rivals(plan):
        yield f"policies of {one} and {other} of one priority: {ADDS_WAYS}"
    for sysctl in plan.sysctls:
        effect = _effect(sysctl, asked)
        if effect is not None:
            yield f"sysctl {sysctl.name}: {effect}"


def leads_unwalked(link: Link, plan_links: dict[str, Link]) -> str | None:
    """The device whose outer packets the walk does not know and that a packet to this link may reach, or None."""
    if link.kind in UNWALKED_KINDS:
        return link.name
    if link.kind != "bridge":
        return None
    ports = (port for port in plan_links.values() if port.master == link.name and port.kind in UNWALKED_KINDS)
    return next((port.name for port in ports), None)


def _effect(sysctl: Sysctl, asked: Property) -> str | None:
    last = sysctl.name.rpartition(".")[2]
    if last == "rp_filter":
        # What leaves is not asked where it came from.
        return DROPS if sysctl.value != "0" and asked == "authenticity" else None
    if last in _FORWARDING:
        return DROPS if sysctl.value == "0" and asked == "no-bypass" else None
    if last == "xfrm_larval_drop":
        return None if sysctl.value == "1" else ADDS_WAYS
    if last in ("accept_redirects", "accept_source_route", "accept_ra", "disable_xfrm", "disable_policy"):
        return None if sysctl.value == "0" else ADDS_WAYS
    if last in _SHOWN_BY_THE_PLAN or sysctl.name.startswith(_HARMLESS):
        return None
    return ADDS_WAYS
