"""Any text gives a Document or UnreadableText: never a traceback, never more than linear work, at any depth."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapper.config.print_set import print_set
from sapper.config.read import read
from sapper.config.recognise import recognise
from sapper.config.tree import Document, UnreadableText
from sapper.config.upgrade import upgrade

PIECES = [
    "set ", "delete ", "comment ", "vyos@r1# ", "$ ", "[edit]", "commit", "a", "b", "tun0", "10.0.0.1/32", " ", "\t",
    "\n", "\n", "\r\n", "{", "{\n", "}", "}\n", "'", '"', "\\", "#", "# ", "//", "/*", "/* ", "*/", "\ufeff", "\u2028",
    "\x0c", "\ud800", "interfaces ", "tunnel ", "// vyos-config-version: \"a@1:b@\"", "/* Release version: */",
]  # fmt: skip


def read_or_refuse(text: str) -> Document | UnreadableText:
    try:
        return read(text, "x")
    except UnreadableText as refusal:
        return refusal


def try_to_read(text: str) -> None:
    document = read_or_refuse(text)
    if isinstance(document, UnreadableText):
        assert "\n" not in str(document)
        assert 0 <= document.place.offset <= len(text)
        return
    for defect in document.defects:
        assert 0 <= defect.span.start <= defect.span.end <= len(text)
        assert "\n" not in defect.message
    for path, node in document.root.walk():
        assert node.spans, path
        assert all(0 <= span.start < span.end <= len(text) for span in node.spans), path
    assert all("\n" not in note.message for note in upgrade(document).notes)
    print_set(document.root)


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
@settings(max_examples=400, deadline=None)
def test_pieces_of_both_syntaxes_in_any_order(text: str) -> None:
    try_to_read(text)


@pytest.mark.parametrize("text", ["\u2028\nset a\n", "{\n'\n' b c\n", "set interfaces a b bridge-group 'x\ny'\n"])
def test_what_once_went_wrong(text: str) -> None:
    try_to_read(text)


@given(st.text(max_size=80))
@settings(max_examples=100, deadline=None)
def test_any_text(text: str) -> None:
    try_to_read(text)


@given(st.binary(max_size=80))
@settings(max_examples=100, deadline=None)
def test_any_bytes(data: bytes) -> None:
    try_to_read(data.decode("utf-8", "replace"))
    try_to_read(data.decode("latin-1"))


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("", 1, 1, "empty"),
        (" \n\t\n", 1, 1, "empty"),
        ("\ufeff", 1, 1, "empty"),
        ("Dear all,\nthe tunnel is down again.\n", 1, 1, "no statement"),
        ("# only a note\n", 1, 1, "no statement"),
        ('\n{"interfaces": {"tunnel": {}}}', 2, 1, "JSON"),
        ("[{}]", 1, 1, "JSON"),
        ("set a\n\0\0", 2, 1, "binary"),
        ("}\n", 1, 1, "closes no block"),
        ("\ndelete \\\n", 2, 1, "without a path"),
    ],
)
def test_what_cannot_be_read_says_where_and_what_was_expected(
    text: str, line: int, column: int, words: str
) -> None:
    with pytest.raises(UnreadableText) as caught:
        read(text, "r1.boot")
    assert str(caught.value).startswith(f"r1.boot:{line}:{column}: ")
    assert words in caught.value.message
    assert "expected set commands or a saved configuration" in caught.value.message


@pytest.mark.parametrize(
    ("text", "syntax"),
    [
        ("set a b\n", "set"),
        ("vyos@r1# set a b", "set"),
        ("policy {\n    route X {\n        rule 1 {\n            set {\n                mark 1\n}}}}", "braces"),
        ("interfaces { ethernet eth0 {", "braces"),
        ("prose first\nset a b\n", "set"),
        ('// vyos-config-version: "a@1"\n', "braces"),
        ("x" * 300_000 + "\nset a b\n", "set"),
        ("[edit]\nvyos@r1# set a b", "set"),
        ("nothing here", None),
    ],
)
def test_the_syntax_is_recognised(text: str, syntax: str | None) -> None:
    assert recognise(text) == syntax


def test_ten_thousand_blocks_deep() -> None:
    depth = 10_000
    document = read("a {\n" * depth + "b 1\n" + "}\n" * depth, "x")
    assert document.defects == []
    assert sum(1 for _ in document.root.walk()) == depth + 2
    assert sum(1 for _ in upgrade(document).root.walk()) == depth + 2
    assert print_set(document.root).count(" a") == depth
    left_open = read("a {\n" * depth, "x")
    assert "10000 open blocks: a, a," in left_open.defects[0].message
    assert len(left_open.defects[0].message) < 300


@pytest.mark.parametrize(
    ("line", "end"),
    [
        ("set a 'b\n", ""), ('set a "b \\"x\n', ""), ("set a {\n/* b\n", ""), ("a {\n/* x\n", ""), ('a {\nb "x\n', ""),
        ("a {\n\\\"x\n", ""), ("a {\n\\\"x\n", '"y z'), ("a {\n b 'x\\'y \n", ""), ("a b c d {\n", ""), ("a {}}\n", ""),
        ("set " + "x " * 50 + "\n", ""), ("a {\n" + "x" * 200 + " y z '\n", ""), ("'\n{\n", ""), ("$ " * 40 + "\n{\n", ""),
    ],
)  # fmt: skip
def test_work_grows_with_the_text_and_no_faster(line: str, end: str) -> None:
    def seconds(count: int) -> float:
        text = line * count + end
        started = time.process_time()
        read_or_refuse(text)
        return time.process_time() - started

    few = 8_000 // len(line)
    short = min(seconds(few) for _ in range(3))
    long = min(seconds(8 * few) for _ in range(2))
    assert long < 0.05 or long / short < 25, f"8 times the text took {long / short:.0f} times as long"
