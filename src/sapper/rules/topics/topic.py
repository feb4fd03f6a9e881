"""A topic: what a word of the reports means, for ``sapper explain`` and for people who read the files here."""

from __future__ import annotations

import msgspec


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """``text`` has paragraphs with an empty line between them; ``see`` are codes and other topics' names."""

    name: str
    title: str
    text: str
    see: tuple[str, ...] = ()
