"""The version footer of a saved configuration, in its two styles.

Vyatta and VyOS up to 1.2 end a file with block comments, later releases with line comments; both carry
``name@number`` for each configuration component and the release that wrote the file. The footer is read from
comments, wherever they stand, and never becomes a node's comment.
"""

from __future__ import annotations

import re

from sapper.config.tree import Document

_COMPONENTS = re.compile(r'(?:===\s+vyatta|vyos)-config-version:\s*"([^"\n]*)"')
_RELEASE = re.compile(r"Release version:[ \t]*(\S+)")
_WARNING = "Warning: Do not remove the following line."


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
