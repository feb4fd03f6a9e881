"""Counters of nftables rules, from messages packed here; the lab compares with what a kernel counts."""

from __future__ import annotations

import struct

from sapper.live.netlink.attribute import nested, text
from sapper.live.netlink.nft_rule import RuleCounter, decode_counter


def big(kind: int, value: int) -> bytes:
    return struct.pack("=HH", 12, kind) + struct.pack("!Q", value)


def expression(name: str, data: bytes = b"") -> bytes:
    return nested(1, text(1, name) + nested(2, data))


def rule(family: int, *expressions: bytes) -> bytes:
    header = struct.pack("!BBH", family, 0, 0)
    return header + text(1, "sapper") + text(2, "postrouting") + big(3, 7) + nested(4, b"".join(expressions))


def test_the_counter_of_a_rule_is_read() -> None:
    found = decode_counter(rule(2, expression("cmp"), expression("counter", big(1, 420) + big(2, 5))))
    assert found == RuleCounter("ip", "sapper", "postrouting", 7, 5, 420)


def test_a_rule_that_counts_nothing_has_none() -> None:
    assert decode_counter(rule(1, expression("immediate"))) is None
    assert decode_counter(rule(1)) is None
