"""Both syntaxes give the same tree, and printing loses nothing."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapper.config.braces import read_braces
from sapper.config.print_set import print_set
from sapper.config.set_syntax import read_set
from sapper.config.tree import Document, Node, Source

NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,7}", fullmatch=True)
# Not representable in a saved file: both kinds of quotes in one value.
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\ufeff"), max_size=12).filter(
    lambda text: not ("'" in text and '"' in text)
)
COMMENTS = st.none() | st.from_regex(r"[a-z# :'][a-z# :']{0,8}[a-z]", fullmatch=True).map(str.strip)


class Tree(NamedTuple):
    """What a test tree is made of: the shape that a saved file can have."""

    flags: frozenset[str]
    leaves: dict[str, list[str]]
    nodes: dict[str, Tree]
    tags: dict[str, dict[str, Tree]]
    comment: str | None


EMPTY = Tree(frozenset(), {}, {}, {}, None)


def trees(below: st.SearchStrategy[Tree], values: st.SearchStrategy[str] = VALUES) -> st.SearchStrategy[Tree]:
    return st.builds(
        Tree,
        st.frozensets(NAMES.map(lambda name: f"f{name}"), max_size=2),
        st.dictionaries(
            NAMES.map(lambda name: f"l{name}"), st.lists(values, min_size=1, max_size=3, unique=True), max_size=3
        ),
        st.dictionaries(NAMES.map(lambda name: f"n{name}"), below, max_size=2),
        st.dictionaries(
            NAMES.map(lambda name: f"t{name}"), st.dictionaries(values, below, min_size=1, max_size=2), max_size=2
        ),
        COMMENTS,
    )


PLAIN_VALUES = st.from_regex(r"[a-zA-Z0-9./:@!,*-]{1,9}", fullmatch=True)
TREES = st.recursive(st.just(EMPTY), trees, max_leaves=8)
PLAIN_TREES = st.recursive(st.just(EMPTY), lambda below: trees(below, PLAIN_VALUES), max_leaves=8)


def saved(tree: Tree) -> str:
    """The tree as a router saves it."""
    lines: list[str] = []

    def block(tree: Tree, indent: str) -> None:
        lines.extend(f"{indent}{flag}" for flag in tree.flags)
        for name, values in tree.leaves.items():
            lines.extend(f"{indent}{name} {in_quotes(value)}" for value in values)
        for name, below in tree.nodes.items():
            opened(name, below, indent)
        for name, tagged in tree.tags.items():
            for tag, below in tagged.items():
                opened(f"{name} {in_quotes(tag, escape=True)}", below, indent)

    def opened(words: str, tree: Tree, indent: str) -> None:
        if tree.comment:
            lines.append(f"{indent}/* {tree.comment} */")
        lines.append(f"{indent}{words} {{")
        block(tree, f"{indent}    ")
        lines.append(f"{indent}}}")

    block(tree, "")
    return "".join(f"{line}\n" for line in lines)


def in_quotes(value: str, escape: bool = False) -> str:
    """Backslashes are literal in a string that ends its line and escape in any other."""
    quote = "'" if '"' in value else '"'
    return quote + (value.replace("\\", "\\\\") if escape else value) + quote


def words(tree: Tree) -> Node:
    """The tree itself, made without any reader."""
    root = Node("")

    def fill(node: Node, tree: Tree) -> None:
        for flag in tree.flags:
            node.add(flag)
        for name, values in tree.leaves.items():
            for value in values:
                node.add(name).add(value)
        for name, below in tree.nodes.items():
            fill(node.add(name), below)
        for name, tagged in tree.tags.items():
            for tag, below in tagged.items():
                fill(node.add(name).add(tag), below)
        node.comment = tree.comment

    fill(root, tree)
    root.comment = None
    return root


def content(node: Node) -> list[tuple[tuple[str, ...], str | None]]:
    return [(path, below.comment) for path, below in node.walk()]


def places_are_true(document: Document) -> None:
    """Every span covers its word as written, and every extent covers what is below."""
    text = document.source.text
    for path, node in document.root.walk():
        assert node.spans == sorted(node.spans), path
        assert node.extent.start == node.spans[0].start, path
        assert node.extent.end >= node.spans[-1].end, path
        for span in node.spans:
            written = text[span.start : span.end]
            assert written == node.word or written[0] in "'\"", path
        for child in node.children.values():
            assert node.extent.start <= child.extent.start, path
            assert child.extent.end <= node.extent.end, path


@given(TREES)
@settings(max_examples=60, deadline=None)
def test_braces_read_as_they_were_written(tree: Tree) -> None:
    document = read_braces(Source("x", saved(tree)))
    assert document.defects == []
    assert content(document.root) == content(words(tree))
    places_are_true(document)


@pytest.mark.parametrize("most", [1, 2, 3])
def test_every_short_value_with_a_line_end_is_read(most: int) -> None:
    """All of them, because a fault here showed on one release of Python and in few random values."""
    for letters in product("\n '\"\\{/*}a#\t", repeat=most):
        value = "".join(letters)
        if "\n" not in value or ("'" in value and '"' in value):
            continue
        tree = Tree(frozenset(), {"lb": [value]}, {}, {"tabc": {value: EMPTY, "x": EMPTY}}, None)
        document = read_braces(Source("x", saved(tree)))
        assert document.defects == [], value
        assert content(document.root) == content(words(tree))


@given(TREES)
@settings(max_examples=60, deadline=None)
def test_set_commands_read_as_they_were_printed(tree: Tree) -> None:
    root = words(tree)
    document = read_set(Source("x", print_set(root)))
    assert document.defects == []
    assert content(document.root) == content(root)
    places_are_true(document)


@given(TREES)
@settings(max_examples=40, deadline=None)
def test_both_syntaxes_give_the_same_tree(tree: Tree) -> None:
    from_braces = read_braces(Source("x", saved(tree)))
    from_set = read_set(Source("x", print_set(from_braces.root)))
    assert content(from_set.root) == content(from_braces.root)


@given(PLAIN_TREES)
@settings(max_examples=30, deadline=None)
def test_line_ends_indentation_and_byte_order_mark_do_not_matter(tree: Tree) -> None:
    root = words(tree)
    for text, reader in ((saved(tree), read_braces), (print_set(root), read_set)):
        document = reader(Source("x", "\ufeff" + text.replace("\n", " \r\n").replace(" ", "\t ")))
        assert document.defects == []
        assert [path for path, _ in content(document.root)] == [path for path, _ in content(root)]
