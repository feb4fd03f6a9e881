"""Any text gives a Document or UnreadableText: never a traceback, never more than linear work, at any depth."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

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
    "\x0c", "\ud800", "\udcff", "  ", " \n", "set a b c d ", "set a b c d e\n", "''\n", '"\n', "interfaces ", "tunnel ", "// vyos-config-version: \"a@1:b@\"", "/* Release version: */",
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


@pytest.mark.parametrize(
    "text", ["\u2028\nset a\n", "{\n'\n' b c\n", "set interfaces a b bridge-group 'x\ny'\n", "a ''\na {'"]
)
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
    assert "expected set commands, a saved configuration in braces or the JSON" in caught.value.message


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


@contextmanager
def watchdog(seconds: int) -> Iterator[None]:
    """Ends what would never end; it measures nothing."""

    def bark(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"still at work after {seconds} seconds of processor time")

    before = signal.signal(signal.SIGPROF, bark)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def lines_run(text: str) -> int:
    """How many lines of the config room run while the text is read: work that no other process disturbs."""
    count = 0

    def on_line(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return on_line

    def on_call(frame: FrameType, event: str, argument: Any) -> Any:
        return on_line if "/sapper/config/" in frame.f_code.co_filename else None

    before = sys.gettrace()
    sys.settrace(on_call)
    try:
        read_or_refuse(text)
    finally:
        sys.settrace(before)
    return count


GROWING = pytest.mark.parametrize(
    ("line", "end"),
    [
        ("set a 'b\n", ""), ('set a "b \\"x\n', ""), ("set a {\n/* b\n", ""), ("a {\n/* x\n", ""), ('a {\nb "x\n', ""),
        ("a {\n\\\"x\n", ""), ("a {\n\\\"x\n", '"y z'), ("a {\n b 'x\\'y \n", ""), ("a b c d {\n", ""), ("a {}}\n", ""),
        ("set " + "x " * 50 + "\n", ""), ("a {\n" + "x" * 200 + " y z '\n", ""), ("'\n{\n", ""), ("$ " * 40 + "\n{\n", ""),
        ("set a b c d e\n", ""), ("set a b c d 'e'\nset a b\n", ""), ("set a b c d e\ndelete a b c d e\n", ""),
        ("set a b\ncomment a b 'c'\n", ""), ("set a b c d\nbogus\nset a b c 'd\ne'\n", ""), ("sett a\nset b\n", ""),
        ("a {\n b c\n}\n", ""), ("/* a */ a { b { } } c\n", "{"), ("/* a */\na {\n}\n", ""), ('{"a":', ""), ('{"a": [["b', ""),
    ],
)  # fmt: skip


@GROWING
def test_work_grows_with_the_text_and_no_faster(line: str, end: str) -> None:
    few = max(1, 2_000 // len(line))
    short, long = lines_run(line * few + end), lines_run(line * 8 * few + end)
    assert long <= 9 * short + 500, f"8 times the text took {long / short:.1f} times the work"


@GROWING
def test_no_single_step_goes_over_the_whole_text_again_and_again(line: str, end: str) -> None:
    with watchdog(10):
        read_or_refuse(line * (300_000 // len(line)) + end)


MILLION = 1_000_000


@pytest.mark.parametrize(
    "text",
    [
        "set a b c '" + "x" * MILLION + "'\n", "set " + "a " * (MILLION // 2) + "\n", "set a b '" + "x " * (MILLION // 2),
        'a {\n b "' + "x y" * (MILLION // 3) + '"\n}\n', "set a" + " " * MILLION + "b\n", "set a " + "'" * MILLION,
        '{"a": {"b": "' + "x" * MILLION + '"}}', "a {\n" + "}" * MILLION, "a {\n// " + "/" * MILLION, "$ " * (MILLION // 2),
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_a_line_of_a_megabyte(text: str) -> None:
    with watchdog(10):
        found = read_or_refuse(text)
    assert isinstance(found, UnreadableText) or len(found.defects) <= 1
