"""Every rule keeps its word: its bad example gives its code, its good one does not, and its page is fresh."""

from __future__ import annotations

import re

import pytest
import rule_pages
from subject_from_text import subject_of

from sapper.rules import sec501_key_is_no_lock
from sapper.rules.check import check_text
from sapper.rules.examine import examine
from sapper.rules.example import PEER, TUNNEL
from sapper.rules.register import RULES
from sapper.rules.rule import RuleModule

# SYN008 needs all other findings first (tests/rules/test_waivers.py), SEC501 the verdicts.
EXAMINED_BY_TEXT = [
    module
    for module in RULES
    if module.RULE.code.startswith(("SYN", "CFG", "SEC")) and module.RULE.code not in ("SYN008", "SEC501")
]
CODE = re.compile(r"(SYN0|CFG3|LEAK1|MTU2|PAIR4|SEC5)[0-9]{2}")


def codes(text: str) -> set[str]:
    return {finding.code for finding in examine(subject_of(text))}


@pytest.mark.parametrize("module", EXAMINED_BY_TEXT, ids=lambda module: module.RULE.code)
def test_the_bad_example_gives_the_code_and_the_good_one_does_not(module: RuleModule) -> None:
    assert module.RULE.code in codes(module.RULE.bad)
    assert module.RULE.code not in codes(module.RULE.good)


def test_a_key_is_no_lock_where_nothing_else_protects_the_tunnel() -> None:
    rule = sec501_key_is_no_lock.RULE
    for text, wanted in ((rule.bad, True), (rule.good, False)):
        assert (rule.code in {finding.code for finding in check_text(text, "x").findings}) is wanted


def test_the_examples_that_others_are_made_from_are_clean() -> None:
    for text in (PEER, TUNNEL):
        assert not {code for code in codes(text) if code.startswith(("SYN", "CFG"))}


@pytest.mark.parametrize("module", RULES, ids=lambda module: module.RULE.code)
def test_a_rule_is_named_by_its_code(module: RuleModule) -> None:
    rule = module.RULE
    assert CODE.fullmatch(rule.code)
    assert module.__name__.rpartition(".")[2].startswith(rule.code.lower() + "_")
    assert rule.why.endswith(".")
    assert not rule.title.endswith(".")


def test_codes_are_in_order_and_each_has_one_rule() -> None:
    seen = [module.RULE.code for module in RULES]
    assert len(set(seen)) == len(seen)
    for room in ("SYN", "CFG", "LEAK", "MTU", "SEC"):
        of_room = [code for code in seen if code.startswith(room)]
        assert of_room == sorted(of_room)


def test_every_rule_file_is_registered() -> None:
    directory = rule_pages.DIRECTORY.parents[1] / "src" / "sapper" / "rules"
    files = {path.stem for path in directory.glob("*.py") if re.match(r"(syn|cfg|leak|mtu|pair|sec)\d", path.stem)}
    assert files == {module.__name__.rpartition(".")[2] for module in RULES}


def test_the_pages_are_fresh() -> None:
    assert rule_pages.stale() == [], "docs/rules is stale: run tools/rule_pages.py"
