"""The daemons' logs, a piece at a time: what each has written since it was last asked.

Every ``*.log`` and ``console`` in a node's directory is one. A daemon that starts anew appends to its file. Keys are
not in them: charon logs none at the level that the lab sets.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sapper.lab.inside.room import ROOM

_MOST_BYTES = 1 << 16
_told: dict[Path, int] = {}


def forget() -> None:
    """Removes every log; the daemons that wrote them have ended."""
    _told.clear()
    for path in _files():
        path.unlink(missing_ok=True)


def collect() -> dict[str, dict[str, str]]:
    """What is new, by node and file name; of much only the end."""
    found: dict[str, dict[str, str]] = {}
    for path in _files():
        content = path.read_bytes()
        told = _told.get(path, 0)
        fresh = content[told if told <= len(content) else 0 :]
        _told[path] = len(content)
        if fresh:
            found.setdefault(path.parent.name, {})[path.name] = fresh[-_MOST_BYTES:].decode(errors="replace")
    return found


def _files() -> Iterator[Path]:
    for pattern in ("*/*.log", "*/console"):
        yield from sorted(Path(ROOM).glob(pattern))
