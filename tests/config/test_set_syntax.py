"""Set commands: words as a shell splits them, sessions as people paste them, defects at their places."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sapper.config.set_syntax import read_set
from sapper.config.tree import Document, Source


def document(text: str) -> Document:
    return read_set(Source("x.set", text))


def leaves(text: str) -> list[str]:
    return [" ".join(path) for path in document(text).root.leaves()]


def defects(text: str) -> list[tuple[str, int, int, str]]:
    found = document(text)
    return [(d.code, *found.source.place(d.span.start)[:2], text[d.span.start : d.span.end]) for d in found.defects]


@given(st.lists(st.sampled_from([*"ab1/'\"\\ \t", "' ", ' "', "é", "\u00a0", "{", "}"]), max_size=20).map("".join))
@settings(max_examples=150, deadline=None)
def test_words_are_split_as_the_standard_library_splits_them(line: str) -> None:
    try:
        expected = shlex.split(line)
    except ValueError:
        assume(False)
    assume(expected)
    found = document(f"set {line}")
    assert list(found.root.leaves()) == [tuple(expected)]
    assert found.defects == []


@pytest.mark.parametrize(
    "prompt", ["vyos@r1# ", "vyos@r1:~$ ", "$ ", "  ", "\t", "vyos@vyos# \t", "admin@gw-1.example.com# "]
)
def test_a_prompt_before_the_command_is_skipped(prompt: str) -> None:
    assert leaves(f"{prompt}set interfaces loopback lo\r\n{prompt}\n") == ["interfaces loopback lo"]
    assert defects(f"{prompt}set interfaces loopback lo\r\n{prompt}\n") == []


def test_a_pasted_session_reads_without_defects() -> None:
    text = "configure\n[edit]\nvyos@r1# set system host-name r1 # ours\n# note\nvyos@r1# commit\nsave\nexit\n"
    assert leaves(text) == ["system host-name r1"]
    assert defects(text) == []


def test_a_hash_inside_a_word_or_quotes_is_no_comment() -> None:
    assert leaves("set a b#c\nset a '# d'\nset a \"e\" #f\n") == ["a b#c", "a # d", "a e"]


def test_a_backslash_at_the_end_continues_the_line() -> None:
    assert leaves("set a \\\n  b \\\r\n c\nset d\n") == ["a b c", "d"]


def test_a_quoted_value_may_span_lines() -> None:
    found = document("set a b 'one\ntwo'\nset c\n")
    assert list(found.root.leaves()) == [("a", "b", "one\ntwo"), ("c",)]
    assert found.defects == []


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_forgotten_quote_costs_its_own_line_only(quote: str) -> None:
    text = f"set a {quote}one\nset b {quote}two{quote}\nset c three\n"
    assert leaves(text) == ["a one", "b two", "c three"]
    assert defects(text) == [("SYN002", 1, 7, quote)]


def test_what_is_no_command_is_skipped_and_named() -> None:
    text = "set a b\n  show version \nset c d\nset\ncomment a\n"
    assert leaves(text) == ["a b", "c d"]
    assert defects(text) == [
        ("SYN004", 2, 3, "show version"),
        ("SYN004", 4, 1, "set"),
        ("SYN004", 5, 1, "comment"),
    ]


def test_a_comment_of_the_other_syntax_is_named() -> None:
    text = "set a b\n// note\n/* note */ set c\n"
    assert leaves(text) == ["a b", "c"]
    assert defects(text) == [("SYN005", 2, 1, "// note"), ("SYN005", 3, 1, "/* note */")]


def test_no_message_repeats_a_line_that_may_hold_a_secret() -> None:
    for line in ("psk hunter2", "set a 'hunter2", "{ hunter2", "comment hunter2", "comment hunter2 hunter2"):
        assert "hunter2" not in "".join(d.message for d in document(f"set x\n{line}\n").defects), line


@pytest.mark.parametrize(
    ("delete", "left"),
    [
        ("delete interfaces tunnel tun0 mtu", ["interfaces tunnel tun0 address 10.0.0.1/24", "vpn"]),
        ("delete interfaces tunnel tun0 address 10.0.0.1/24", ["interfaces tunnel tun0 mtu 1400", "vpn"]),
        ("delete interfaces tunnel tun0", ["interfaces", "vpn"]),
        ("delete interfaces", ["vpn"]),
        (
            "delete interfaces tunnel tun9",
            ["interfaces tunnel tun0 mtu 1400", "interfaces tunnel tun0 address 10.0.0.1/24", "vpn"],
        ),
    ],
)
def test_delete_removes_what_stands_above_it(delete: str, left: list[str]) -> None:
    text = "set interfaces tunnel tun0 mtu 1400\nset interfaces tunnel tun0 address 10.0.0.1/24\nset vpn\n"
    assert leaves(f"{text}{delete}\n") == left


def test_what_is_set_after_its_deletion_stays() -> None:
    found = document("set a b c1\ndelete a b c1\nset a b c2\n")
    assert list(found.root.leaves()) == [("a", "b", "c2")]
    node = found.root.find("a", "b", "c2")
    assert node is not None
    assert [found.source.place(span.start)[:2] for span in node.spans] == [(3, 9)]


def test_a_comment_is_noted_at_its_node_wherever_the_command_stands() -> None:
    found = document("comment a b 'why'\nset a b c\n")
    node = found.root.find("a", "b")
    assert node is not None
    assert node.comment == "why"
    assert defects("set a b\ncomment a c why\n") == [("SYN004", 2, 1, "comment a c why")]


def test_places_and_extents() -> None:
    text = "set a b 'c d'\nset a e\nset a b f\n"
    found = document(text)
    a, b = found.root.find("a"), found.root.find("a", "b")
    assert a is not None
    assert b is not None
    assert [span.start for span in a.spans] == [4, 18, 26]
    assert text[b.extent.start : b.extent.end] == "b 'c d'\nset a e\nset a b f"
    assert [text[value.span.start : value.span.end] for value in b.values()] == ["'c d'", "f"]


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("sett a b", "set"),
        ("ste a b", "set"),
        ("vyos@r1# delet a b", "delete"),
        ("coment a b c", "comment"),
        ("hunter2 a", None),
    ],
)
def test_a_misspelt_command_is_told_what_it_should_be(line: str, meant: str | None) -> None:
    found = document(f"set x y\n  {line}\n")
    (defect,) = found.defects
    assert found.source.place(defect.span.start)[:2] == (2, 3)
    assert "expected set, delete or comment" in defect.message
    assert (f"did you mean `{meant}`?" in defect.message) is (meant is not None)
    assert "hunter2" not in defect.message
