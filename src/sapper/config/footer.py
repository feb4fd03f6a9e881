"""The version footer of a saved configuration, in its two styles.

Vyatta and VyOS up to 1.2 end a file with block comments, later releases with line comments; both carry
``name@number`` for each configuration component and the release that wrote the file. The footer is read from
comments, wherever they stand, and never becomes a node's comment.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from sapper.config.tree import Document

_COMPONENTS = re.compile(r'(?:===\s+vyatta|vyos)-config-version:\s*"([^"\n]*)"')
_RELEASE = re.compile(r"Release version:[ \t]*(\S+)")
_WARNING = "Warning: Do not remove the following line."


class Footer(NamedTuple):
    """What a footer says. ``style``: block comments (vyatta, until 1.2) or line comments (vyos, from 1.3)."""

    components: dict[str, int]
    release: str | None = None
    style: Literal["vyatta", "vyos"] = "vyos"


def footer_of(document: Document) -> Footer | None:
    """The footer that the document has, or None."""
    if not document.components and document.release is None:
        return None
    old = "=== vyatta-config-version:" in document.source.text
    return Footer(dict(document.components), document.release, "vyatta" if old else "vyos")


def print_footer(footer: Footer) -> str:
    """The three lines, the components sorted; without a known release the third line is left out."""
    components = sorted(footer.components.items())
    if footer.style == "vyatta":  # the older writer sorted the names together with their numbers
        components.sort(key=lambda item: f"{item[0]}@{item[1]}")
    versions = ":".join(f"{name}@{number}" for name, number in components)
    if footer.style == "vyatta":
        lines = [_WARNING, f'=== vyatta-config-version: "{versions}" ===']
    else:
        lines = [_WARNING, f'vyos-config-version: "{versions}"']
    if footer.release is not None:
        lines.append(f"Release version: {footer.release}")
    return "".join(f"/* {line} */\n" if footer.style == "vyatta" else f"// {line}\n" for line in lines)


def read_footer_line(document: Document, comment: str) -> bool:
    """Take one comment's text; True if it belongs to the footer, whose facts are then in ``document``."""
    if comment == _WARNING:
        return True
    if found := _COMPONENTS.search(comment):
        for item in found[1].split(":"):
            name, at, number = item.partition("@")
            if at and number.isascii() and number.isdigit():
                document.components[name] = int(number[:9])
        return True
    if found := _RELEASE.match(comment):
        document.release = found[1]
        return True
    return False
