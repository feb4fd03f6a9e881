"""Marks for policy routing and the MSS of SYNs as an nftables JSON transaction, in tables of their own.

Marks are set on prerouting, before the route lookup; the first rule that matches decides, so each ends with accept.
``adjust-mss`` works on forwarded packets by the interface that they leave by, a policy's MSS by the one they entered.
nftables never raises an MSS (net/netfilter/nft_exthdr.c; seen on Linux 6.1), whatever it is told. Source: libnftables-json(5).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sapper.address import Family, Prefix
from sapper.kernel.plan import MarkRule, MssClamp
from sapper.live.nftables import TABLE_FAMILIES, Json, add, match, prefix_of, replace_table

TABLE = "sapper_mangle"
FORWARD_PRIORITY = -300  # "raw", where VyOS has adjust-mss
PREROUTING_PRIORITY = -150  # "mangle", where VyOS has policy route
MSS_LIMIT = 65535
_MSS = {"tcp option": {"name": "maxseg", "field": "size"}}
_FLAGS = {"payload": {"protocol": "tcp", "field": "flags"}}


def mangling(marks: Sequence[MarkRule], clamps: Sequence[MssClamp], table: str = TABLE) -> list[Json]:
    """The commands that install both; none for nothing. ValueError: a match that is not modelled."""
    commands: list[Json] = []
    families: tuple[Family, ...] = (4, 6)
    for family in families:
        name = TABLE_FAMILIES[family]
        chains: dict[str, list[list[Json]]] = {
            "mss_out": [_clamp(clamp, name) for clamp in clamps if clamp.family == family and clamp.out_link],
            "mss_in": [
                expression
                for clamp in clamps
                if clamp.family == family and not clamp.out_link
                for expression in _clamps_in(clamp, name)
            ],
            "marks": [expression for rule in marks if rule.family == family for expression in _marks(rule, name)],
        }
        if any(chains.values()):
            commands += replace_table(name, table)
            commands += _chains(chains, name, table)
    return commands


def _chains(chains: dict[str, list[list[Json]]], family: str, table: str) -> Iterator[Json]:
    for name, expressions in chains.items():
        if not expressions:
            continue
        hook = "forward" if name == "mss_out" else "prerouting"
        priority = FORWARD_PRIORITY if name == "mss_out" else PREROUTING_PRIORITY
        where = {"family": family, "table": table}
        yield add(
            "chain",
            {**where, "name": name, "type": "filter", "hook": hook, "prio": priority, "policy": "accept"},
        )
        for expression in expressions:
            yield add("rule", {**where, "chain": name, "expr": expression})


def _clamp(clamp: MssClamp, family: str) -> list[Json]:
    """SYNs, not those that reset as well (VyOS, adjust-mss)."""
    flags = {"&": [_FLAGS, {"|": ["syn", "rst"]}]}
    return [
        match({"meta": {"key": "oifname"}}, clamp.out_link),
        *_ends(clamp.source, clamp.destination, family),
        match(flags, "syn"),
        *_new_size(clamp),
    ]


def _clamps_in(clamp: MssClamp, family: str) -> Iterator[list[Json]]:
    for link in clamp.in_links:
        yield [
            match({"meta": {"key": "iifname"}}, link),
            *_ends(clamp.source, clamp.destination, family),
            match({"&": [_FLAGS, "syn"]}, "syn"),
            *_new_size(clamp),
        ]


def _new_size(clamp: MssClamp) -> list[Json]:
    if clamp.bytes is None:
        return [{"counter": None}, {"mangle": {"key": _MSS, "value": {"rt": {"key": "mtu"}}}}]
    larger = [match(_MSS, {"range": [clamp.bytes + 1, MSS_LIMIT]})] if clamp.lower_only else []
    return [*larger, {"counter": None}, {"mangle": {"key": _MSS, "value": clamp.bytes}}]


def _marks(rule: MarkRule, family: str) -> Iterator[list[Json]]:
    if rule.unmodelled:
        raise ValueError(f"a policy rule has a match that is not modelled: {rule.unmodelled[0]}")
    ends = _ends(rule.source, rule.destination, family, rule.negated)
    if rule.protocol is not None:
        ends.append(match({"meta": {"key": "l4proto"}}, rule.protocol, negated="protocol" in rule.negated))
    setting = {"mangle": {"key": {"meta": {"key": "mark"}}, "value": rule.mark}}
    for link in rule.in_links:
        yield [match({"meta": {"key": "iifname"}}, link), *ends, {"counter": None}, setting, {"accept": None}]


def _ends(
    source: Prefix | None, destination: Prefix | None, family: str, negated: frozenset[str] = frozenset()
) -> list[Json]:
    return [
        match({"payload": {"protocol": family, "field": field}}, prefix_of(prefix), negated=name in negated)
        for field, name, prefix in (("saddr", "source", source), ("daddr", "destination", destination))
        if prefix is not None
    ]
