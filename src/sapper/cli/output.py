"""Where a command's own text goes that must arrive byte for byte: standard output, or files that only their owner reads.

A file appears whole or not at all: it is written beside its place and then put there. Its mode is 0600 from the
first byte on, because it may carry secrets.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from sapper.cli.failure import Refused

_OWNER_ONLY = 0o700


def write_exactly(text: str) -> None:
    """Write to standard output with the bytes that were read, whatever the terminal's encoding."""
    sys.stdout.flush()
    try:
        sys.stdout.buffer.write(encoded(text))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Refused(f"cannot write standard output: {error.strerror}") from None


def write_file(path: Path, text: str) -> None:
    """Create or replace the file, mode 0600. Raises Refused with one line."""
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(encoded(text))  # a pipe or a device: nothing to create
            return
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        beside = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(encoded(text))
                stream.flush()
                os.fsync(stream.fileno())
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise Refused(f"cannot write {path}: {error.strerror or error}") from None


def write_files(directory: Path, files: dict[str, str]) -> None:
    """Write every file into the directory, which is made if it is not there. Raises Refused with one line."""
    try:
        directory.mkdir(mode=_OWNER_ONLY, exist_ok=True)
    except OSError as error:
        raise Refused(f"cannot make {directory}: {error.strerror or error}") from None
    for name, text in files.items():
        write_file(directory / name, text)


def encoded(text: str) -> bytes:
    """The bytes of a text whose bytes that are no UTF-8 stand in it as lone surrogates."""
    return text.encode("utf-8", "surrogateescape")
