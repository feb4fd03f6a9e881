"""Prints a tree in the braces of a saved configuration.

Four spaces a level, a value in double quotes, a flag bare, one line for each value, a comment on its own line above
its node, as the current writer has it; the older one quoted only where it had to. A printed tree holds every secret
of the configuration: it is for files, not for messages.
"""

from __future__ import annotations

import re
from typing import Literal

from sapper.config.braces_text import BARE
from sapper.config.footer import Footer, print_footer
from sapper.config.shape import Kind, Path, Shape, guessed, nothing_known
from sapper.config.tree import Node
from sapper.config.unprintable import UnprintableWord

Quotes = Literal["always", "needed"]
_BARE_WORD = re.compile(BARE).fullmatch
_INDENT = "    "
_DEEPEST = 256  # characters of indentation: a nesting of thousands would be mostly blanks


def print_braces(
    root: Node, shape: Shape = nothing_known, footer: Footer | None = None, *, quotes: Quotes = "always"
) -> str:
    """The blocks, and the footer behind an empty line. Raises UnprintableWord for what a saved file cannot carry."""
    text = print_block(root, (), shape, quotes)
    return f"{text}\n\n{print_footer(footer)}" if footer is not None else text


def print_block(node: Node, path: Path, shape: Shape, quotes: Quotes, indent: str = "") -> str:
    """What is below the node at ``path``, each line after ``indent``."""
    lines: list[str] = []
    stack: list[tuple[str, Node, Path] | str] = [
        (indent, child, (*path, child.word)) for child in reversed(node.children.values())
    ]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            lines.append(item)
            continue
        indent, node, path = item
        if not _BARE_WORD(node.word):
            raise UnprintableWord(path, "a name in braces has no blanks, quotes or braces in it")
        kind = shape(path) or _guessed(node, path)
        if kind == "node":
            _open(stack, indent, node.word, node, path)
            continue
        above = comment_lines(node, indent, path)
        if above and kind == "tag":
            raise UnprintableWord(path, "a comment in braces belongs to a tag's name, not to the tag")
        if not node.children:
            stack.append(f"{indent}{node.word}\n")
        for child in reversed(node.children.values()):
            here = (*path, child.word)
            if kind == "tag" or child.children:
                header = f"{node.word} {_quoted(child.word, here, 'needed', ends_line=False)}"
                _open(stack, indent, header, child, here)
            elif child.comment:
                raise UnprintableWord(here, "a comment in braces belongs to an option, not to its value")
            else:
                stack.append(f"{indent}{node.word} {_quoted(child.word, here, quotes, ends_line=True)}\n")
        if above:
            stack.append(above)
    return "".join(lines)


def _guessed(node: Node, path: Path) -> Kind:
    """At the top everything is a block: a file that begins with another statement is hard to tell from other text."""
    if len(path) > 1:
        return guessed(node)
    return "node" if all(map(_BARE_WORD, node.children)) and guessed(node) != "tag" else "tag"


def comment_lines(node: Node, indent: str, path: Path) -> str:
    """The node's comment on a line of its own, or nothing."""
    if not node.comment:
        return ""
    if "*/" in node.comment:
        raise UnprintableWord(path, "a comment in braces cannot hold the characters that end it")
    return f"{indent}/* {node.comment} */\n"


def _open(stack: list[tuple[str, Node, Path] | str], indent: str, header: str, node: Node, path: Path) -> None:
    stack.append(f"{indent}}}\n")
    below = indent + _INDENT if len(indent) < _DEEPEST else indent
    stack.extend((below, child, (*path, child.word)) for child in reversed(node.children.values()))
    stack.append(f"{comment_lines(node, indent, path)}{indent}{header} {{\n")


def quoted_value(word: str, path: Path, quotes: Quotes) -> str:
    """A value as it stands at the end of its line."""
    return _quoted(word, path, quotes, ends_line=True)


def _quoted(word: str, path: Path, quotes: Quotes, ends_line: bool) -> str:
    if quotes == "needed" and _BARE_WORD(word):
        return word
    if '"' in word and "'" in word:
        raise UnprintableWord(path, "a value in braces cannot have both kinds of quotes in it")
    mark = "'" if '"' in word else '"'
    # A backslash is literal in a string that ends its line, and escapes in any other.
    return mark + (word if ends_line else word.replace("\\", "\\\\")) + mark
