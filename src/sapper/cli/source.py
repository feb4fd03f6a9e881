"""Reads what a CONFIG names: a file, a directory, or ``-`` for standard input.

Every input becomes an :class:`Input`, also one that cannot be read: with several inputs the rest goes on, and the
command decides what to make of it. Text is UTF-8; any other byte becomes a lone surrogate, so that what is written
back has the same bytes. A directory gives its files in order of name, below it too; what does not look like a
configuration is skipped with a warning, as is what is hidden. Sizes are bounded, and what begins as no text is not
read on, so that a device or a disk image named by mistake ends at once.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from sapper.config.recognise import recognise
from sapper.config.source import Place
from sapper.config.source import printable as printable

LARGEST_BYTES = 256 * 1024 * 1024
_LOOKED_AT_BYTES = 64 * 1024
_SECTION = re.compile(
    r'\ufeff?\s*\{\s*"(?:data|error|success|container|firewall|high-availability|interfaces|load-balancing|nat|nat64'
    r'|nat66|pki|policy|protocols|qos|service|system|vpn|vrf)"\s*:'
)
_BLOCK_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


class Input(NamedTuple):
    """``failure`` says why there is no text, ``place`` where reading ended (the start, if it never began)."""

    path: str
    text: str = ""
    failure: str | None = None
    place: Place = Place(1, 1, 0)


def read_inputs(configs: list[str]) -> Iterator[Input]:
    """Every input that ``configs`` name, in order, each as soon as it is asked for."""
    for config in configs:
        if config == "-":
            yield _read_stream("-", sys.stdin.buffer)
        elif Path(config).is_dir():
            yield from _read_directory(Path(config))
        else:
            yield _read_file(Path(config))


def looks_like_configuration(text: str) -> bool:
    """True if the text is in a syntax that is read and starts like it: prose with an example in it does not."""
    syntax = recognise(text)
    if syntax is None or "\0" in text:
        return False
    if syntax == "json":
        return _SECTION.match(text) is not None
    lines = (line.strip() for line in _BLOCK_COMMENT.sub("", text).splitlines())
    first = next((line for line in lines if line and not line.startswith(("#", "//"))), None)
    return first is None or recognise(first) is not None


def warn(message: str) -> None:
    """One line on standard error; the command goes on."""
    print(f"sapper: {printable(message)}", file=sys.stderr)


def _read_directory(directory: Path) -> Iterator[Input]:
    found = False
    for root, folders, files in os.walk(directory):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.startswith("."):
                continue
            entry = _read_file(Path(root, name))
            if entry.failure is None and not looks_like_configuration(entry.text):
                warn(f"{entry.path}: skipped: not a configuration")
            else:
                found = True
                yield entry
    if not found:
        yield Input(printable(str(directory)), failure="no configuration in this directory")


def _read_file(path: Path) -> Input:
    name = printable(str(path))
    try:
        with path.open("rb") as stream:
            return _read_stream(name, stream)
    except (OSError, ValueError) as error:
        return Input(name, failure=getattr(error, "strerror", None) or str(error))


def _read_stream(path: str, stream: BinaryIO) -> Input:
    content = stream.read(_LOOKED_AT_BYTES)
    if b"\0" not in content:  # else the reader says where and why it is no text
        content += stream.read(LARGEST_BYTES + 1 - len(content))
    if len(content) > LARGEST_BYTES:
        return Input(path, failure=f"larger than {LARGEST_BYTES // 1024 // 1024} MiB")
    return Input(path, content.decode("utf-8", "surrogateescape"))
