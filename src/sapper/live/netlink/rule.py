"""Routing policy rules: RTM_NEWRULE, RTM_DELRULE, RTM_GETRULE, of the kind "all packets, or those with a mark".

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
FRA_PRIORITY, FRA_FWMARK, FRA_TABLE, FRA_FWMASK = 6, 10, 15, 16
WHOLE_MARK = 0xFFFFFFFF

_HEAD = struct.Struct("=BBBBBxxBI")  # family, dst length, src length, tos, table, action, flags


def encode_rule(rule: Rule) -> bytes:
    table = rule.table if rule.table < 256 else 0
    head = _HEAD.pack(af_of(rule.family), 0, 0, 0, table, FR_ACT_TO_TBL, 0)
    marked = b"" if rule.mark is None else u32(FRA_FWMARK, rule.mark) + u32(FRA_FWMASK, WHOLE_MARK)
    return head + u32(FRA_PRIORITY, rule.priority) + marked + u32(FRA_TABLE, rule.table)


def decode_rule(payload: bytes) -> Rule:
    """The record of an RTM_NEWRULE payload; of its matches only the mark is read. Raises ValueError."""
    if len(payload) < _HEAD.size:
        raise ValueError("a rule message that is too short")
    af, _, _, _, table, _, _ = _HEAD.unpack_from(payload)
    attributes = parse_attributes(payload, _HEAD.size)
    wide = u32_of(attributes.get(FRA_TABLE))
    priority = u32_of(attributes.get(FRA_PRIORITY)) or 0
    mark = u32_of(attributes.get(FRA_FWMARK))
    return Rule(priority, table if wide is None else wide, family_of(af), mark)


def add_rule(rule: Rule) -> Request:
    """Add the rule; refused if the same one exists."""
    return Request(RTM_NEWRULE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, encode_rule(rule), describe_rule(rule))


def delete_rule(rule: Rule) -> Request:
    return Request(RTM_DELRULE, NLM_F_ACK, encode_rule(rule), describe_rule(rule))


def list_rules(family: Family) -> Request:
    """Dump the rules of one family; the answers are for :func:`decode_rule`."""
    return Request(RTM_GETRULE, NLM_F_DUMP, _HEAD.pack(af_of(family), 0, 0, 0, 0, 0, 0), f"the IPv{family} rules")


def describe_rule(rule: Rule) -> str:
    marked = "" if rule.mark is None else f" for mark {rule.mark:#x}"
    return f"rule {rule.priority} of IPv{rule.family} to table {rule.table}{marked}"
