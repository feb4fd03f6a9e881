"""What the printers write reads back as the same tree, for the whole schema and for what no schema knows."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from schema_trees import configurations, content

from sapper.config.footer import Footer, footer_of
from sapper.config.print_braces import print_braces
from sapper.config.print_json import print_json
from sapper.config.print_set import print_set
from sapper.config.read import read
from sapper.config.shape import either, nothing_known, written_shape
from sapper.config.tree import Document, Node
from sapper.config.unprintable import UnprintableWord
from sapper.schema.register import SCHEMA, Word
from sapper.schema.shape import shape_of


def read_again(text: str) -> Document:
    document = read(text, "again")
    assert document.defects == []
    return document


@given(configurations())
@settings(max_examples=80, deadline=None)
def test_from_set_to_braces_and_back_is_the_same_tree(tree: Node) -> None:
    first = read_again(print_set(tree, shape_of))
    braces = read_again(print_braces(first.root, shape_of))
    again = read_again(print_set(braces.root, shape_of))
    assert (first.syntax, braces.syntax, again.syntax) == ("set", "braces", "set")
    assert content(first.root) == content(tree)
    assert content(braces.root) == content(tree)
    assert content(again.root) == content(tree)


@given(configurations(), st.sampled_from([shape_of, nothing_known]), st.sampled_from(["always", "needed"]))
@settings(max_examples=60, deadline=None)
def test_without_a_schema_the_tree_is_the_same_too(tree: Node, shape, quotes) -> None:  # type: ignore[no-untyped-def]
    refusal = None
    try:
        braces = read_again(print_braces(tree, shape, quotes=quotes))
    except UnprintableWord as caught:
        refusal = caught
    if refusal is not None:
        assert shape is nothing_known
        assert "comment" in refusal.message or "name in braces" in refusal.message
        return
    assert content(braces.root) == content(tree)


@given(configurations())
@settings(max_examples=60, deadline=None)
def test_json_reads_back_without_its_comments(tree: Node) -> None:
    text = print_json(tree, shape_of)
    json.loads(text)
    again = read_again(text)
    assert again.syntax == "json"
    assert [path for path, _ in again.root.walk()] == [path for path, _ in tree.walk()]
    assert print_json(again.root, shape_of) == text


SAVED = """\
interfaces {
    ethernet eth0 {
        address "192.0.2.1/24"
        address "2001:db8::1/64"
        /* off */
        disable
    }
    loopback lo {
    }
}
odd {
    chain FOO {
        rule 10 {
            action "drop"
        }
    }
    list "one"
    list "two"
    word "x"
}


// Warning: Do not remove the following line.
// vyos-config-version: "ipsec@13:nat@8"
// Release version: 1.4.0
"""


def test_a_saved_file_is_printed_as_it_was() -> None:
    document = read(SAVED, "x")
    shape = either(shape_of, written_shape(document))
    assert print_braces(document.root, shape, footer_of(document)) == SAVED
    assert print_braces(document.root, written_shape(document), footer_of(document)) == SAVED
    bare = SAVED.replace('"192.0.2.1/24"', "192.0.2.1/24").replace('"2001:db8::1/64"', "2001:db8::1/64")
    bare = re.sub(r'^( .*) "(\w+)"$', r"\1 \2", bare, flags=re.MULTILINE)
    assert print_braces(document.root, shape, footer_of(document), quotes="needed") == bare


def test_the_old_footer_is_printed_in_its_style() -> None:
    text = print_braces(Node(""), footer=Footer({"nat": 4, "ipsec": 5}, "1.2.6", "vyatta"))
    document = read(text, "x")
    assert footer_of(document) == Footer({"nat": 4, "ipsec": 5}, "1.2.6", "vyatta")
    assert '/* === vyatta-config-version: "ipsec@5:nat@4" === */\n' in text


def test_values_are_quoted_in_set_as_a_router_does() -> None:
    document = read(SAVED, "x")
    assert print_set(document.root, either(shape_of, written_shape(document))).splitlines()[:4] == [
        "set interfaces ethernet eth0 address '192.0.2.1/24'",
        "set interfaces ethernet eth0 address '2001:db8::1/64'",
        "set interfaces ethernet eth0 disable",
        "comment interfaces ethernet eth0 disable 'off'",
    ]


def test_json_has_the_forms_of_the_api() -> None:
    document = read(SAVED, "x")
    printed = json.loads(print_json(document.root, either(shape_of, written_shape(document))))
    assert printed["interfaces"] == {
        "ethernet": {"eth0": {"address": ["192.0.2.1/24", "2001:db8::1/64"], "disable": {}}},
        "loopback": {"lo": {}},
    }
    assert printed["odd"] == {
        "chain": {"FOO": {"rule": {"10": {"action": "drop"}}}},
        "list": ["one", "two"],
        "word": "x",
    }


@pytest.mark.parametrize(
    ("commands", "path"),
    [
        ("set system host-name \"a'b\\\"c\"\n", ("system", "host-name", "a'b\"c")),
        ("set a b\ncomment a b 'x */ y'\n", ("a", "b")),
        ("set interfaces ethernet eth0\ncomment interfaces ethernet 'all of them'\n", ("interfaces", "ethernet")),
        ("set system host-name r1\ncomment system host-name r1 'why'\n", ("system", "host-name", "r1")),
        ("set 'a b' c\n", ("a b",)),
    ],
)  # fmt: skip
def test_what_braces_cannot_carry_is_named(commands: str, path: tuple[str, ...]) -> None:
    with pytest.raises(UnprintableWord) as caught:
        print_braces(read(commands, "x").root, shape_of)
    assert caught.value.path == path


def kinds(word: Word) -> set[str]:
    found: set[str] = {word.option.kind}
    for below in [*word.children.values(), *([word.instance] if word.instance else [])]:
        found |= kinds(below)
    return found


def test_the_generated_trees_can_have_every_kind_of_the_schema() -> None:
    assert kinds(SCHEMA) == {"node", "tag", "leaf", "multi", "flag"}


def test_ten_thousand_blocks_deep() -> None:
    depth = 10_000
    root = read("a {\n" * depth + "}\n" * depth, "x").root
    text = print_braces(root)
    assert text.count("{") == depth - 2
    assert len(text) < 600 * depth
    assert len(list(read(print_json(root), "x").root.walk())) == depth
