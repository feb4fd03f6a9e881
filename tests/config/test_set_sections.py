"""Sections of set commands are sorted first and looked into later: nothing of that may show."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from sapper.config.set_syntax import read_set
from sapper.config.tree import Node, Source, Span

WORD = st.sampled_from(["a", "a", "a", "a", "b", "b", "c", "d1", "'a'", "'x y'", '"b"', "''"])
PATH = st.lists(WORD, min_size=1, max_size=7)
BLANKS = st.sampled_from([" ", " ", " ", "  ", "\t"])
END = st.sampled_from(["\n", "\n", "\n", "\r\n", " \n", " # why\n", "\n\n", "\nbogus line\n"])
TOKEN = re.compile(r"'[^']*'|\"[^\"]*\"|[^ \t]+")
NAME = re.compile(r"[a-z][a-z-]*")


@st.composite
def commands(draw: st.DrawFn) -> str:
    lines = []
    for _ in range(draw(st.integers(1, 12))):
        verb = draw(st.sampled_from(["set", "set", "set", "set", "delete", "vyos@r1# set"]))
        path = draw(PATH)
        lines.append(verb + "".join(draw(BLANKS) + word for word in path) + draw(END))
    text = "".join(lines)
    return draw(
        st.sampled_from([text, "\ufeff" + text, text.rstrip("\r\n"), text.replace("\r", "").replace("\n", "\r\n")])
    )


Tree = dict[str, "Tree"]


def one_by_one(text: str) -> tuple[Tree, dict[tuple[str, ...], list[Span]]]:
    """The tree of nested dicts and the places, as one would write it down: every word of every line in turn."""
    tree: Tree = {}
    places: dict[tuple[str, ...], list[Span]] = {}
    at = 0
    for line in text.split("\n"):
        words = [
            (found[0], Span(at + found.start(), at + found.end())) for found in TOKEN.finditer(line.rstrip("\r"))
        ]
        at += len(line) + 1
        words = [(word.lstrip("\ufeff"), span) for word, span in words if word != "\r"]
        if words and words[0][0] == "vyos@r1#":
            del words[0]
        if not words or words[0][0] not in ("set", "delete"):
            continue
        path = [(word.strip("'\""), span) for word, span in words[1:] if word not in ("#", "why")]
        names = tuple(word for word, _ in path)
        if words[0][0] == "set":
            below = tree
            for depth, (word, span) in enumerate(path, 1):
                below = below.setdefault(word, {})
                places.setdefault(names[:depth], []).append(span)
        else:
            remove(tree, places, names, quoted=words[len(path)][0][0] in "'\"")
    return tree, places


def remove(tree: Tree, places: dict[tuple[str, ...], list[Span]], names: tuple[str, ...], quoted: bool) -> None:
    chain = [tree]
    for word in names[:-1]:
        if word not in chain[-1]:
            return
        chain.append(chain[-1][word])
    if chain[-1].pop(names[-1], None) is None:
        return
    gone = [names]
    if not chain[-1] and len(chain) > 1 and (quoted or not NAME.fullmatch(names[-1])):
        del chain[-2][names[-2]]
        gone.append(names[:-1])
    for path in list(places):
        if any(path[: len(start)] == start for start in gone):
            del places[path]


def nested(node: Node) -> Tree:
    return {word: nested(child) for word, child in node.children.items()}


def ordered(tree: Tree) -> list[object]:
    return [[word, ordered(below)] for word, below in tree.items()]


@given(commands())
@settings(max_examples=300, deadline=None)
def test_the_tree_and_its_places_are_those_of_reading_word_by_word(text: str) -> None:
    tree, places = one_by_one(text)
    document = read_set(Source("x", text))
    found = {path: node.spans for path, node in document.root.walk()}
    assert ordered(nested(document.root)) == ordered(tree)
    assert found == {path: spans for path, spans in places.items() if path in found}
    assert found.keys() == places.keys()


@given(
    st.lists(
        st.builds("set a a {} {} {}{}".format, *[st.sampled_from("ab")] * 2, st.sampled_from(["c", "'x y'"]), END),
        max_size=8,
    )
)
@settings(max_examples=100, deadline=None)
def test_an_extent_goes_from_the_first_word_to_the_end_of_the_last_command(lines: list[str]) -> None:
    text = "".join(lines)
    places = one_by_one(text)[1]
    for path, node in read_set(Source("x", text)).root.walk():
        below = [spans for other, spans in places.items() if other[: len(path)] == path]
        assert node.extent == (places[path][0].start, max(spans[-1].end for spans in below)), path


def test_a_section_that_was_looked_into_goes_on() -> None:
    text = "set a b c d e\nset a b c f g\ndelete a b c d\nset a b c d h\nset a b c x 'y'\n"
    assert [" ".join(path) for path in read_set(Source("x", text)).root.leaves()] == [
        "a b c f g",
        "a b c d h",
        "a b c x y",
    ]


@given(commands(), st.lists(st.sampled_from("abc"), max_size=5))
@settings(max_examples=150, deadline=None)
def test_the_order_of_looking_does_not_matter(text: str, path: list[str]) -> None:
    walked, looked = read_set(Source("x", text)), read_set(Source("x", text))
    looked.root.find(*path)
    first = looked.root.find(*path[:2])
    early = first.spans if first is not None else []
    assert ordered(nested(looked.root)) == ordered(nested(walked.root))
    assert [(path, node.spans, node.extent) for path, node in looked.root.walk()] == [
        (path, node.spans, node.extent) for path, node in walked.root.walk()
    ]
    later = walked.root.find(*path[:2])
    assert early == (later.spans if later is not None else [])


@given(commands())
@settings(max_examples=100, deadline=None)
def test_a_copy_has_the_words_and_places_and_shares_no_node(text: str) -> None:
    document = read_set(Source("x", text))
    copied = document.root.copy()
    again = copied.copy()
    mine = [(path, node.spans, node.extent, node.comment) for path, node in document.root.walk()]
    assert [(path, node.spans, node.extent, node.comment) for path, node in copied.walk()] == mine
    assert [(path, node.spans, node.extent, node.comment) for path, node in again.walk()] == mine
    for child in copied.children.values():
        child.word = "changed"
        child.children = {}
    assert [(path, node.spans, node.extent, node.comment) for path, node in document.root.walk()] == mine
    assert all(node.spans for _, node in copied.walk())
