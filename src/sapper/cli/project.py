"""Finds the ``sapper.toml`` of a configuration: beside it, or in the nearest directory above it that has one."""

from __future__ import annotations

from pathlib import Path

from sapper.cli.failure import Refused, Unusable
from sapper.cli.source import printable
from sapper.config.source import UnreadableText
from sapper.model.project import NAME, Project, read_project

_LARGEST_BYTES = 1024 * 1024


class Projects:
    """The project files of one run, each read once. Raises Unusable with one line for one that cannot be used."""

    def __init__(self) -> None:
        self._by_directory: dict[Path, tuple[Project, str]] = {}
        self._by_file: dict[Path, tuple[Project, str]] = {}

    def of(self, config: str) -> Project:
        """The project that a configuration belongs to; an empty one where there is no file."""
        directory = Path.cwd() if config == "-" else Path(config).absolute().parent
        if directory not in self._by_directory:
            self._by_directory[directory] = self._nearest(directory)
        return self._by_directory[directory][0]

    def texts(self) -> list[tuple[Project, str]]:
        """Every file that was read, with its text."""
        return list(self._by_file.values())

    def _nearest(self, directory: Path) -> tuple[Project, str]:
        for place in (directory, *directory.parents):
            path = place / NAME
            if path not in self._by_file and path.is_file():
                self._by_file[path] = _read(path)
            if path in self._by_file:
                return self._by_file[path]
        return Project(), ""


def _read(path: Path) -> tuple[Project, str]:
    shown = printable(str(_near(path)))
    try:
        with path.open("rb") as stream:
            content = stream.read(_LARGEST_BYTES + 1)
        if len(content) > _LARGEST_BYTES:
            raise Unusable(f"{shown}:1:1: larger than {_LARGEST_BYTES // 1024} KiB", None)
        text = content.decode()
        return read_project(text, shown), text
    except UnicodeDecodeError:
        raise Unusable(f"{shown}:1:1: not UTF-8; expected TOML", None) from None
    except OSError as error:
        raise Refused(f"{shown}: {error.strerror}", None) from None
    except UnreadableText as error:
        raise Unusable(str(error), None) from None


def _near(path: Path) -> Path:
    """The path as seen from here, where that is shorter."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
