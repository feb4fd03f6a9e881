"""The counters of nftables rules, read from the kernel without starting ``nft``.

Only counters and places are decoded, not what a rule matches. Source: include/uapi/linux/netfilter/nf_tables.h,
NFT_MSG_GETRULE and enum nft_rule_attributes, nft_expr_attributes, nft_counter_attributes.
"""

from __future__ import annotations

import struct

import msgspec

from sapper.live.netlink.attribute import parse_array, parse_attributes, text_of
from sapper.live.netlink.message import NLM_F_DUMP, Request

NETLINK_NETFILTER = 12  # include/uapi/linux/netlink.h
NFNL_SUBSYS_NFTABLES = 10
NFT_MSG_NEWRULE, NFT_MSG_GETRULE = 6, 7
NFTA_RULE_TABLE, NFTA_RULE_CHAIN, NFTA_RULE_HANDLE, NFTA_RULE_EXPRESSIONS = 1, 2, 3, 4
NFTA_EXPR_NAME, NFTA_EXPR_DATA = 1, 2
NFTA_COUNTER_BYTES, NFTA_COUNTER_PACKETS = 1, 2
_FAMILIES = {1: "inet", 2: "ip", 3: "arp", 5: "netdev", 7: "bridge", 10: "ip6"}
_GENERIC = struct.Struct("!BBH")  # struct nfgenmsg: family (0: all), version, resource


class RuleCounter(msgspec.Struct, frozen=True):
    """What one rule has counted. ``handle`` is the number by which ``nft -a list ruleset`` shows it."""

    family: str
    table: str
    chain: str
    handle: int
    packets: int
    bytes: int


def list_rules() -> Request:
    """A dump of every rule of the namespace."""
    return Request(
        NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETRULE, NLM_F_DUMP, _GENERIC.pack(0, 0, 0), "nftables rules"
    )


def decode_counter(payload: bytes) -> RuleCounter | None:
    """The rule's first counter; None for a rule that counts nothing."""
    attributes = parse_attributes(payload, _GENERIC.size)
    for expression in parse_array(attributes.get(NFTA_RULE_EXPRESSIONS, b"")):
        parts = parse_attributes(expression)
        if text_of(parts.get(NFTA_EXPR_NAME, b"")) == "counter":
            values = parse_attributes(parts.get(NFTA_EXPR_DATA, b""))
            return RuleCounter(
                family=_FAMILIES.get(payload[0], str(payload[0])),
                table=text_of(attributes.get(NFTA_RULE_TABLE, b"")),
                chain=text_of(attributes.get(NFTA_RULE_CHAIN, b"")),
                handle=_big(attributes.get(NFTA_RULE_HANDLE)),
                packets=_big(values.get(NFTA_COUNTER_PACKETS)),
                bytes=_big(values.get(NFTA_COUNTER_BYTES)),
            )
    return None


def _big(value: bytes | None) -> int:
    return int.from_bytes(value or b"", "big")
