"""Real configurations of several releases: all read without defects, and upgrade as the vendor upgrades them.

The data lies beside the project and is not part of it; without it these tests are skipped.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sapper.config.print_set import print_set
from sapper.config.read import read
from sapper.config.tree import Document, Node
from sapper.config.upgrade import upgrade

FILES = Path(__file__).parents[2].parent / "shared" / "oracles" / "vyos-configs"
SAVED = sorted(FILES.glob("*.boot"))
COMMANDS = sorted(FILES.glob("*.expected.set"))

pytestmark = pytest.mark.skipif(not SAVED, reason="the real configurations are not here")

# What the steps cover, and what the vendor's own upgrade is known to do beyond them.
UPGRADED = [
    ("interfaces", "tunnel"), ("interfaces", "l2tpv3"), ("interfaces", "bridge"), ("interfaces", "dummy"),
    ("interfaces", "vti"), ("protocols", "static", "route"), ("protocols", "static", "route6"), ("nat",),
    ("policy", "route"), ("policy", "route6"), ("vpn", "ipsec"),
]  # fmt: skip
OLD_DEFAULT = ("parameters", "ip", "ttl", "255")


def open_document(path: Path) -> Document:
    return read(path.read_text("utf-8"), path.name)


def covered(root: Node) -> set[tuple[str, ...]]:
    return {
        path
        for path in root.leaves()
        if any(path[: len(start)] == start for start in UPGRADED) and path[-4:] != OLD_DEFAULT
    }


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


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.name)
def test_the_upgrade_agrees_with_the_vendors(path: Path) -> None:
    expected = open_document(path.with_suffix(".expected.set"))
    assert covered(upgrade(open_document(path)).root) == covered(expected.root)
