"""What two ends of an IKE connection must agree on: found at both, only together, and never with a secret in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sapper.rules.check import check_end, check_text, compared
from sapper.rules.register import PEER_RULES
from sapper.rules.report import FileReport
from sapper.rules.rule import RuleModule

EXAMPLES = Path(__file__).parents[2] / "examples"


def together(*texts: str) -> list[FileReport]:
    return compared([check_end(text, f"{number}.set") for number, text in enumerate(texts)])


def codes(report: FileReport) -> set[str]:
    return {finding.code for finding in report.findings if finding.code.startswith("PAIR")}


@pytest.mark.parametrize("module", PEER_RULES, ids=lambda module: module.RULE.code)
def test_the_bad_example_beside_its_far_end_gives_the_code(module: RuleModule) -> None:
    rule = module.RULE
    assert rule.far is not None

    assert rule.code in codes(together(rule.bad, rule.far)[0])
    assert rule.code not in codes(together(rule.good, rule.far)[0])
    assert not codes(check_text(rule.bad, "x"))


@pytest.mark.parametrize("setup", sorted(path.name for path in EXAMPLES.iterdir()))
def test_the_examples_agree_with_themselves(setup: str) -> None:
    texts = [(EXAMPLES / setup / f"{name}.set").read_text() for name in ("east", "west")]

    assert [codes(report) for report in together(*texts)] == [set(), set()]


def test_a_key_is_never_repeated() -> None:
    rule = next(module.RULE for module in PEER_RULES if module.RULE.code == "PAIR407")
    said = repr(together(rule.bad, str(rule.far)))

    assert "exampel" not in said
    assert "secret example" not in said


def test_an_end_with_two_partners_has_none() -> None:
    rule = next(module.RULE for module in PEER_RULES if module.RULE.code == "PAIR405")

    assert codes(together(rule.bad, str(rule.far), str(rule.far))[0]) == set()
