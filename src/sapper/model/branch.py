"""A node of the tree together with its path: what the builders read options from.

Every value is read through the schema: the last one written is in force, one that the schema refuses counts as
not written (a finding says so), and what is not written has the schema's default. So defaults and ranges stand in
one place only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sapper.config.tree import Node, Span
from sapper.model.origin import Origin
from sapper.schema.register import Word, follow
from sapper.secret import Secret


class Assumed(NamedTuple):
    """What the text does not say and sapper filled in; ``code`` is that of the finding that names it."""

    code: str
    message: str
    path: str
    span: Span


def first_span(node: Node) -> Span:
    """Where the word was first written."""
    return node.spans[0] if node.spans else Span(0, 0)


class Branch(NamedTuple):
    """``path`` is the full path of words of ``node``; ``word`` is the schema's word for it, found where it is None."""

    path: tuple[str, ...]
    node: Node
    word: Word | None = None

    @property
    def name(self) -> str:
        return self.node.word

    @property
    def where(self) -> str:
        """The path as people write it."""
        return " ".join(self.path)

    @property
    def origin(self) -> Origin:
        start, end = self.node.extent
        return Origin(self.where, start, end)

    def below(self, *words: str) -> Branch | None:
        """The branch at these words, or None."""
        node = self.node.look(*words)
        return Branch((*self.path, *words), node, self._known(words)) if node is not None else None

    def each(self, *words: str) -> Iterator[Branch]:
        """The instances of a tag, in order of first writing."""
        tag = self.node.look(*words)
        if tag is not None:
            above = (*self.path, *words)
            known = self._known(words)
            instance = known.step("") if known is not None and known.option.kind == "tag" else None
            for child in tag.view.values():
                yield Branch((*above, child.word), child, instance)

    def has(self, *words: str) -> bool:
        return self.node.look(*words) is not None

    def in_force(self, *words: str) -> Node | None:
        """The node of the value that was written last, whatever it says, or None."""
        leaf = self.node.look(*words)
        if leaf is None or not leaf.view:
            return None
        return leaf.values()[-1] if len(leaf.view) > 1 else next(iter(leaf.view.values()))

    def text(self, *words: str) -> str | None:
        """A leaf's value if the schema takes it, else its default."""
        known = self._known(words)
        leaf = self.node.look(*words)
        if leaf is not None:
            word = leaf.lone
            if word is None and leaf.view:
                word = leaf.values()[-1].word
            if word is not None and (known is None or known.option.type.refuse(word) is None):
                return word
        return known.option.default if known is not None else None

    def number(self, *words: str) -> int | None:
        """As :meth:`text`, for a leaf of numbers; a fixed word among them is None."""
        text = self.text(*words)
        return int(text) if text is not None and text.isascii() and text.isdigit() else None

    def number_or(self, default: int, *words: str) -> int:
        """As :meth:`number`, for a leaf whose schema has a default: the same one, which is a number."""
        number = self.number(*words)
        return default if number is None else number

    def secret(self, *words: str) -> Secret | None:
        """As :meth:`text`, for a leaf whose value nothing may print."""
        text = self.text(*words)
        return Secret(text) if text is not None else None

    def texts(self, *words: str) -> list[Node]:
        """All value nodes of a multi, in order of first writing, those included that the schema refuses."""
        leaf = self.node.look(*words)
        return list(leaf.view.values()) if leaf is not None else []

    def good_texts(self, *words: str) -> list[str]:
        """The values of a multi that the schema takes, in order of first writing."""
        leaf = self.node.look(*words)
        if leaf is None:
            return []
        known = self._known(words)
        return [word for word in leaf.view if known is None or known.option.type.refuse(word) is None]

    def _known(self, words: tuple[str, ...]) -> Word | None:
        known = self.word if self.word is not None else follow(self.path)
        for word in words:
            if known is None:
                return None
            known = known.step(word)
        return known
