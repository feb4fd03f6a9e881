"""Where a thing of the Router stands in the text that made it."""

from __future__ import annotations

import msgspec

from sapper.config.tree import Span


class Origin(msgspec.Struct, frozen=True, gc=False):
    """Where a thing stands: its path of words (secrets never among them) and the text from ``start`` to ``end``."""

    path: str
    start: int
    end: int

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)
