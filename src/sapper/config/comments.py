"""Comments between the statements of a text in braces.

``/* */`` before a statement belongs to its node, ``//`` to nothing. ``#`` is no comment in this syntax, but people
who write articles and mails use it: at the start of a line, after a brace, or behind a complete statement it is
skipped and named as a defect.
"""

from __future__ import annotations

from sapper.config.footer import read_footer_line
from sapper.config.tree import Defect, Document, Node, Span


class Comments:
    """The comments of one document: skips them, keeps the one that waits for its node."""

    __slots__ = ("_document", "_text", "_unclosed_from", "pending")

    def __init__(self, document: Document) -> None:
        self._document = document
        self._text = document.source.text
        self.pending: tuple[str, Span] | None = None
        self._unclosed_from = len(self._text) + 1

    def skip(self, at: int) -> int | None:
        """Skip a comment where a statement may start; returns where it ends, None if there is none."""
        text = self._text
        if text.startswith("//", at):
            end = self._line_end(at)
            read_footer_line(self._document, text[at + 2 : end].strip())
            return end
        if text.startswith("#", at):
            return self._skip_hash(at)
        if not text.startswith("/*", at):
            return None
        return self._skip_block(at)

    def _skip_block(self, at: int) -> int:
        text = self._text
        end = self._block_end(at)
        if end is None:
            end = self._line_end(at)
            self._defect("this comment is not closed; the line was skipped", at, end)
            return end
        if text[at + 2] not in " \t\r\n":
            self._defect("a comment needs white space after /*", at, at + 2)
        comment = text[at + 2 : end - 2].strip()
        if not read_footer_line(self._document, comment):
            self.drop_pending("another comment follows; only the last one before a node is kept")
            self.pending = (comment, Span(at, end))
        return end

    def skip_behind(self, at: int, words: int) -> int | None:
        """Skip a comment behind so many words of a statement."""
        text = self._text
        if text.startswith("//", at):
            return self._line_end(at)
        if text.startswith("/*", at) and text[at + 2 : at + 3].isspace():
            end = self._block_end(at)
            if end is not None:
                self._defect("a comment stands before its statement, on a line of its own", at, end)
            return end
        if text.startswith("#", at) and (words > 1 or self._is_remark(at)):
            return self._skip_hash(at)
        return None

    def attach(self, node: Node) -> None:
        if self.pending is not None:
            node.comment = self.pending[0] or None
            self._document.remarks.append((node, self.pending[1]))
            self.pending = None

    def drop_pending(
        self, why: str = "a comment belongs to the statement after it; none follows in this block"
    ) -> None:
        if self.pending is not None:
            self._defect(why, *self.pending[1])
            self.pending = None

    def _is_remark(self, at: int) -> bool:
        """``name # some text``: a lone ``#`` before more words is no value."""
        rest = self._text[at + 1 : self._line_end(at)]
        return rest[:1] in (" ", "\t") and bool(rest.strip())

    def _skip_hash(self, at: int) -> int:
        end = self._line_end(at)
        self._defect("# is no comment in this syntax; write // or /* */", at, at + len(self._text[at:end].rstrip()))
        return end

    def _block_end(self, at: int) -> int | None:
        if at >= self._unclosed_from:
            return None
        end = self._text.find("*/", at + 2)
        if end < 0:
            self._unclosed_from = at
            return None
        return end + 2

    def _line_end(self, at: int) -> int:
        end = self._text.find("\n", at)
        return len(self._text) if end < 0 else end

    def _defect(self, message: str, start: int, end: int) -> None:
        self._document.defects.append(Defect("SYN005", message, Span(start, end)))
