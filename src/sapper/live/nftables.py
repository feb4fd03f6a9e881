"""Source NAT and the lab's IKE drop as nftables JSON transactions, and handing one to ``nft``.

Destination NAT, marks and MSS have files of their own, which build on the parts here.

Each document replaces its own table as a whole (add, delete, add: the first makes the delete possible), in one
transaction: all or nothing. Building is pure; :func:`apply` runs ``nft -j -f`` in the namespace of the calling
thread. A rule with a match that sapper does not model is refused: installed without it, it would match more.
Source: libnftables-json(5).
"""

from __future__ import annotations

import errno
import json
import os
import subprocess
from collections.abc import Iterable, Sequence
from typing import Any

from sapper.address import Family, Prefix
from sapper.kernel.plan import DestinationNatRule, SourceNatRule
from sapper.live.netlink.connection import KernelRefused

TABLE = "sapper"
DROP_TABLE = "sapper_lab"
SRCNAT_PRIORITY = 100  # "srcnat", NF_IP_PRI_NAT_SRC
NFT_TIMEOUT_S = 30.0
PROGRAMS = ("/usr/sbin/nft", "/sbin/nft", "/usr/local/sbin/nft", "/usr/bin/nft")  # sbin is in no ordinary PATH
STANDARD_INPUT = "/proc/self/fd/0"  # for "-" nft opens /dev/stdin, which a minimal /dev does not have
ANY_LINK = "any"  # how the older generations write no interface
TABLE_FAMILIES: dict[Family, str] = {4: "ip", 6: "ip6"}

Json = dict[str, Any]


def source_nat(rules: Sequence[SourceNatRule], table: str = TABLE) -> list[Json]:
    """The commands that install the rules, in order of their numbers; none for no rules. ValueError: unmodelled."""
    commands: list[Json] = []
    families: tuple[Family, ...] = (4, 6)
    for family in families:
        chosen = [rule for rule in sorted(rules, key=lambda rule: rule.number) if family_of(rule) == family]
        if not chosen:
            continue
        name = TABLE_FAMILIES[family]
        commands += replace_table(name, table)
        hook = {"type": "nat", "hook": "postrouting", "prio": SRCNAT_PRIORITY, "policy": "accept"}
        commands.append(add("chain", {"family": name, "table": table, "name": "postrouting", **hook}))
        place = {"family": name, "table": table, "chain": "postrouting"}
        commands += [add("rule", {**place, "expr": _expression(rule, name)}) for rule in chosen]
    return commands


def drop_udp_ports(ports: Iterable[int], table: str = DROP_TABLE) -> list[Json]:
    """The commands that drop forwarded UDP packets to the ports, both families: a network that eats IKE."""
    place = {"family": "inet", "table": table}
    hook = {"type": "filter", "hook": "forward", "prio": 0, "policy": "accept"}
    wanted = {"set": sorted(ports)}
    port = match({"payload": {"protocol": "udp", "field": "dport"}}, wanted, negated=False)
    return [
        *replace_table("inet", table),
        add("chain", {**place, "name": "forward", **hook}),
        add("rule", {**place, "chain": "forward", "expr": [port, {"counter": None}, {"drop": None}]}),
    ]


def replace_table(family: str, table: str) -> list[Json]:
    """The commands after which the table exists and is empty."""
    named = {"family": family, "name": table}
    return [add("table", named), {"delete": {"table": named}}, add("table", named)]


def remove_table(family: str, table: str) -> list[Json]:
    """The commands after which the table does not exist, whether it did before or not."""
    return replace_table(family, table)[:2]


def document(commands: Sequence[Json]) -> str:
    """The transaction as ``nft -j`` reads it."""
    return json.dumps({"nftables": [{"metainfo": {"json_schema_version": 1}}, *commands]})


def apply(commands: Sequence[Json]) -> None:
    """Run one transaction in the namespace of the calling thread. Raises KernelRefused with nft's first line."""
    if not commands:
        return
    program = next((path for path in PROGRAMS if os.access(path, os.X_OK)), None)
    if program is None:
        raise KernelRefused(errno.ENOENT, "nftables", "there is no nft command; install the package nftables")
    try:
        done = subprocess.run(
            [program, "-j", "-f", STANDARD_INPUT],
            input=document(commands),
            capture_output=True,
            text=True,
            timeout=NFT_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise KernelRefused(errno.ETIMEDOUT, "nftables", "nft did not finish in time") from error
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"nft ended with status {done.returncode}"]
        raise KernelRefused(errno.EINVAL, "nftables", lines[0])


def family_of(rule: SourceNatRule | DestinationNatRule) -> Family:
    """The family of the rule's addresses; VyOS' NAT without any is IPv4."""
    for value in (rule.source, rule.destination, rule.to):
        if value is not None:
            return value.family
    return 4


def _expression(rule: SourceNatRule, family: str) -> list[Json]:
    if rule.unmodelled:
        raise ValueError(f"source NAT rule {rule.number} has a match that is not modelled: {rule.unmodelled[0]}")
    matches: list[Json] = []
    if rule.out_link not in (None, ANY_LINK):
        negated = bool(rule.negated & {"out_link", "outbound"})
        matches.append(match({"meta": {"key": "oifname"}}, rule.out_link, negated=negated))
    return [*matches, *header_matches(rule, family), {"counter": None}, _verdict(rule)]


def header_matches(rule: SourceNatRule | DestinationNatRule, family: str) -> list[Json]:
    """What the rule asks of a packet's addresses and protocol; ``family`` is ``ip`` or ``ip6``."""
    matches: list[Json] = []
    for field, name, prefix in (("saddr", "source", rule.source), ("daddr", "destination", rule.destination)):
        if prefix is not None:
            left = {"payload": {"protocol": family, "field": field}}
            matches.append(match(left, prefix_of(prefix), negated=name in rule.negated))
    if rule.protocol is not None:
        left = {"meta": {"key": "l4proto"}}
        matches.append(match(left, rule.protocol, negated="protocol" in rule.negated))
    return matches


def _verdict(rule: SourceNatRule) -> Json:
    if rule.action == "snat":
        if rule.to is None:
            raise ValueError(f"source NAT rule {rule.number} has no address to translate to")
        return {"snat": {"addr": str(rule.to)}}
    return {rule.action: None}


def match(left: Json, right: object, *, negated: bool = False) -> Json:
    """One comparison of a rule."""
    return {"match": {"op": "!=" if negated else "==", "left": left, "right": right}}


def prefix_of(prefix: Prefix) -> Json:
    """A prefix as the right side of a match."""
    return {"prefix": {"addr": str(prefix.network), "len": prefix.length}}


def add(kind: str, value: Json) -> Json:
    """The command that adds a table, a chain or a rule."""
    return {"add": {kind: value}}
