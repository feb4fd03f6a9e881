"""Standard output: text with colour where a person looks at a terminal, plain text and JSON everywhere else.

rich is imported only for a terminal: its import costs more than a whole check. A reader that went away (``| head``)
does not change the exit status of a command that has its result already.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sapper.cli.failure import Refused
from sapper.config.source import printable
from sapper.render.line import Line, Role, plain_text, visible

if TYPE_CHECKING:
    import msgspec
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
    import msgspec

    try:
        encoded = msgspec.json.encode(document)
    except UnicodeEncodeError:  # bytes that are no UTF-8 stand in words as lone surrogates, which JSON cannot have
        encoded = msgspec.json.encode(_printable(msgspec.to_builtins(document)))
    write(msgspec.json.format(encoded, indent=2).decode() + "\n")


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {_printable(key): _printable(item) for key, item in value.items()}
    return [_printable(item) for item in value] if isinstance(value, (list, tuple)) else value


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
