"""JSON of the HTTP API: the same tree as the other syntaxes, places, and refusals that say where and why."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from schema_trees import configurations

from sapper.config.print_json import print_json
from sapper.config.read import read
from sapper.config.tree import Document, UnreadableText
from sapper.schema.shape import shape_of


def document(text: str) -> Document:
    return read(text, "x.json")


def leaves(text: str) -> list[str]:
    return [" ".join(path) for path in document(text).root.leaves()]


def test_strings_lists_and_empty_objects() -> None:
    text = (
        '{"interfaces": {"ethernet": {"eth0": {"address": ["10.0.0.1/24", "dhcp"], "mtu": "1400", "disable": {}}}}}'
    )
    assert leaves(text) == [
        "interfaces ethernet eth0 address 10.0.0.1/24",
        "interfaces ethernet eth0 address dhcp",
        "interfaces ethernet eth0 mtu 1400",
        "interfaces ethernet eth0 disable",
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"success": true, "data": {"a": {"b": "c"}}, "error": null}',
        '{"data": {"a": {"b": "c"}}, "success": true}',
        '\ufeff {"a":\r\n\t{"b": "c"}}\n',
        '{"a": {"b": ["c"]}}',
        r'{"a": {"b": "\u0063"}}',
        '{"a": {}, "a": {"b": "c"}}',
    ],
)
def test_one_tree_in_several_forms(text: str) -> None:
    assert leaves(text) == ["a b c"]


def test_a_number_is_read_as_it_is_written() -> None:
    assert leaves('{"mtu": 1400, "x": -1.50}') == ["mtu 1400", "x -1.50"]


def test_words_below_data_are_no_answer_without_success() -> None:
    assert leaves('{"data": {"a": "b"}}') == ["data a b"]


def test_any_string_of_json_is_a_word() -> None:
    for word in ('"', "\\", "a\nb", "é", "\U0001f600", "\ud800", "/", "\x7f"):
        for ascii_only in (True, False):
            text = json.dumps({"a": word}, ensure_ascii=ascii_only)
            assert list(document(text).root.leaves()) == [("a", word)]


@given(configurations(), st.sampled_from([None, 2, "\t"]))
@settings(max_examples=60, deadline=None)
def test_words_and_places_are_those_of_the_standard_library(tree: object, indent: int | str | None) -> None:
    text = json.dumps(json.loads(print_json(tree, shape_of)), indent=indent, ensure_ascii=False)  # type: ignore[arg-type]
    found = document(text)
    source = found.source.text
    for path, node in found.root.walk():
        assert [json.loads(source[span.start : span.end]) for span in node.spans] == [node.word] * len(
            node.spans
        ), path
        assert node.extent.start == node.spans[0].start
        for child in node.children.values():
            assert node.extent.start <= child.extent.start < child.extent.end <= node.extent.end, path
    assert json.loads(print_json(found.root, shape_of)) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ('{"a": {"b": "c"}', 1, 17, "expected a comma or }, found the end of the text"),
        ('{"a": {"b": "c" "d"', 1, 17, "expected a comma or }, found something else"),
        ('{"a": {"b": true}}', 1, 13, "expected a string, a list or an object, found `true`"),
        ('{"a": [1, {"b": 2}]}', 1, 11, "expected a string: a list holds the values of one option, found `{`"),
        ('{"a": ["b" "c"]}', 1, 12, "expected a comma or ], found something else"),
        ('{"a": ["b",]}', 1, 12, "expected a string: a list holds the values of one option, found `]`"),
        ('{"a": {\n "b": hunter2}}', 2, 7, "expected a string, a list or an object, found something else"),
        ('{"a" {}}', 1, 6, "expected a colon after the name, found `{`"),
        ('{"a": "b",}', 1, 11, "expected a name in double quotes, found `}`"),
        ('{"a": "b"} {', 1, 12, "expected the end of the text after the object, found `{`"),
        ('[{"a": "b"}]', 1, 1, "expected an object: { before the first name, found `[`"),
        ('{"a": "b\n"}', 1, 7, "expected a string, a list or an object, found something else"),
        ('{"a": nul}', 1, 7, "expected a string, a list or an object, found something else; did you mean `null`?"),
        ('{"success": tru, "data": {}}', 1, 13,
         "expected a string, a list or an object, found something else; did you mean `true`?"),
        ("{}", 1, 1, "no statement of a configuration was found; expected set commands, a saved configuration in braces"
                    " or the JSON of the HTTP API"),
    ],
)  # fmt: skip
def test_the_first_thing_that_does_not_fit_is_named_with_its_place(
    text: str, line: int, column: int, message: str
) -> None:
    with pytest.raises(UnreadableText) as caught:
        read(text, "x.json")
    assert (caught.value.place.line, caught.value.place.column, caught.value.message) == (line, column, message)


def test_ten_thousand_objects_deep() -> None:
    depth = 10_000
    found = document('{"a":' * depth + "{}" + "}" * depth)
    assert sum(1 for _ in found.root.walk()) == depth
