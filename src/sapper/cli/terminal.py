"""Standard output: text with colour where a person looks at a terminal, plain text and JSON everywhere else.

rich is imported only for a terminal: its import costs more than a whole check. A reader that went away (``| head``)
does not change the exit status of a command that has its result already.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from sapper.cli.failure import Refused
from sapper.render.line import Line, Role, plain_text, visible

if TYPE_CHECKING:
    from rich.console import Console

_STYLES: dict[Role, str] = {
    "plain": "",
    "title": "bold",
    "faint": "dim",
    "good": "green",
    "bad": "bold red",
    "doubt": "yellow",
    "note": "cyan",
}


def print_lines(lines: Sequence[Line]) -> None:
    """Print a report for people."""
    if _coloured():
        _print_coloured(lines)
    else:
        write(plain_text(lines))


def print_json(document: msgspec.Struct) -> None:
    """Print one JSON document, indented, and nothing else."""
    write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")


def write(text: str) -> None:
    """Write to standard output, whatever its encoding."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        _discard()
    except OSError as error:
        _discard()
        raise Refused(f"cannot write standard output: {error.strerror}") from None


def _discard() -> None:
    """Let what is still buffered go nowhere: the interpreter would complain about it while it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _coloured() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _print_coloured(lines: Sequence[Line]) -> None:
    from rich.console import Console
    from rich.text import Text

    console: Console = Console(highlight=False, soft_wrap=True)
    for pieces in lines:
        text = Text()
        for piece in pieces:
            text.append(visible(piece.text), _STYLES[piece.role])
        console.print(text)
