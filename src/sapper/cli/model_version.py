"""The version of the model as a hash: the source files of every room that decides what a verdict is.

Two installations with the same hash come to the same Plans, cells and verdicts. Files are read as they are installed.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from importlib.resources.abc import Traversable

from sapper.cli.failure import Refused

_ROOMS = ("address.py", "secret.py", "config", "schema", "encap", "model", "kernel", "mtu", "proof", "certificate")


def model_version() -> str:
    """SHA-256, in hexadecimal digits. Raises Refused where the sources are not installed."""
    found = hashlib.sha256()
    here = files("sapper")
    try:
        sources = sorted((name, path) for room in _ROOMS for name, path in _sources(here / room, room))
        for name, path in sources:
            content = path.read_bytes()
            found.update(f"{name} {len(content)}\n".encode())
            found.update(content)
    except OSError as error:
        raise Refused(f"the model's sources cannot be read: {error.strerror}", "check") from None
    if len(sources) < len(_ROOMS):
        raise Refused("the model's sources are not installed, so its version is not known", "check")
    return found.hexdigest()


def _sources(path: Traversable, name: str) -> list[tuple[str, Traversable]]:
    if path.is_dir():
        return [item for inner in path.iterdir() for item in _sources(inner, f"{name}/{inner.name}")]
    return [(name, path)] if name.endswith(".py") and path.is_file() else []
