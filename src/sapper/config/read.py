"""The door of this room: one text in, one Document out, whatever the syntax.

A text is refused only if nothing at all can be read from it; everything less is a defect of the document. JSON is
the exception: it is written by programs, and is refused where it breaks off.
"""

from __future__ import annotations

import re

from sapper.config.braces import read_braces
from sapper.config.recognise import recognise
from sapper.config.set_syntax import read_set
from sapper.config.tree import Document, Source, UnreadableText

_EXPECTED = "expected set commands, a saved configuration in braces or the JSON of the HTTP API"
_TEXT = re.compile(r"[^\s\ufeff]")


def read(text: str, path: str) -> Document:
    """Read a configuration. ``path`` names it in messages. Raises UnreadableText if nothing of it can be read."""
    source = Source(path, text)
    syntax = recognise(text)
    binary = text.find("\0")
    if syntax is None or binary >= 0:
        raise _unrecognised(source, binary)
    document = _read(source, syntax)
    if not document.root.children and document.defects:
        first = document.defects[0]
        raise UnreadableText(path, source.place(first.span.start), f"{first.message}; {_EXPECTED}")
    return document


def _read(source: Source, syntax: str) -> Document:
    if syntax == "json":
        from sapper.config.json_syntax import read_json

        document = read_json(source)
        if not document.root.children:
            raise _unreadable(source, f"no statement of a configuration was found; {_EXPECTED}")
        return document
    return read_set(source) if syntax == "set" else read_braces(source)


def _unrecognised(source: Source, binary: int) -> UnreadableText:
    if binary >= 0:
        return UnreadableText(source.path, source.place(binary), f"this is no text but binary data; {_EXPECTED}")
    if not _TEXT.search(source.text):
        return _unreadable(source, f"the file is empty; {_EXPECTED}")
    return _unreadable(source, f"no statement of a configuration was found; {_EXPECTED}")


def _unreadable(source: Source, message: str) -> UnreadableText:
    first = _TEXT.search(source.text)
    return UnreadableText(source.path, source.place(first.start() if first else 0), message)
