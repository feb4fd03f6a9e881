"""Changes in a text of JSON: members and list items come and go with their commas, strings are replaced."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sapper.config.print_json import json_string, json_value
from sapper.config.shape import Path, Shape
from sapper.config.splice import Splice, indentation, new_line
from sapper.config.tree import Document, Node
from sapper.config.uneditable import CannotEdit

_BLANK = " \t\r\n"
_COLON = re.compile(r"[ \t\r\n]*:[ \t\r\n]*")
_INDENT = "    "


def put(document: Document, path: Path, shape: Shape) -> Iterator[list[Splice]]:
    """A new member of the nearest object above, or one more value of a list or string."""
    node, depth = document.root, 0
    while (child := node.children.get(path[depth])) is not None:
        node, depth = child, depth + 1
    made = Node("")
    below = made
    for word in path[depth:]:
        below = below.add(word)
    yield [_added(document, node, path[:depth], made, shape)]


def _added(document: Document, node: Node, above: Path, made: Node, shape: Shape) -> Splice:
    text = document.source.text
    end = node.extent.end
    closing = text[end - 1]
    (child,) = made.children.values()
    if above and node.written and not _is_name(text, node.span.end):
        raise CannotEdit((*above, child.word), "nothing can stand below a value in JSON")
    if (
        closing == "}"
        and not node.children
        and above
        and (not child.children and shape(above) in ("leaf", "multi"))
    ):
        return Splice(_value_start(document, node), end, json_value(made, above, shape, ""))
    if closing == "}":
        return _member(text, end - 1, node, (*above, child.word), child, shape)
    if child.children:
        raise CannotEdit((*above, child.word), "nothing can stand below a value in JSON")
    if closing == "]":
        comma = ", " if node.children else ""
        at = len(text[: end - 1].rstrip(_BLANK))
        return Splice(at, at, comma + json_string(child.word))
    start = _value_start(document, node)
    return Splice(start, end, f"[{text[start:end]}, {json_string(child.word)}]")


def _member(text: str, brace: int, node: Node, path: Path, child: Node, shape: Shape) -> Splice:
    last = len(text[:brace].rstrip(_BLANK))
    inline = "\n" not in text[last:brace] and bool(node.children)
    outer = indentation(text, brace)
    indent = outer + _INDENT
    if node.children and not inline:
        indent = indentation(text, last - 1)
        if text[last - 1] in "}]":  # the last line closes what the last member opened
            indent = indentation(text, next(reversed(node.children.values())).span.start)
    value = f"{json_string(child.word)}: {json_value(child, path, shape, indent)}"
    if inline:
        return Splice(last, last, f", {value}")
    comma = "," if node.children else ""
    ending = "" if "\n" in text[last:brace] else f"\n{outer}"
    return Splice(last, last, f"{comma}\n{indent}{value}{ending}".replace("\n", new_line(text)))


def set_value(document: Document, path: Path, leaf: Node, value: str) -> list[Splice]:
    """Replace whatever stands behind the name, a list by a list."""
    _written_once(leaf, path)
    start, end = _value_start(document, leaf), leaf.extent.end
    new = json_string(value)
    return [Splice(start, end, f"[{new}]" if document.source.text[start] == "[" else new)]


def delete(document: Document, path: Path, node: Node) -> list[Splice]:
    """Take out the member or item with one comma."""
    text = document.source.text
    _written_once(node, path)
    start, end = node.span.start, node.extent.end if _is_name(text, node.span.end) else node.span.end
    after = _skip(text, end)
    before = len(text[:start].rstrip(_BLANK))
    if text[after] == ",":
        return [Splice(start, _skip(text, after + 1))]
    if text[before - 1] == ",":
        return [Splice(before - 1, end)]
    return [Splice(before, after)]


def rename(document: Document, path: Path, node: Node, word: str) -> list[Splice]:
    """Replace the string in every place."""
    return [Splice(span.start, span.end, json_string(word)) for span in node.spans]


def _value_start(document: Document, node: Node) -> int:
    colon = _COLON.match(document.source.text, node.span.end)
    if colon is None:
        raise CannotEdit((), "nothing can stand below a value in JSON")
    return colon.end()


def _written_once(node: Node, path: Path) -> None:
    if len(node.spans) > 1:
        raise CannotEdit(path, "it is written in two places of the JSON")


def _is_name(text: str, end: int) -> bool:
    return _COLON.match(text, end) is not None


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at
