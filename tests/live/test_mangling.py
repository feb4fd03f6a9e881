"""Marks, MSS and destination NAT as documents, as far as no kernel is needed; the guest's nft reads them elsewhere."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.address import Address, Prefix
from sapper.kernel.plan import DestinationNatRule, MarkRule, MssClamp
from sapper.live.destination_nat import destination_nat, ports_match
from sapper.live.mangling import mangling
from sapper.live.nftables import Json


def rules_of(commands: list[Json]) -> list[Json]:
    return [command["add"]["rule"] for command in commands if "rule" in command.get("add", {})]


def chains_of(commands: list[Json]) -> set[tuple[str, str, str, int]]:
    chains = [command["add"]["chain"] for command in commands if "chain" in command.get("add", {})]
    return {(chain["family"], chain["name"], chain["hook"], chain["prio"]) for chain in chains}


def test_nothing_makes_no_table() -> None:
    assert mangling((), ()) == []
    assert destination_nat(()) == []


def test_each_clamp_is_where_vyos_has_it() -> None:
    clamps = (
        MssClamp(family=4, bytes=1300, out_link="tun0"),
        MssClamp(family=6, bytes=None, in_links=("eth1", "eth2")),
    )
    commands = mangling((), clamps)

    assert chains_of(commands) == {("ip", "mss_out", "forward", -300), ("ip6", "mss_in", "prerouting", -150)}
    assert len(rules_of(commands)) == 3


@given(st.integers(536, 65534), st.booleans())
def test_a_clamp_that_only_lowers_matches_what_is_larger(size: int, lower_only: bool) -> None:
    clamp = MssClamp(family=4, bytes=size, out_link="tun0", lower_only=lower_only)
    text = json.dumps(rules_of(mangling((), (clamp,))))

    assert (json.dumps({"range": [size + 1, 65535]}) in text) == lower_only
    assert f'"value": {size}' in text


def test_marks_of_every_interface_end_with_accept_because_the_first_match_decides() -> None:
    rule = MarkRule(family=4, mark=7, in_links=("eth1", "eth2"), protocol=6, negated=frozenset({"protocol"}))
    rules = rules_of(mangling((rule,), ()))

    assert [made["expr"][0]["match"]["right"] for made in rules] == ["eth1", "eth2"]
    for made in rules:
        assert made["expr"][-1] == {"accept": None}
        assert made["expr"][1]["match"]["op"] == "!="


def test_a_match_that_is_not_modelled_is_refused() -> None:
    with pytest.raises(ValueError, match=r"policy rule.*source port"):
        mangling((MarkRule(family=4, mark=7, in_links=("eth1",), unmodelled=("source port",)),), ())
    with pytest.raises(ValueError, match=r"rule 7.*packet-type"):
        destination_nat((DestinationNatRule(number=7, action="redirect", unmodelled=("packet-type",)),))


@pytest.mark.parametrize(
    ("text", "op", "items"),
    [
        ("80", "==", [80]),
        ("80,443,1000-2000", "==", [80, 443, {"range": [1000, 2000]}]),
        ("!22", "!=", [22]),
        ("!22,!80-90", "!=", [22, {"range": [80, 90]}]),
        ("http", "==", ["http"]),
    ],
)
def test_lists_of_ports(text: str, op: str, items: list[Any]) -> None:
    made = ports_match(text)["match"]

    assert (made["op"], made["right"]) == (op, {"set": items})


def test_a_list_that_is_inverted_in_part_is_refused() -> None:
    with pytest.raises(ValueError, match="some are inverted"):
        ports_match("80,!443")


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        ({"action": "accept"}, {"accept": None}),
        ({"action": "dnat", "to": "10.0.0.1"}, {"dnat": {"addr": "10.0.0.1"}}),
        (
            {"action": "dnat", "to": "10.0.0.1", "to_port": "80-90"},
            {"dnat": {"addr": "10.0.0.1", "port": {"range": [80, 90]}}},
        ),
        ({"action": "dnat", "to_port": "8080"}, {"dnat": {"port": 8080}}),
        ({"action": "redirect", "to_port": "8080"}, {"redirect": {"port": 8080}}),
        ({"action": "redirect"}, {"redirect": None}),
    ],
)
def test_what_destination_nat_does(rule: dict[str, Any], verdict: Json) -> None:
    to = Address.parse(rule["to"]) if "to" in rule else None
    made = DestinationNatRule(number=1, action=rule["action"], to=to, to_port=rule.get("to_port"))

    assert rules_of(destination_nat([made]))[0]["expr"][-1] == verdict


@given(st.lists(st.integers(1, 999999), unique=True, min_size=1, max_size=5))
def test_destination_nat_stands_in_the_order_of_its_numbers(numbers: list[int]) -> None:
    rules = [
        DestinationNatRule(number=number, action="accept", source=Prefix(4, number << 8, 24)) for number in numbers
    ]
    networks = [made["expr"][0]["match"]["right"]["prefix"]["addr"] for made in rules_of(destination_nat(rules))]

    assert networks == [str(Prefix(4, number << 8, 24).network) for number in sorted(numbers)]


def test_a_translation_to_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to translate to"):
        destination_nat([DestinationNatRule(number=3, action="dnat")])
