"""Real configurations of several releases: all read without defects.

The data lies beside the project and is not part of it; without it these tests are skipped.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sapper.config.footer import footer_of
from sapper.config.print_braces import print_braces
from sapper.config.print_json import print_json
from sapper.config.print_set import print_set
from sapper.config.read import read
from sapper.config.shape import either, written_shape
from sapper.config.tree import Document
from sapper.schema.shape import shape_of

FILES = Path(__file__).parents[2].parent / "shared" / "oracles" / "vyos-configs"
SAVED = sorted(FILES.glob("*.boot"))
COMMANDS = sorted(FILES.glob("*.expected.set"))

pytestmark = pytest.mark.skipif(not SAVED, reason="the real configurations are not here")


def open_document(path: Path) -> Document:
    return read(path.read_text("utf-8"), path.name)


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.name)
def test_a_saved_configuration_reads_without_defects(path: Path) -> None:
    document = open_document(path)
    assert document.syntax == "braces"
    assert document.defects == []
    assert document.components["nat"] >= 4
    assert document.release


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.name)
def test_printed_commands_read_without_defects(path: Path) -> None:
    document = open_document(path)
    assert document.syntax == "set"
    assert document.defects == []
    lines = {line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()}
    assert len(list(document.root.leaves())) <= len(lines)


@pytest.mark.parametrize("path", [*SAVED, *COMMANDS], ids=lambda path: path.name)
def test_printing_gives_the_same_tree(path: Path) -> None:
    root = open_document(path).root
    again = read(print_set(root), "again")
    assert again.defects == []
    assert [path for path, _ in again.root.walk()] == [path for path, _ in root.walk()]


@pytest.mark.parametrize("path", [*SAVED, *COMMANDS], ids=lambda path: path.name)
def test_every_syntax_carries_the_same_tree(path: Path) -> None:
    document = open_document(path)
    shape = either(shape_of, written_shape(document))
    words = [(path, node.comment) for path, node in document.root.walk()]
    for text in (
        print_set(document.root, shape),
        print_braces(document.root, shape),
        print_braces(document.root, shape, quotes="needed"),
    ):
        again = read(text, "again")
        assert again.defects == []
        assert [(path, node.comment) for path, node in again.root.walk()] == words
    again = read(print_json(document.root, shape), "again")
    assert [path for path, _ in again.root.walk()] == [path for path, _ in words]


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.name)
def test_braces_are_printed_as_the_router_wrote_them(path: Path) -> None:
    """But for quotes that a person or another release put, blank lines, indentation, a component named twice, and a
    leaf that somebody wrote twice with another one between.
    """

    def plain(text: str) -> list[str]:
        lines = [line.strip().replace('"', "") for line in text.splitlines()]
        return [
            re.sub(r":webproxy@1(?=:webproxy@)", "", line) for line in lines if line not in ("", "password vyos")
        ]

    document = open_document(path)
    shape = either(written_shape(document), shape_of)
    for quotes in ("always", "needed"):
        assert plain(print_braces(document.root, shape, footer_of(document), quotes=quotes)) == plain(
            document.source.text
        )
