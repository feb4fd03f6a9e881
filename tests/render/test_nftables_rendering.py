"""The nftables file: what it replaces, in which order it decides, and what it refuses."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.address import Address, Prefix
from sapper.kernel.plan import DestinationNatRule, MarkRule, MssClamp, Plan, SourceNatRule
from sapper.render import nftables
from sapper.render.inexpressible import Inexpressible

SOURCE = SourceNatRule(number=10, action="masquerade", out_link="eth0")
DESTINATION = DestinationNatRule(number=10, action="dnat", protocol=6, port="80", to=Address.parse("10.0.0.5"))


def rules(**fields: Any) -> list[str]:
    """The rules of all chains, in order."""
    text = nftables.render(Plan(name="r", **fields))["sapper.nft"]
    return [line.strip() for line in text.splitlines() if " comment " in line]


def test_both_tables_are_replaced_in_one_go_and_only_ours() -> None:
    lines = nftables.render(Plan(name="r"))["sapper.nft"].splitlines()
    commands = [line for line in lines if line and not line.startswith("#")]
    assert commands == [f"{verb} table {family} sapper" for family in ("ip", "ip6") for verb in ("add", "delete")]


def test_rules_stand_in_order_of_their_numbers() -> None:
    accept = msgspec.structs.replace(SOURCE, number=5, action="accept")
    assert [rule.split(" comment ")[0] for rule in rules(source_nat=(SOURCE, accept))] == [
        'oifname "eth0" counter accept',
        'oifname "eth0" counter masquerade',
    ]


def test_a_family_has_its_table() -> None:
    six = msgspec.structs.replace(SOURCE, source=Prefix.parse("fd00::/8"))
    text = nftables.render(Plan(name="r", source_nat=(six,)))["sapper.nft"]
    assert re.search(r"table ip6 sapper \{.*ip6 saddr fd00::/8", text, re.DOTALL)
    assert "table ip sapper {" not in text


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"unmodelled": ("source port",)}, "source port"),
        ({"action": "snat"}, "no address"),
        ({"source": Prefix.parse("10.0.0.0/8"), "destination": Prefix.parse("fd00::/8")}, "IPv4"),
        ({"source": Prefix.parse("10.0.0.0/8"), "to": Address.parse("fd00::1")}, "family"),
        ({"out_link": 'eth0" accept #'}, "name of a link"),
    ],
)
def test_a_source_rule_that_cannot_be_written_is_named(more: dict[str, object], word: str) -> None:
    with pytest.raises(Inexpressible, match=word):
        rules(source_nat=(msgspec.structs.replace(SOURCE, **more),))


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"unmodelled": ("source group",)}, "source group"),
        ({"to": None}, "nothing to translate"),
        ({"port": "80;drop"}, "not a list"),
        ({"port": "!80,81"}, "not a list"),
        ({"to_port": "80,81"}, "not a number"),
        ({"protocol": 1}, "the protocol has none"),
        ({"negated": frozenset({"protocol"})}, "the protocol has none"),
    ],
)
def test_a_destination_rule_that_cannot_be_written_is_named(more: dict[str, object], word: str) -> None:
    with pytest.raises(Inexpressible, match=word):
        rules(destination_nat=(msgspec.structs.replace(DESTINATION, **more),))


@pytest.mark.parametrize(
    ("port", "text"),
    [("80", "80"), ("http,8080-8090", '{ "http", 8080-8090 }'), ("!80,!81", "!= { 80, 81 }"), ("!ssh", '!= "ssh"')],
)
def test_ports_are_lists_of_numbers_ranges_and_names(port: str, text: str) -> None:
    [rule] = rules(destination_nat=(msgspec.structs.replace(DESTINATION, port=port),))
    assert f"meta l4proto 6 th dport {text} counter dnat to 10.0.0.5 " in rule


def test_any_interface_is_no_match() -> None:
    [rule] = rules(source_nat=(msgspec.structs.replace(SOURCE, out_link="any"),))
    assert rule.startswith("counter masquerade")


def test_an_mss_is_within_its_field() -> None:
    with pytest.raises(Inexpressible, match="MSS"):
        rules(mss_clamps=(MssClamp(family=4, bytes=65536, out_link="tun0"),))


def test_a_mark_ends_the_search() -> None:
    [rule] = rules(marks=(MarkRule(family=4, mark=7, in_links=("eth1",)),))
    assert 'iifname "eth1" counter meta mark set 0x00000007 return' in rule


@given(
    text=st.text(min_size=1, max_size=12)
    | st.text(st.sampled_from(list("eth0*!\"';#{} \n")), min_size=1, max_size=9)
)
def test_the_name_of_a_link_is_one_quoted_word_or_an_error(text: str) -> None:
    try:
        [written] = rules(source_nat=(msgspec.structs.replace(SOURCE, out_link=text),))
    except Inexpressible:
        return
    [plain] = rules(source_nat=(SOURCE,))
    assert written == plain.replace('"eth0"', f'"{text}"')
    assert re.fullmatch(r"[\w.+~-]+\*?", text)


@given(name=st.text(max_size=40), gap=st.text(max_size=40))
def test_no_text_of_the_plan_ends_a_comment(name: str, gap: str) -> None:
    lines = nftables.render(Plan(name=name, gaps=(gap,)))["sapper.nft"].split("\n")
    assert [line for line in lines if line and not line.startswith("#")] == [
        f"{verb} table {family} sapper" for family in ("ip", "ip6") for verb in ("add", "delete")
    ]
