"""Routing policy rules: RTM_NEWRULE, RTM_DELRULE, RTM_GETRULE, only of the kind "all packets look into a table".

Source: struct fib_rule_hdr in include/uapi/linux/fib_rules.h, net/core/fib_rules.c.
"""

from __future__ import annotations

import struct

from sapper.address import Family
from sapper.kernel.plan import Rule
from sapper.live.netlink.attribute import parse_attributes, u32, u32_of
from sapper.live.netlink.family import af_of, family_of
from sapper.live.netlink.message import NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, Request

RTM_NEWRULE, RTM_DELRULE, RTM_GETRULE = 32, 33, 34
FR_ACT_TO_TBL = 1  # look into the table
FRA_PRIORITY, FRA_TABLE = 6, 15

_HEAD = struct.Struct("=BBBBBxxBI")  # family, dst length, src length, tos, table, action, flags


def encode_rule(rule: Rule) -> bytes:
    table = rule.table if rule.table < 256 else 0
    head = _HEAD.pack(af_of(rule.family), 0, 0, 0, table, FR_ACT_TO_TBL, 0)
    return head + u32(FRA_PRIORITY, rule.priority) + u32(FRA_TABLE, rule.table)


def decode_rule(payload: bytes) -> Rule:
    """The record of an RTM_NEWRULE payload; matches that it has are not read. Raises ValueError."""
    if len(payload) < _HEAD.size:
        raise ValueError("a rule message that is too short")
    af, _, _, _, table, _, _ = _HEAD.unpack_from(payload)
    attributes = parse_attributes(payload, _HEAD.size)
    wide = u32_of(attributes.get(FRA_TABLE))
    priority = u32_of(attributes.get(FRA_PRIORITY)) or 0
    return Rule(priority, table if wide is None else wide, family_of(af))


def add_rule(rule: Rule) -> Request:
    """Add the rule; refused if the same one exists."""
    return Request(RTM_NEWRULE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, encode_rule(rule), describe_rule(rule))


def delete_rule(rule: Rule) -> Request:
    return Request(RTM_DELRULE, NLM_F_ACK, encode_rule(rule), describe_rule(rule))


def list_rules(family: Family) -> Request:
    """Dump the rules of one family; the answers are for :func:`decode_rule`."""
    return Request(RTM_GETRULE, NLM_F_DUMP, _HEAD.pack(af_of(family), 0, 0, 0, 0, 0, 0), f"the IPv{family} rules")


def describe_rule(rule: Rule) -> str:
    return f"rule {rule.priority} of IPv{rule.family} to table {rule.table}"
