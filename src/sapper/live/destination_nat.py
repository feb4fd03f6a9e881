"""Destination NAT as an nftables JSON transaction: a chain on prerouting, in a table of its own.

A rule with a match that sapper does not model is refused: installed without it, it would match more. Ports are VyOS'
lists: numbers, ranges ``A-B`` and service names, each inverted by ``!``. Source: libnftables-json(5).
"""

from __future__ import annotations

from collections.abc import Sequence

from sapper.address import Family
from sapper.kernel.plan import DestinationNatRule
from sapper.live.nftables import (
    ANY_LINK,
    TABLE_FAMILIES,
    Json,
    add,
    family_of,
    header_matches,
    match,
    replace_table,
)

TABLE = "sapper_dnat"
DSTNAT_PRIORITY = -100  # "dstnat", NF_IP_PRI_NAT_DST


def destination_nat(rules: Sequence[DestinationNatRule], table: str = TABLE) -> list[Json]:
    """The commands that install the rules, in order of their numbers; none for no rules. ValueError: unmodelled."""
    commands: list[Json] = []
    families: tuple[Family, ...] = (4, 6)
    for family in families:
        chosen = [rule for rule in sorted(rules, key=lambda rule: rule.number) if family_of(rule) == family]
        if not chosen:
            continue
        name = TABLE_FAMILIES[family]
        hook = {"type": "nat", "hook": "prerouting", "prio": DSTNAT_PRIORITY, "policy": "accept"}
        commands += replace_table(name, table)
        commands.append(add("chain", {"family": name, "table": table, "name": "prerouting", **hook}))
        place = {"family": name, "table": table, "chain": "prerouting"}
        commands += [add("rule", {**place, "expr": _expression(rule, name)}) for rule in chosen]
    return commands


def ports_match(text: str, field: str = "dport") -> Json:
    """The match of a list of ports. A list is inverted as a whole: VyOS writes ``!`` before every item then."""
    items = [item.strip() for item in text.split(",")]
    negated = all(item.startswith("!") for item in items)
    if not negated and any(item.startswith("!") for item in items):
        raise ValueError(f"ports {text}: some are inverted and some are not")
    left = {"payload": {"protocol": "th", "field": field}}
    return match(left, {"set": [_port(item.removeprefix("!")) for item in items]}, negated=negated)


def _expression(rule: DestinationNatRule, family: str) -> list[Json]:
    if rule.unmodelled:
        about = f"destination NAT rule {rule.number}"
        raise ValueError(f"{about} has a match that is not modelled: {rule.unmodelled[0]}")
    matches: list[Json] = []
    if rule.in_link not in (None, ANY_LINK):
        negated = bool(rule.negated & {"in_link", "inbound"})
        matches.append(match({"meta": {"key": "iifname"}}, rule.in_link, negated=negated))
    matches += header_matches(rule, family)
    if rule.port is not None:
        matches.append(ports_match(rule.port))
    return [*matches, {"counter": None}, _verdict(rule)]


def _verdict(rule: DestinationNatRule) -> Json:
    if rule.action == "accept":
        return {"accept": None}
    target: Json = {}
    if rule.to is not None and rule.action == "dnat":
        target["addr"] = str(rule.to)
    if rule.to_port is not None:
        target["port"] = _port(rule.to_port)
    if rule.action == "dnat" and not target:
        raise ValueError(f"destination NAT rule {rule.number} has nothing to translate to")
    return {rule.action: target or None}


def _port(text: str) -> object:
    """A number, a range, or a service's name, which nft looks up."""
    first, dash, last = text.partition("-")
    if dash and first.isdigit() and last.isdigit():
        return {"range": [int(first), int(last)]}
    return int(text) if text.isdigit() else text
