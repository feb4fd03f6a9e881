"""The NAT documents, as far as no kernel is needed; tests/live/test_guest_links.py hands them to nft."""

from __future__ import annotations

import json

import pytest

from sapper.address import Address, Prefix
from sapper.kernel.plan import SourceNatRule
from sapper.live import nftables


def rules_of(commands: list[nftables.Json]) -> list[nftables.Json]:
    return [command["add"]["rule"] for command in commands if "rule" in command.get("add", {})]


def test_no_rules_make_no_table() -> None:
    assert nftables.source_nat(()) == []


def test_rules_stand_in_the_order_of_their_numbers() -> None:
    rules = [SourceNatRule(number=number, action="masquerade", protocol=number) for number in (30, 4, 17)]

    protocols = [rule["expr"][0]["match"]["right"] for rule in rules_of(nftables.source_nat(rules))]

    assert protocols == [4, 17, 30]


def test_the_table_is_replaced_as_a_whole() -> None:
    commands = nftables.source_nat([SourceNatRule(number=1, action="masquerade")])

    assert [next(iter(command)) for command in commands[:3]] == ["add", "delete", "add"]
    assert json.loads(nftables.document(commands))["nftables"][1:] == commands


@pytest.mark.parametrize("name", ["source", "destination", "protocol", "outbound"])
def test_each_match_can_be_negated(name: str) -> None:
    everything = SourceNatRule(
        number=1,
        action="accept",
        out_link="eth0",
        source=Prefix.parse("10.1.0.0/24"),
        destination=Prefix.parse("10.2.0.0/24"),
        protocol=47,
        negated=frozenset({name}),
    )
    (rule,) = rules_of(nftables.source_nat([everything]))

    operators = [part["match"]["op"] for part in rule["expr"] if "match" in part]

    position = ["outbound", "source", "destination", "protocol"].index(name)
    assert operators == ["!=" if at == position else "==" for at in range(4)]


def test_families_have_tables_of_their_own() -> None:
    rules = [
        SourceNatRule(number=1, action="masquerade", source=Prefix.parse("2001:db8::/32")),
        SourceNatRule(number=2, action="snat", to=Address.parse("192.0.2.1")),
        SourceNatRule(number=3, action="masquerade", out_link="eth0"),
    ]

    assert [rule["family"] for rule in rules_of(nftables.source_nat(rules))] == ["ip", "ip", "ip6"]


def test_an_unmodelled_match_is_refused_because_the_rule_would_match_more() -> None:
    rule = SourceNatRule(number=7, action="masquerade", unmodelled=("source port",))

    with pytest.raises(ValueError, match=r"rule 7.*source port"):
        nftables.source_nat([rule])
