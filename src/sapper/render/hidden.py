"""Secrets taken out of what a person looks at: a configuration's text, or a Plan before it is printed.

A terminal is seen by others and its lines are kept; a file or a pipe is where a secret must arrive. What could be a
secret by the word before it is hidden too, as is every line that could not be read.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from sapper.config.read import read
from sapper.config.source import Span
from sapper.config.splice import Splice, spliced
from sapper.config.tree import UnreadableText
from sapper.schema.register import follow
from sapper.secret import Secret

HIDDEN = "***"
_TELLING = re.compile(
    r"(?:.*-)?(?:secret|password|passphrase|passwd|psk|pin|community|cisco-authentication|key|private)(?:-key)?"
)
_PUBLIC = frozenset({"public-key", "pubkey", "remote-key", "local-key"})

Value = TypeVar("Value")


def hide_in_text(text: str) -> tuple[str, int]:
    """A configuration's text with every secret as ``***``, and how many places were hidden."""
    try:
        document = read(text, "")
    except UnreadableText:
        return (f"{HIDDEN}\n", 1) if text.strip() else (text, 0)
    hidden: set[Span] = set()
    for path, node in document.root.walk():
        if len(path) > 1 and is_secret(path[:-1]):
            hidden.update(node.spans)
    lines = document.source
    for defect in document.defects:
        start = lines.text.rfind("\n", 0, defect.span.start) + 1
        hidden.add(Span(start, max(start, lines.line_end(defect.span.end))))
    return spliced(text, [Splice(*span, _mark(text, span)) for span in hidden if span.end > span.start]), len(
        hidden
    )


def hide_in_plan(value: Value) -> Value:
    """The same structure with every Secret in it replaced by one that says ``***``."""
    return _hide(value)  # type: ignore[no-any-return]


def _hide(value: Any) -> Any:
    if isinstance(value, Secret):
        return Secret(HIDDEN)
    if isinstance(value, msgspec.Struct):
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        changed = {name: new for name, old in fields.items() if (new := _hide(old)) is not old}
        return msgspec.structs.replace(value, **changed) if changed else value
    if type(value) is tuple:
        items = tuple(_hide(item) for item in value)
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


def is_secret(path: tuple[str, ...]) -> bool:
    """True if what stands behind these words is a secret: the schema says so, or else the last word does."""
    word = follow(path)
    if word is not None and word.option.standing == "modelled":
        return word.option.type.secret and word.option.kind in ("leaf", "multi")
    return path[-1] not in _PUBLIC and _TELLING.fullmatch(path[-1]) is not None


def _mark(text: str, span: Span) -> str:
    """The stars, in the quotes that stood there."""
    quote = text[span.start] if text[span.start] in "'\"" and text[span.end - 1] == text[span.start] else ""
    return f"{quote}{HIDDEN}{quote}"
