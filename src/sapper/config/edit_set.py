"""Changes in a text of set commands: whole lines come and go, words are replaced where they stand."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.config.print_set import quote
from sapper.config.set_lines import SetLines, commands
from sapper.config.set_words import Shell
from sapper.config.shape import Path, Shape
from sapper.config.source import Span
from sapper.config.splice import Splice, indentation, insert_line, line_start, whole_lines
from sapper.config.tree import Document, Node

_VALUED = ("leaf", "multi")


def put(document: Document, path: Path, shape: Shape) -> Iterator[list[Splice]]:
    """A new command behind the last one of the nearest node above, or else at the end of the text."""
    text = document.source.text
    node, above = document.root, document.root
    for word in path:
        child = node.children.get(word)
        if child is None:
            break
        node = above = child
    words = [quote(word) for word in path]
    if shape(path[:-1]) in _VALUED:
        words[-1] = quote(path[-1], always=True)
    command = f"set {' '.join(words)}\n"
    if above is not document.root:
        extent = above.extent
        last = _lines(document).statement(commands(above)[-1])
        yield [insert_line(text, extent.end, indentation(text, last.spans[0].start) + command)]
    yield [insert_line(text, len(text), command)]


def set_value(document: Document, path: Path, leaf: Node, value: str) -> list[Splice]:
    """Replace the value in force, take out the others."""
    kept = leaf.children.get(value) or leaf.values()[-1]
    splices: list[Splice] = []
    for child in leaf.children.values():
        if child is not kept:
            splices += _without(document, child)
        elif child.word != value:
            splices += [_replaced(document.source.text, span, value) for span in child.spans]
    return splices


def delete(document: Document, path: Path, node: Node) -> list[Splice]:
    """Take out every command that goes through the node, and the comments of what is below it."""
    below = {id(child) for _, child in node.walk()} | {id(node)}
    splices = [
        whole_lines(document.source.text, _with_verb(document, span))
        for noted, span in document.remarks
        if id(noted) in below
    ]
    commanded = _without(document, node)
    parent = document.root.find(*path[:-1])
    if parent is not None and parent is not document.root and not set(commands(parent)) - set(commands(node)):
        first = min(commanded)  # the node above was said by these commands alone, and stays
        command = f"set {' '.join(map(quote, path[:-1]))}"
        text = document.source.text[first.start : first.end]
        ending = text[len(text.rstrip("\r\n")) :]
        indent = indentation(document.source.text, first.start)
        commanded[commanded.index(first)] = Splice(first.start, first.end, f"{indent}{command}{ending}")
    return splices + commanded


def rename(document: Document, path: Path, node: Node, word: str) -> list[Splice]:
    """Replace the word in every command, those that comment what is below it included."""
    text = document.source.text
    spans = list(node.spans)
    below = {id(child) for _, child in node.walk()} | {id(node)}
    shell = Shell(text)
    for noted, span in document.remarks:
        if id(noted) in below:
            statement, _ = shell.split(span.start + len("comment"))
            spans.append(statement.spans[len(path) - 1])
    return [_replaced(text, span, word) for span in spans]


def _without(document: Document, node: Node) -> list[Splice]:
    lines = _lines(document)
    text = document.source.text
    splices: list[Splice] = []
    for number in commands(node):
        spans = lines.statement(number).spans
        splices.append(whole_lines(text, _with_verb(document, Span(spans[0].start, spans[-1].end))))
    return splices


def _with_verb(document: Document, span: Span) -> Span:
    """The span from the start of its line, with a prompt and the verb, to a comment behind it."""
    text = document.source.text
    return Span(line_start(text, span.start), document.source.line_end(span.end))


def _replaced(text: str, span: Span, word: str) -> Splice:
    return Splice(span.start, span.end, quote(word, always=text[span.start] in "'\""))


def _lines(document: Document) -> SetLines:
    lines = document.root.origin
    assert isinstance(lines, SetLines)
    return lines
