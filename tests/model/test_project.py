"""``sapper.toml``: what it says is taken, what it says wrongly is named with its place, and nothing else happens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.address import Prefix
from sapper.config.source import UnreadableText
from sapper.model.project import read_project
from sapper.model.stated import Stated

WHOLE = """\
protect = ["10.1.0.0/16", "tun0", "2001:db8::/32"]
trusted = ["eth2"]
target = "1.4"

[[ignore]]
code = "MTU202"
reason = "clamped at the hosts"

[[router]]
name = "east"
trusted = ["eth3"]
target = "1.3"
"""


def test_what_is_said_for_all_and_for_one() -> None:
    project = read_project(WHOLE, "sapper.toml")

    assert project.stated("west") == Stated(
        protect=(Prefix.parse("10.1.0.0/16"), Prefix.parse("2001:db8::/32")), tunnels=("tun0",), trusted=("eth2",)
    )
    assert project.stated("east").trusted == ("eth2", "eth3")
    assert (project.target("west"), project.target("east")) == ("1.4", "1.3")
    assert [(ignore.code, ignore.reason) for ignore in project.ignores("east")] == [
        ("MTU202", "clamped at the hosts")
    ]


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ('protect = ["10.1.0.0/33"]\n', "1:13", "neither a network"),
        ('\nprotct = ["10.1.0.0/16"]\n', "2:1", "unknown key 'protct'; known are"),
        ('protect = "10.1.0.0/16"\n', "1:1", "expected a list"),
        ('target = "1.7"\n', "1:11", "expected a release from 1.2 to 1.5 or a kernel"),
        ("target = 1.4\n", "1:1", "expected a string"),
        ('ignore = [{code = "MTU202"}]\n', "1:19", "without a reason"),
        ('ignore = ["MTU202"]\n', "1:1", "expected tables"),
        ('ignore = [{code = "mtu", reason = "x"}]\n', "1:19", "no code of a finding"),
        ('\n[[router]]\ntrusted = ["eth0"]\n', "2:1", "needs name"),
        ("protect = [\n", "2:1", "no TOML"),
        ("a = \x01\n", "1:5", "no TOML"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, place: str, words: str) -> None:
    with pytest.raises(UnreadableText) as raised:
        read_project(text, "sapper.toml")

    assert str(raised.value).startswith(f"sapper.toml:{place}: ")
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


WORDS = st.sampled_from(
    ["protect", "trusted", "ignore", "target", "[[router]]", "[router]", "name", "=", "[", "]", "{", "}", '"east"',
     '"10.0.0.0/8"', '"MTU202"', "code", "reason", ",", "\n", "1", "true", '"', "x.y", "#", "[[ignore]]", "path"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=25).map(" ".join) | st.text(max_size=40))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    said = ""
    try:
        read_project(text, "sapper.toml")
    except UnreadableText as error:
        said = str(error)
    assert "\n" not in said
