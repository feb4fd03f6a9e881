"""Comments of generated files: any text on one line of its own, so that no name can end a comment.

Every format here takes ``#`` to the end of the line. Control characters and line separators of any alphabet, and a
backslash (which continues a line in some), become ``?``.
"""

from __future__ import annotations


def remark(*sentences: str) -> list[str]:
    """One comment line for each sentence."""
    return [f"# {one_line(sentence)}" for sentence in sentences]


def one_line(text: str) -> str:
    return "".join(mark if mark.isprintable() and mark != "\\" else "?" for mark in text)


def headed(head: list[str], blocks: list[list[str]]) -> str:
    """The file: its head, then the blocks that are not empty, an empty line before each."""
    paragraphs = ["\n".join(block) for block in [head, *blocks] if block]
    return "\n\n".join(paragraphs) + "\n"
