"""``policy route``: which packets look into another table, and which SYNs get another MSS (reference, 13.1).

VyOS looks at packets that enter the policy's interfaces, rule by rule; the first that matches decides. ``set table
T`` marks with 0x7FFFFFFF - T, and a rule of priority T leads that mark to table T. A rule that sets nothing exempts
its packets from those behind it: it "marks" with 0, which is no mark. ``set tcp-mss pmtu`` never loads: the kernel
refuses ``rt mtu`` before the route is looked up (net/netfilter/nft_rt.c, nft_rt_validate), so it clamps nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.membership import vrf_tables
from sapper.kernel.plan import MarkRule, MssClamp, Rule
from sapper.model.router import Router
from sapper.model.routing import PolicyRoute, PolicyRule

_HIGHEST_MARK = 0x7FFFFFFF
TCP = 6


def rules_in_force(router: Router) -> Iterator[tuple[PolicyRoute, PolicyRule]]:
    """The enabled rules of every policy that an interface uses, in the order in which the kernel sees them."""
    for policy in router.policies:
        if policy.interfaces:
            for rule in sorted(policy.rules, key=lambda rule: rule.number):
                if not rule.disabled:
                    yield policy, rule


def table_of(rule: PolicyRule, tables: dict[str, int]) -> int | None:
    """The table that the rule sends packets to: by number, or that of its VRF."""
    return rule.table if rule.vrf is None else tables.get(rule.vrf)


def marks_of(router: Router) -> Iterator[MarkRule]:
    """What marks packets; nothing at all where no rule leads anywhere."""
    tables = vrf_tables(router)
    pairs = list(rules_in_force(router))
    marking = {policy.name for policy, rule in pairs if table_of(rule, tables) or rule.mark is not None}
    for policy, rule in pairs:
        if policy.name in marking and rule.action not in ("drop", "reject"):
            yield _mark_rule(policy, rule, tables)


def lookups_of(router: Router) -> Iterator[Rule]:
    """The routing policy rules that lead marks to tables, each once."""
    tables = vrf_tables(router)
    found = {
        Rule(priority=table, table=table, family=policy.family, mark=_HIGHEST_MARK - table)
        for policy, rule in rules_in_force(router)
        if (table := table_of(rule, tables)) is not None
    }
    return iter(sorted(found, key=lambda rule: (rule.family, rule.priority)))


def clamps_of(router: Router) -> Iterator[MssClamp]:
    """``set tcp-mss``: those that a clamp can carry; :mod:`sapper.kernel.uncarried` names the others."""
    for policy, rule in rules_in_force(router):
        if rule.mss is not None and rule.mss != "pmtu" and clampable(rule):
            yield MssClamp(
                family=policy.family,
                bytes=rule.mss,
                in_links=policy.interfaces,
                lower_only=False,
                source=rule.source,
                destination=rule.destination,
            )


def clampable(rule: PolicyRule) -> bool:
    """Whether the rule's matches are only those that a clamp has: SYNs, by source and destination."""
    return not (rule.negated or rule.unmodelled or rule.ipsec) and rule.protocol in (None, TCP)


def _mark_rule(policy: PolicyRoute, rule: PolicyRule, tables: dict[str, int]) -> MarkRule:
    table = table_of(rule, tables)
    syn = ("tcp flags syn",) if rule.syn else ()
    return MarkRule(
        family=policy.family,
        mark=(rule.mark or 0) if table is None else _HIGHEST_MARK - table,
        in_links=policy.interfaces,
        source=rule.source,
        destination=rule.destination,
        protocol=rule.protocol,
        negated=frozenset(rule.negated),
        unmodelled=(*rule.unmodelled, *syn, *(f"ipsec match-{word}" for word in rule.ipsec)),
    )
