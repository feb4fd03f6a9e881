"""Braces: leniencies are read sensibly and named at their places; the footer is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.config.braces import read_braces
from sapper.config.tree import Document, Source


def document(text: str) -> Document:
    return read_braces(Source("x.boot", text))


def leaves(text: str) -> list[str]:
    return [" ".join(path) for path in document(text).root.leaves()]


def defects(text: str) -> list[tuple[str, int, int, str]]:
    found = document(text)
    return [(d.code, *found.source.place(d.span.start)[:2], text[d.span.start : d.span.end]) for d in found.defects]


@pytest.mark.parametrize(
    ("text", "expected", "found"),
    [
        ("a {\n b 1\n}\n}\nc {\n}\n", ["a b 1", "c"], [("SYN003", 4, 1, "}")]),
        ("a {\n b 1\n}}}\nc {\n}\n", ["a b 1", "c"], [("SYN003", 3, 2, "}}")]),
        ("a {\n b 1 }\nc {\n}\n", ["a b 1", "c"], [("SYN003", 2, 6, "}")]),
        ("a\n{\n b 1\n}\n", ["a b 1"], [("SYN004", 2, 1, "{")]),
        ("a t\n{\n b 1\n}\n", ["a t b 1"], [("SYN004", 2, 1, "{")]),
        ("a {\n {\n b 1\n }\n}\n", ["a b 1"], [("SYN004", 2, 2, "{")]),
        ("a {\n b one two three\n}\n", ["a b one", "a b two", "a b three"], [("SYN006", 2, 8, "two three")]),
        ("a b c {\n d 1\n}\n", ["a b c d 1"], [("SYN004", 1, 5, "c")]),
        ("set a b\nc {\n}\n", ["c"], [("SYN004", 1, 1, "set a b")]),
        ("'a' {\n b 1\n}\n", ["a b 1"], [("SYN004", 1, 1, "'a'")]),
        ("# note\na {\n b 1 # why\n} # end\n", ["a b 1"],
         [("SYN005", 1, 1, "# note"), ("SYN005", 3, 6, "# why"), ("SYN005", 4, 3, "# end")]),
        ("a {\n b # why not\n c #1\n}\n", ["a b", "a c #1"], [("SYN005", 2, 4, "# why not")]),
        ("a {\n b 1 /* why */\n c 2 // fine\n}\n", ["a b 1", "a c 2"], [("SYN005", 2, 6, "/* why */")]),
        ("a {\n b 1\n /* end */\n}\n", ["a b 1"], [("SYN005", 3, 2, "/* end */")]),
        ("/* one */\n/* two */\na {\n}\n", ["a"], [("SYN005", 1, 1, "/* one */")]),
        ("a {\n/* open\n b 1\n}\n", ["a b 1"], [("SYN005", 2, 1, "/* open")]),
        ('a {\n b "one\n c 2\n}\n', ["a b one", "a c 2"], [("SYN002", 2, 4, '"')]),
        ('a {\n b "one\n c "two"\n}\n', ["a b one", "a c two"], [("SYN002", 2, 4, '"')]),
        ("a {\n b {\n  c 1", ["a b c 1"], [("SYN001", 3, 5, "1")]),
        ("a {\n b {\n  c 'x y'\n\n// note\n", ["a b c x y"], [("SYN001", 3, 5, "'x y'")]),
        ("a {\n b {\n", ["a b"], [("SYN001", 2, 4, "{")]),
    ],
)  # fmt: skip
def test_reading_goes_on_after_each_defect(
    text: str, expected: list[str], found: list[tuple[str, int, int, str]]
) -> None:
    assert leaves(text) == expected
    assert defects(text) == found


def test_the_end_of_the_text_names_every_open_block_outermost_first() -> None:
    (defect,) = document("vpn {\n ipsec {\n  peer '10.0.0.1' {\n   x 1\n").defects
    assert defect.message == (
        "the text ends inside 3 open blocks: vpn, ipsec, peer 10.0.0.1; read as if they were closed here"
    )
    (defect,) = document("vpn {\n").defects
    assert defect.message == "the text ends inside 1 open block: vpn; read as if they were closed here"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (r'"a\d"', r"a\d"),
        (r'"a\n"', r"a\n"),
        (r'"C:\"', "C:\\"),
        (r'"say \"x\" now"', 'say "x" now'),
        (r"'it\'s'", "it's"),
        (r"'\1 ^$ .*'", r"\1 ^$ .*"),
        ('"one\n two"', "one\n two"),
        ("http://x//y", "http://x//y"),
        ("/config/auth/x", "/config/auth/x"),
        (r"\d+", r"\d+"),
        ("''", ""),
    ],
)
def test_a_value_is_read_as_the_router_reads_it(written: str, value: str) -> None:
    found = document(f"a {{\n    b {written}\n    c\n}}\n")
    assert list(found.root.leaves()) == [("a", "b", value), ("a", "c")]
    assert found.defects == []


def test_blocks_written_twice_merge_and_know_both_places() -> None:
    text = "a x {\n b 1\n}\nc {\n}\na x {\n b 1\n b 2\n}\n"
    found = document(text)
    assert leaves(text) == ["a x b 1", "a x b 2", "c"]
    tag, value = found.root.find("a", "x"), found.root.find("a", "x", "b", "1")
    assert tag is not None
    assert value is not None
    assert len(tag.spans) == len(value.spans) == 2
    assert text[tag.extent.start : tag.extent.end] == "x {\n b 1\n}\nc {\n}\na x {\n b 1\n b 2\n}"


def test_braces_need_no_space_and_empty_blocks_no_line() -> None:
    text = "interfaces{\nvti vti1 { } vti vti2{}\n}\n"
    assert leaves(text) == ["interfaces vti vti1", "interfaces vti vti2"]
    assert defects(text) == []


def test_a_comment_belongs_to_the_node_after_it() -> None:
    found = document("/* top */\na x {\n  /* two\n  lines */\n  b 1\n  // nobody's\n  c 2\n}\n")
    comments = {path: node.comment for path, node in found.root.walk() if node.comment}
    assert comments == {("a", "x"): "top", ("a", "x", "b"): "two\n  lines"}
    assert found.defects == []


OLD_FOOTER = """/* Warning: Do not remove the following line. */
/* === vyatta-config-version: "ipsec@5:nat@4" === */
/* Release version: 1.2.6-S1 */
"""
NEW_FOOTER = """// Warning: Do not remove the following line.
// vyos-config-version: "ipsec@13:nat@8:broken"
// Release version: 1.4.0-epa3
"""


@pytest.mark.parametrize(
    ("footer", "components", "release"),
    [
        (OLD_FOOTER, {"ipsec": 5, "nat": 4}, "1.2.6-S1"),
        (NEW_FOOTER, {"ipsec": 13, "nat": 8}, "1.4.0-epa3"),
        (NEW_FOOTER.replace("\n", "\r\n"), {"ipsec": 13, "nat": 8}, "1.4.0-epa3"),
        ("", {}, None),
    ],
)
def test_the_footer_is_read_and_is_no_comment(footer: str, components: dict[str, int], release: str | None) -> None:
    found = document(f"a {{\n}}\n\n\n{footer}")
    assert (found.components, found.release, found.defects) == (components, release, [])
    assert all(node.comment is None for _, node in found.root.walk())


def test_no_message_repeats_a_value() -> None:
    text = "pre-shared-secret hunter2 hunter2\na {\n s hunter2 hunter2\n t 'hunter2\n u hunter2 hunter2 {\n"
    assert "hunter2" not in "".join(d.message for d in document(text).defects if d.code != "SYN001")


WORDS = st.sampled_from(["a", "b", "c"])
LEAVES = st.one_of(WORDS.map("{}\n".format), st.tuples(WORDS, WORDS).map(lambda two: f"{two[0]} {two[1]}\n"))


def blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    header = st.one_of(WORDS, st.tuples(WORDS, WORDS).map(" ".join))
    many = st.lists(inner, max_size=3).map("".join)
    return st.one_of(st.tuples(header, many).map(lambda two: f"{two[0]} {{\n{two[1]}}}\n"), many)


@given(st.recursive(LEAVES, blocks, max_leaves=8))
def test_a_node_stands_where_its_word_stands_however_often_it_is_written(text: str) -> None:
    """A word may be the value of one statement and the name of another: ``a b`` and ``a { b c }``."""
    for _, node in document(text).root.walk():
        assert {text[span.start : span.end] for span in node.spans} == {node.word}
        assert len(set(node.spans)) == len(node.spans)
