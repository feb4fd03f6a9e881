"""Changes a text of braces statement by statement into another tree.

The old and the new tree are walked together. A word that became another one in the same place is replaced where it
stands, a statement that became another one is written in its place; what is gone is taken out with its comments, what
is new goes behind its like or to the end of its block.
"""

from __future__ import annotations

from typing import NamedTuple

from sapper.config.edit_braces import delete, put_below, quotes_of, rename
from sapper.config.print_braces import print_block
from sapper.config.shape import Path, Shape, written_shape
from sapper.config.source import Span
from sapper.config.splice import Splice, indentation, new_line
from sapper.config.tree import Document, Node


def patch_braces(document: Document, root: Node, shape: Shape) -> list[Splice]:
    """The splices that make the document's text one of ``root``."""
    return _Blocks(document, shape).changes(root)


class _Pair(NamedTuple):
    """A block or tag of the text and what it shall be. ``block`` is the block that holds what is below ``old``."""

    old: Node
    new: Node
    old_path: Path
    new_path: Path
    block: Node
    is_tag: bool


class _Added(NamedTuple):
    """New nodes that go into one block, behind ``same`` or at its end. ``path`` is the block's new one."""

    block: Node
    path: Path
    same: Node | None
    made: Node


class _Blocks:
    def __init__(self, document: Document, shape: Shape) -> None:
        self.document = document
        self.shape = shape
        self.written = written_shape(document)
        self.splices: list[Splice] = []
        self.added: dict[tuple[int, int], _Added] = {}

    def changes(self, root: Node) -> list[Splice]:
        top = self.document.root
        waiting = [_Pair(top, root, (), (), top, False)]
        while waiting:
            waiting += self._compare(waiting.pop())
        new: dict[tuple[int, int], str] = {}
        for block, path, same, made in self.added.values():
            for start, end, text in next(iter(put_below(self.document, block, path, made, self.shape, same))):
                new[start, end] = new.get((start, end), "") + text
        return _without_lost(self.splices) + [Splice(*place, text) for place, text in new.items()]

    def _compare(self, pair: _Pair) -> list[_Pair]:
        """Note the changes of one block; returns the blocks below it that both trees have and that differ."""
        partners = _partners(pair.old, pair.new)
        taken = {id(old) for old in partners.values()}
        for old in pair.old.children.values():
            if id(old) not in taken:
                self._remove(pair, old)
        deeper: list[_Pair] = []
        for new in pair.new.children.values():
            partner = partners.get(new.word)
            if partner is None:
                self._add(pair, new)
                continue
            path = (*pair.old_path, partner.word)
            kind = self.written(path)
            if kind in ("node", "tag"):
                self._rename(path, partner, new.word)
                is_tag = kind == "tag"
                block = pair.block if is_tag else partner
                deeper.append(_Pair(partner, new, path, (*pair.new_path, new.word), block, is_tag))
            elif _same_below(partner, new):
                self._rename(path, partner, new.word)
            else:
                self._replace(pair, partner, new)
        return deeper

    def _rename(self, path: Path, old: Node, word: str) -> None:
        if old.word != word:
            self.splices += rename(self.document, path, old, word)

    def _remove(self, pair: _Pair, old: Node) -> list[Splice]:
        splices = delete(self.document, (*pair.old_path, old.word), old)
        self.splices += splices
        return splices

    def _replace(self, pair: _Pair, old: Node, new: Node) -> None:
        """Write ``new`` where ``old`` stood."""
        text = self.document.source.text
        start = min(splice.start for splice in self._remove(pair, old))
        made = Node("")
        made.children = {new.word: new}
        indent = indentation(text, old.spans[0].start)
        printed = print_block(made, pair.new_path, self.shape, quotes_of(text), indent)
        self.splices.append(Splice(start, start, printed.replace("\n", new_line(text))))

    def _add(self, pair: _Pair, new: Node) -> None:
        """Note a new node; the name of a tag goes with the tag's word, as a block of its own."""
        path = pair.new_path[:-1] if pair.is_tag else pair.new_path
        same = pair.old if pair.is_tag else None
        key = (id(pair.block), id(same))
        if key not in self.added:
            self.added[key] = _Added(pair.block, path, same, Node("", None, None, {}))
        made = self.added[key].made
        if pair.is_tag:
            word = pair.new_path[-1]
            made = made.children.setdefault(word, Node(word, None, None, {}))
        made.children[new.word] = new


def _partners(old: Node, new: Node) -> dict[str, Node]:
    """For each new child the old one that it is: that of the same word, or the one that it came from."""
    partners = {word: child for word, child in old.children.items() if word in new.children}
    places: dict[Span, Node] = {
        span: child for word, child in old.children.items() if word not in partners for span in child.spans
    }
    taken: set[int] = set()
    for word, child in new.children.items() if places else ():
        if word not in partners:
            source = next((places[span] for span in child.spans if span in places), None)
            if source is not None and id(source) not in taken:
                taken.add(id(source))
                partners[word] = source
    return partners


def _same_below(one: Node, other: Node) -> bool:
    """True if the two nodes have the same words below them."""
    waiting = [(one, other)]
    while waiting:
        left, right = waiting.pop()
        if left.children.keys() != right.children.keys():
            return False
        waiting += [(child, right.children[word]) for word, child in left.children.items()]
    return True


def _without_lost(splices: list[Splice]) -> list[Splice]:
    """The splices without replacements of words that are taken out anyway."""
    gone = sorted((splice.start, splice.end) for splice in splices if not splice.text)
    kept: list[Splice] = []
    at, reach = 0, -1
    for splice in sorted(splices):
        while at < len(gone) and gone[at][0] <= splice.start:
            reach = max(reach, gone[at][1])
            at += 1
        if not splice.text or splice.start == splice.end or splice.end > reach:
            kept.append(splice)
    return kept
