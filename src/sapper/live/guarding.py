"""Guards as an nftables JSON transaction, in a table of their own: what drops packets that IPsec does not protect.

Priorities are VyOS': the filter hooks at 0, raw before connection tracking. ``rt ipsec`` serves on the way out, ``meta
ipsec`` on the way in; the kernel refuses each in the other's place (net/netfilter/nft_meta.c). Source:
libnftables-json(5), nft(8).
"""

from __future__ import annotations

from collections.abc import Sequence

from sapper.kernel.plan import Guard
from sapper.live.nftables import TABLE_FAMILIES, Json, add, match, prefix_of, replace_table

TABLE = "sapper_guard"
FILTER_PRIORITY, RAW_PRIORITY = 0, -300
_OUTWARD = ("output", "forward")


def guarding(guards: Sequence[Guard], table: str = TABLE) -> list[Json]:
    """The commands that install the guards; none for none."""
    if not guards:
        return []
    place = {"family": "inet", "table": table}
    commands = replace_table("inet", table)
    for hook, raw in dict.fromkeys((guard.hook, guard.raw) for guard in guards):
        name = f"{hook}_raw" if raw else hook
        priority = RAW_PRIORITY if raw else FILTER_PRIORITY
        chain = {**place, "name": name, "type": "filter", "hook": hook, "prio": priority, "policy": "accept"}
        commands.append(add("chain", chain))
        commands += [
            add("rule", {**place, "chain": name, "expr": _expression(guard)})
            for guard in guards
            if (guard.hook, guard.raw) == (hook, raw)
        ]
    return commands


def _expression(guard: Guard) -> list[Json]:
    family = TABLE_FAMILIES[guard.family]
    matches = [match({"meta": {"key": "nfproto"}}, "ipv4" if guard.family == 4 else "ipv6")]
    if guard.link is not None:
        key = "oifname" if guard.hook in _OUTWARD else "iifname"
        matches.append(match({"meta": {"key": key}}, guard.link))
    for field, prefix in (("saddr", guard.source), ("daddr", guard.destination)):
        if prefix is not None:
            matches.append(match({"payload": {"protocol": family, "field": field}}, prefix_of(prefix)))
    if guard.protocol is not None:
        matches.append(match({"meta": {"key": "l4proto"}}, guard.protocol))
    protected: Json = {"rt": {"key": "ipsec"}} if guard.hook in _OUTWARD else {"meta": {"key": "ipsec"}}
    return [*matches, match(protected, False), {"counter": None}, {"drop": None}]
