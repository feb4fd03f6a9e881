"""Changes in a text of braces: statements and blocks come and go, words are replaced where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sapper.config.braces import block_end
from sapper.config.braces_text import BARE, BracesText, statements
from sapper.config.print_braces import Quotes, print_block, quoted_value
from sapper.config.shape import Path, Shape
from sapper.config.source import Span
from sapper.config.splice import Splice, indentation, insert_line, line_start, new_line, whole_lines
from sapper.config.tree import Document, Node
from sapper.config.uneditable import CannotEdit
from sapper.config.unprintable import UnprintableWord

_BARE_WORD = re.compile(BARE).fullmatch
_OPENS = re.compile(r"[ \t\r\n]*\{")
_NEEDLESS_QUOTES = re.compile(r"^[ \t]*[\w-]+ \"[\w.:/-]+\"[ \t\r]*$", re.MULTILINE)
_INDENT = "    "


def put(document: Document, path: Path, shape: Shape) -> Iterator[list[Splice]]:
    """New statements in the innermost block that there is, behind those of the same name or at its end."""
    block, depth = document.root, 0
    node = document.root
    for index, word in enumerate(path, 1):
        child = node.children.get(word)
        if child is None:
            break
        node = child
        if _closing_brace(document, node) is not None:
            block, depth = node, index
    made = Node("")
    node = made
    for word in path[depth:]:
        node = node.add(word)
    yield from put_below(document, block, path[:depth], made, shape, block.children.get(path[depth]))


def put_below(
    document: Document, block: Node, path: Path, made: Node, shape: Shape, same: Node | None
) -> Iterator[list[Splice]]:
    """What is below ``made``, put into a block that the text has: behind ``same`` if it stands there, or at its end."""
    text = document.source.text
    if block is document.root:
        printed = print_block(made, path, shape, quotes_of(text))
        last = same if same is not None else block
        yield [insert_line(text, last.extent.end - 1, printed) if block.children else Splice(0, 0, printed)]
        return
    indent = _indent_below(document, block)
    printed = print_block(made, path, shape, quotes_of(text), indent)
    brace = _closing_brace(document, block)
    if brace is None:
        raise CannotEdit(path, "it has no block of its own")
    if same is not None and same.extent.end <= brace and _ends_line(text, same.extent.end):
        yield [insert_line(text, same.extent.end, printed)]
    start = line_start(text, brace)
    if not text[start:brace].strip(" \t"):
        yield [Splice(start, start, printed.replace("\n", new_line(text)))]
    else:
        outer = indentation(text, brace)
        yield [Splice(brace, brace, f"\n{printed}{outer}".replace("\n", new_line(text)))]


def set_value(document: Document, path: Path, leaf: Node, value: str) -> list[Splice]:
    """Replace the value in force, take out the others."""
    kept = leaf.children.get(value) or leaf.values()[-1]
    splices: list[Splice] = []
    for child in leaf.children.values():
        if child is not kept:
            splices += delete(document, (*path, child.word), child)
        elif child.word != value:
            splices += rename(document, (*path, child.word), child, value)
    return splices


def delete(document: Document, path: Path, node: Node) -> list[Splice]:
    """Take out every statement and block of the node, and the comments that belong to them."""
    text = document.source.text
    removed: list[Span] = []
    for at in statements(node):
        spans = _braces(document).statement(at)
        end = spans[-1].end
        index = _braces(document).index_in(node, at)
        if _OPENS.match(text, end):
            removed.append(Span(spans[0].start, block_end(document.source, spans[0].start)))
        elif index > 0 and len(spans) > 2:
            removed.append(Span(spans[index - 1].end, spans[index].end))
        else:
            removed.append(Span(spans[0].start, end))
    owners = {id(child) for _, child in node.walk()} | {id(node)}
    owners |= {id(document.root.find(*path[:-1]))} if node.index > 0 and not node.children else set()
    for noted, span in document.remarks:
        follows = any(not text[span.end : start].strip(" \t\r\n") for start, _ in removed)
        if id(noted) in owners and follows:
            removed.append(span)
    return [whole_lines(text, span) for span in removed]


def rename(document: Document, path: Path, node: Node, word: str) -> list[Splice]:
    """Replace the word in every statement, in the quotes it has."""
    text = document.source.text
    names = any(_braces(document).index_in(node, at) == 0 for at in statements(node))
    if names and not _BARE_WORD(word):
        raise UnprintableWord((*path[:-1], word), "a name in braces has no blanks, quotes or braces in it")
    splices: list[Splice] = []
    for at in statements(node):
        spans = _braces(document).statement(at)
        index = _braces(document).index_in(node, at)
        span = spans[index]
        new = word
        if index > 0:
            quotes: Quotes = "always" if text[span.start] in "'\"" else "needed"
            new = quoted_value(word, (*path[:-1], word), quotes)
            if "\\" in word and not _ends_line(text, span.end):
                new = new.replace("\\", "\\\\")
        splices.append(Splice(span.start, span.end, new))
    return splices


def _closing_brace(document: Document, node: Node) -> int | None:
    """The offset of the brace that closes the node's last block; the end of a block that is still open; or None."""
    text = document.source.text
    at = statements(node)[-1]
    spans = _braces(document).statement(at)
    if _braces(document).index_in(node, at) != len(spans) - 1 or _OPENS.match(text, spans[-1].end) is None:
        return None
    return node.until - 1 if text[node.until - 1 : node.until] == "}" else None


def _indent_below(document: Document, block: Node) -> str:
    text = document.source.text
    for child in block.children.values():
        start = child.span.start
        if not text[line_start(text, start) : start].strip(" \t\ufeff"):
            return indentation(text, start)
    return indentation(text, _braces(document).statement(statements(block)[-1])[0].start) + _INDENT


def _ends_line(text: str, at: int) -> bool:
    end = text.find("\n", at)
    return not text[at : len(text) if end < 0 else end].strip(" \t\r")


def quotes_of(text: str) -> Quotes:
    """How the text quotes its values: all of them, or where it must."""
    return "always" if _NEEDLESS_QUOTES.search(text) else "needed"


def _braces(document: Document) -> BracesText:
    braces = document.root.origin
    if not isinstance(braces, BracesText):
        raise CannotEdit((), "nothing is written yet")
    return braces
