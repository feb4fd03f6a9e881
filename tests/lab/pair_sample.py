"""Pairs of routers for tests of the lab's pure parts: the examples as they stand, or with a few words changed."""

from __future__ import annotations

from pathlib import Path

from sapper.config.read import read
from sapper.config.upgrade import upgrade
from sapper.lab.pairing import End
from sapper.lab.run import Setup, prepare
from sapper.model.build import build

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PAIRS = ROOT / "tests" / "lab" / "pairs"
# Every pair of the project, and the router that is behind a NAT box in it.
EVERY_PAIR: dict[str, tuple[Path, str | None]] = {
    path.name: (path, "east" if path.name.startswith("nat") else None)
    for path in sorted([*EXAMPLES.iterdir(), *PAIRS.iterdir()])
    if path.is_dir()
}


def end_of(text: str, path: str = "east.set", name: str | None = None) -> End:
    """A router read from a text, named for its file unless told otherwise."""
    document = read(text, path)
    upgraded = upgrade(document)
    router = build(upgraded.root, upgraded.generation, Path(path).stem if name is None else name).router
    return End(document.source, router)


def text_of(pair: str, router: str, *changes: tuple[str, str]) -> str:
    """The text of a router of a pair; each change replaces words that must be there."""
    text = (EVERY_PAIR[pair][0] / f"{router}.set").read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def ends_of(pair: str) -> tuple[End, End]:
    return end_of(text_of(pair, "east"), "east.set"), end_of(text_of(pair, "west"), "west.set")


def setup_of(pair: str) -> Setup:
    """A pair of the project, ready to run."""
    return prepare(pair, *ends_of(pair), EVERY_PAIR[pair][1])
