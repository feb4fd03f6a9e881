"""A finding: one thing wrong at one place of the text, with the code that never changes its meaning.

A message says what VyOS does with it: refuses, ignores or silently changes. It never holds a secret. The place is
in characters; a front end turns it into lines and columns with the text's Source.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from sapper.config.tree import Span

Severity = Literal["error", "warning", "info"]


class Fix(msgspec.Struct, frozen=True):
    """Commands that make the finding go away, for this end and for the peer's.

    ``language``: the configuration's own commands, or statements for ``nft -f`` that do the same on plain Linux.
    """

    title: str
    commands: tuple[str, ...]
    peer_commands: tuple[str, ...] = ()
    language: Literal["vyos", "nftables"] = "vyos"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """``path`` is the configuration path that it is about, empty for the text itself."""

    code: str
    severity: Severity
    message: str
    path: str
    span: Span
    fixes: tuple[Fix, ...] = ()
