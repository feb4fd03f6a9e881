"""The reference pages and the completion data are made from the schema, whole and fresh."""

from __future__ import annotations

import json

import pytest
import reference_pages
from legal_values import legal_path

from sapper.schema.completion import completion_data, what_follows
from sapper.schema.option import Option
from sapper.schema.register import FEATURES, OPTIONS


def test_the_pages_are_fresh() -> None:
    assert reference_pages.stale() == [], "docs/reference is stale: run tools/reference_pages.py"


def test_every_option_stands_on_the_page_of_its_feature() -> None:
    for feature in FEATURES:
        text = reference_pages.page(feature, {})
        assert text.startswith("# ")
        instances = [part for part in text.split("\n## ") if "The same options as below" not in part]
        shown = {line.split("`")[1] for part in instances for line in part.splitlines() if line.startswith("| `")}
        for option in feature.OPTIONS:
            assert option.path.rpartition(" * ")[2] in shown


def test_a_rule_about_tunnels_is_named_on_their_page() -> None:
    codes = reference_pages.codes_by_feature()
    assert "CFG318" in [module.RULE.code for module in codes["sapper.schema.tunnel"]]
    assert all(module.RULE.code.startswith("CFG") for modules in codes.values() for module in modules)


def test_the_data_are_json_and_have_every_option() -> None:
    data = json.loads(json.dumps(completion_data()))
    assert set(data["options"]) == {option.path for option in OPTIONS}
    assert data["options"]["interfaces tunnel * encapsulation"]["words"][0] == "erspan"
    assert data["options"]["vpn ipsec authentication psk * secret"]["secret"] is True


@pytest.mark.parametrize("option", OPTIONS[::7], ids=lambda option: option.path)
def test_each_option_is_offered_where_it_belongs(option: Option) -> None:
    path = legal_path(option)
    assert path[-1] in [candidate.word for candidate in what_follows(path[:-1]).words]
    after = what_follows(path)
    assert [candidate.word for candidate in after.words][: len(option.type.words)] == list(option.type.words)
    if option.kind in ("leaf", "multi", "tag"):
        assert after.expects == option.type.name


def test_nothing_follows_a_value_or_an_unknown_word() -> None:
    for path in ("interfaces tunnel tun0 mtu 1400", "interfaces tunnel tun0 disable", "interfaces tunel"):
        assert what_follows(path.split()).words == ()


def test_every_word_that_is_offered_is_explained() -> None:
    for path in ("", "interfaces tunnel tun0", "interfaces tunnel tun0 parameters", "vpn ipsec"):
        candidates = what_follows(path.split()).words
        assert candidates
        assert all(candidate.help for candidate in candidates)
