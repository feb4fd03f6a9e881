"""Scenario files: what is read, and that whatever is wrong is one line with the right place."""

from __future__ import annotations

import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.address import Prefix
from sapper.config.source import UnreadableText
from sapper.lab.faults.announced_route import AnnouncedRoute
from sapper.lab.faults.register import FAULTS
from sapper.lab.faults.wan_cut import WanCut
from sapper.lab.scenario_file import Count, read_scenario

GOOD = """\
title = "cut"
nat = "east"

[[step]]
up = true

[[step]]
wan-cut = "east"
saw = { lost = ">= 1", path_mtu = "unknown" }

[[step.expect]]
router = "east"
tunnel = "tun0"
row = "deleted (dpd)"
packets = ["clear", "lost"]
esp = 0

[[step.expect]]
router = "west"
packets = "encrypted"

[[step]]
announced-route = { router = "west", prefix = "10.0.0.0/9" }

[[step]]
wait = 1.5

[[step]]
undo = "wan-cut"
"""


def wrong(text: str) -> str:
    with pytest.raises(UnreadableText) as caught:
        read_scenario(text, "s.toml")
    message = str(caught.value)
    assert re.fullmatch(r"s\.toml:\d+:\d+: [^\n]+", message)
    return message


def test_everything_is_read() -> None:
    scenario = read_scenario(GOOD, "s.toml")
    up, cut, announced, wait, undo = scenario.steps

    assert (scenario.title, scenario.nat) == ("cut", "east")
    assert (up.event, up.router, up.argument) == ("up", None, True)
    assert cut.fault == WanCut(router="east")
    assert cut.saw == (("lost", Count(">=", 1)), ("path_mtu", None))
    first, second = cut.expect
    assert (first.tunnel, first.row, first.words) == ("tun0", "deleted (dpd)", ("clear", "lost"))
    assert first.counts == (("esp", Count("==", 0)),)
    assert (second.router, second.words, second.number) == ("west", ("encrypted",), 1)
    assert announced.fault == AnnouncedRoute(router="west", prefix=Prefix.parse("10.0.0.0/9"))
    assert (wait.argument, undo.argument) == (1.5, "wan-cut")


@pytest.mark.parametrize(
    ("before", "after", "place", "word"),
    [
        ('title = "cut"', "title = 3", "1:1", "title: expected a string"),
        ('title = "cut"', 'tittle = "cut"', "1:1", "did you mean 'title'?"),
        ("up = true", "up = 1", "5:1", "up: expected true"),
        ("up = true", "up = tru", "5:6", "no TOML"),
        ("up = true", "", "4:1", "a step needs an event"),
        ("up = true", "up = true\nstart = true", "6:1", "one event, and here are up and start"),
        ("up = true", 'start = ""', "5:1", "the name of one"),
        ("up = true", "wan-cat = true", "5:1", "did you mean 'wan-cut'?"),
        ('wan-cut = "east"', "wan-cut = true", "8:1", "needs router, a string"),
        ('wan-cut = "east"', "wan-cut = { router = 3 }", "8:13", "router: expected a string, not 3"),
        (
            'wan-cut = "east"',
            'wan-cut = { router = "east", how = "up" }',
            "8:30",
            "expected one of beyond, carrier",
        ),
        ('wan-cut = "east"', 'wan-cut = { router = "east", h = 1 }', "8:30", "unknown parameter 'h'"),
        (
            'wan-cut = "east"',
            'too-big = { router = "east", claim = "here" }',
            "8:30",
            "claim: expected an IP address",
        ),
        ('lost = ">= 1"', 'lost = "few"', "9:9", "lost: expected a number"),
        ("esp = 0", "esp = true", "16:1", "esp: expected a number"),
        ("esp = 0", "eps = 0", "16:1", "did you mean 'esp'?"),
        ('row = "deleted (dpd)"', 'row = "gone"', "14:1", "'gone' is no row"),
        ('packets = "encrypted"', 'packets = "safe"', "20:1", "packets: expected one or several of"),
        ('router = "west"\npackets', "packets", "18:1", "expect: needs router"),
        ('prefix = "10.0.0.0/9"', 'prefix = "ten"', "23:38", "prefix: expected a network"),
        ("wait = 1.5", "wait = 61", "26:1", "at most 60"),
        ("wait = 1.5", "wait = true", "26:1", "a number of seconds"),
        ('undo = "wan-cut"', 'undo = "flushed"', "29:1", "flushed cannot be taken back"),
        ('undo = "wan-cut"', 'undo = "up"', "29:1", "the name of a fault that lasts"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(before: str, after: str, place: str, word: str) -> None:
    assert GOOD.count(before) == 1
    message = wrong(GOOD.replace(before, after))

    assert message.startswith(f"s.toml:{place}: ")
    assert word in message


@pytest.mark.parametrize(
    ("text", "word"), [("", "at least one"), ("step = 3", "at least one"), ('title = "', "no TOML")]
)
def test_no_steps_at_all(text: str, word: str) -> None:
    assert word in wrong(text)


@given(st.data())
def test_no_text_ends_in_anything_but_a_scenario_or_one_line(data: st.DataObject) -> None:
    lines = GOOD.splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        values = ["1", "true", '""', '"east"', "[]", "{}", "[{}]", "{ router = 1 }", "2026-01-01"]
        key = data.draw(
            st.sampled_from([*FAULTS, "up", "saw", "expect", "router", "row", "packets", "step", "nat"])
        )
        lines[at] = data.draw(
            st.sampled_from([f"{key} = {data.draw(st.sampled_from(values))}", "[[step]]", "", "x"])
        )
    text = "\n".join(lines)
    message = ""
    try:
        read_scenario(text, "s.toml")
    except UnreadableText as error:
        message = str(error)

    assert not message or re.fullmatch(r"s\.toml:\d+:\d+: [^\n]+", message)
    if not message:
        tomllib.loads(text)


@given(st.integers(-5, 5), st.sampled_from(["==", "<=", ">=", "<", ">"]), st.integers(0, 5))
def test_a_limit_holds_as_python_says(seen: int, operator: str, number: int) -> None:
    assert Count(operator, number).holds(seen) is eval(f"{seen} {operator} {number}")
    assert not Count(operator, number).holds(None)
