"""The lexical rules of strongSwan's settings files: section names, quoted strings, secrets.

A section's name cannot be quoted, so one with a character that means something is an error. In a quoted string only
the backslash and the quote are special; a raw carriage return is dropped and is written ``\\r``. Dots and colons are
excluded from names: a dot separates a section from a key where names are looked up, a colon starts a reference.
A secret that starts with ``0x`` or ``0s`` is hexadecimal or base64 to swanctl, as it is on VyOS, which hands it over
as it is; one that text cannot carry safely is written as base64. Sources: strongSwan's
src/libstrongswan/settings/settings_lexer.l, src/swanctl/commands/load_creds.c, strongswan.conf(5). A percent sign in a name is a conversion to printf(3).
"""

from __future__ import annotations

import base64
import re

from sapper.render.inexpressible import Inexpressible
from sapper.secret import Secret

_SECTION = re.compile(r"[A-Za-z0-9_@|+~-]{1,200}")
_PROPOSAL = re.compile(r"[a-z0-9_-]+")
_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def section(name: str, what: str) -> str:
    """The name of a section as it is. Raises Inexpressible for one that the syntax cannot carry."""
    if not _SECTION.fullmatch(name) or name == "include":
        raise Inexpressible(f"{what} {name!r}", "strongSwan's syntax cannot carry this name")
    return name


def quoted(text: str, path: str) -> str:
    """A string in quotes. Raises Inexpressible for a NUL, which ends every string of strongSwan's."""
    if "\0" in text:
        raise Inexpressible(path, "a NUL character cannot be written")
    return '"' + "".join(_ESCAPED.get(mark, mark) for mark in text) + '"'


def secret_text(secret: Secret, path: str) -> str:
    """A pre-shared key for a ``secret =`` line; the text holds the key itself."""
    text = secret.reveal()
    if not text:
        raise Inexpressible(path, "a pre-shared key that is empty")
    if text.isascii() and text.isprintable():
        return quoted(text, path)
    return quoted("0s" + base64.b64encode(text.encode("utf-8", "surrogateescape")).decode(), path)


def proposals(words: tuple[str, ...], path: str) -> str:
    """A comma-separated list of proposals. Raises Inexpressible for one with an odd character."""
    for word in words:
        if not _PROPOSAL.fullmatch(word):
            raise Inexpressible(path, f"{word!r} is no proposal")
    return ",".join(words)
