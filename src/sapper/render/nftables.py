"""A Plan's NAT, marks, MSS clamps and guards as a ruleset for ``nft -f``.

Everything is in two tables of our own (``ip sapper``, ``ip6 sapper``), which the file makes, deletes and makes anew
in one transaction: loading it twice is the same as once, what the Plan no longer has goes, and nobody else's table is
touched. Priorities are VyOS': marks and clamps of a policy at mangle, adjust-mss at raw, NAT at dstnat and srcnat.
Source: nft(8); include/uapi/linux/netfilter_ipv4.h.
"""

from __future__ import annotations

from sapper.address import Family
from sapper.kernel.plan import Plan
from sapper.render import nftables_rule as rule
from sapper.render.elsewhere import not_here
from sapper.render.remark import headed, one_line, remark

TABLE = "sapper"
FAMILIES: tuple[Family, ...] = (4, 6)


def render(plan: Plan) -> dict[str, str]:
    """File name to text. Raises Inexpressible."""
    head = remark(f"{one_line(plan.name)}: load it with: nft -f sapper.nft") + not_here(plan, "nftables")
    return {"sapper.nft": headed(head, [_table(plan, family) for family in FAMILIES])}


def _table(plan: Plan, family: Family) -> list[str]:
    named = f"{rule.TABLE_FAMILIES[family]} {TABLE}"
    chains = [
        _chain("policy_route", "filter hook prerouting priority mangle", _marks(plan, family)),
        _chain("clamp_in", "filter hook prerouting priority mangle", _clamps(plan, family, forward=False)),
        _chain("clamp_out", "filter hook forward priority raw", _clamps(plan, family, forward=True)),
        *_guard_chains(plan, family),
        _chain("prerouting", "nat hook prerouting priority dstnat", _destination_nat(plan, family)),
        _chain("postrouting", "nat hook postrouting priority srcnat", _source_nat(plan, family)),
    ]
    lines = [line for chain in chains for line in chain]
    replaced = [f"add table {named}", f"delete table {named}"]
    return [*replaced, f"table {named} {{", *lines, "}"] if lines else replaced


def _chain(name: str, hook: str, rules: list[str]) -> list[str]:
    """Nothing for no rules: an empty NAT chain is not free."""
    if not rules:
        return []
    return [f"  chain {name} {{", f"    type {hook}; policy accept;", *(f"    {one}" for one in rules), "  }"]


def _marks(plan: Plan, family: Family) -> list[str]:
    return [rule.mark(one) for one in plan.marks if one.family == family]


def _guard_chains(plan: Plan, family: Family) -> list[list[str]]:
    guards = [one for one in plan.guards if one.family == family]
    return [
        _chain(
            f"guard_{hook}{'_raw' if raw else ''}",
            f"filter hook {hook} priority {'raw' if raw else 'filter'}",
            [rule.guard(one) for one in guards if (one.hook, one.raw) == (hook, raw)],
        )
        for hook, raw in dict.fromkeys((one.hook, one.raw) for one in guards)
    ]


def _clamps(plan: Plan, family: Family, *, forward: bool) -> list[str]:
    """Forwarded packets that leave by a link, or those that enter by one."""
    return [
        rule.mss_clamp(one)
        for one in plan.mss_clamps
        if one.family == family and (one.out_link is not None) == forward
    ]


def _destination_nat(plan: Plan, family: Family) -> list[str]:
    return [
        rule.destination_nat(one)
        for one in sorted(plan.destination_nat, key=lambda one: one.number)
        if rule.family_of(one.source, one.destination, one.to) == family
    ]


def _source_nat(plan: Plan, family: Family) -> list[str]:
    return [
        rule.source_nat(one)
        for one in sorted(plan.source_nat, key=lambda one: one.number)
        if rule.family_of(one.source, one.destination, one.to) == family
    ]
