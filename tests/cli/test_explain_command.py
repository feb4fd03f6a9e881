"""``sapper explain``: every code and every topic has a page, and what a page points at exists."""

from __future__ import annotations

import json

import pytest

from sapper.__main__ import main
from sapper.proof.states.lifecycle import STATES
from sapper.render.explanation import rule_lines, topic_lines
from sapper.render.line import plain_text
from sapper.rules.register import RULES
from sapper.rules.rule import RuleModule
from sapper.rules.topics.register import TOPICS
from sapper.rules.topics.topic import Topic

CODES = {module.RULE.code for module in RULES}
NAMES = {topic.name for topic in TOPICS}


def test_every_lifecycle_state_and_property_is_a_topic() -> None:
    assert {*STATES, "confidentiality", "no-bypass", "authenticity", "liveness"} <= NAMES
    assert len(NAMES) == len(TOPICS)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_what_a_topic_points_at_exists(topic: Topic) -> None:
    assert set(topic.see) <= CODES | NAMES
    assert all(len(line) <= 100 for line in plain_text(topic_lines(topic)).splitlines())


@pytest.mark.parametrize("module", RULES, ids=lambda module: module.RULE.code)
def test_a_page_has_both_examples_whole(module: RuleModule) -> None:
    page = plain_text(rule_lines(module.RULE))

    for example in (module.RULE.bad, module.RULE.good):
        assert all(line.strip() in page for line in example.splitlines() if line.isprintable())


def test_the_command_takes_any_case_and_gives_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "leak101", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "sapper/explain/1"
    assert [rule["code"] for rule in document["rules"]] == ["LEAK101"]

    assert main(["explain", "Guard"]) == 0
    assert "rt ipsec missing" in capsys.readouterr().out.replace("\n", " ")


def test_without_a_word_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    said = capsys.readouterr().out.split()
    assert set(said) >= CODES | NAMES


def test_an_unknown_word_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "CFG31"]) == 2
    assert (
        capsys.readouterr().err
        == "sapper explain: no code and no topic is called 'CFG31'; did you mean 'CFG391'?\n"
    )
