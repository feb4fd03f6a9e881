"""The pages: what is made from the code is fresh, what they point at is there, and no draft is left in them."""

from __future__ import annotations

import re
from pathlib import Path

import pages
import pytest

from sapper.proof.states.lifecycle import STATES

CHECKOUT = Path(__file__).parents[2]
PAGES = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/dependencies.md",
    "docs/states.md",
]
LINK = re.compile(r"\]\(([^)#:]+)\)")
SOURCE_PATH = re.compile(r"`((?:src|docs|tests|tools|requirements)/[A-Za-z0-9_./-]+\.[a-z]+)`")


@pytest.mark.parametrize("name", pages.PARTS)
def test_what_is_made_from_the_code_is_fresh(name: str) -> None:
    assert (CHECKOUT / name).read_text() == pages.fresh(name), f"{name} is stale: run make docs"


def test_every_state_stands_in_the_table() -> None:
    table = pages.states_table()
    assert [state for state in STATES if f"| `{state}`" not in table] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_points_at_things_that_are_there(name: str) -> None:
    page = CHECKOUT / name
    text = page.read_text()
    wanted = [page.parent / target for target in LINK.findall(text)]
    wanted += [CHECKOUT / target for target in SOURCE_PATH.findall(text) if "NAME" not in target]
    assert [str(path) for path in wanted if not path.exists()] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_no_draft(name: str) -> None:
    text = (CHECKOUT / name).read_text()
    assert text.startswith("# ")
    assert not re.search(r"<!-- figure|TO" + r"DO|lorem|\?\?\?", text)


def test_the_licence_is_whole() -> None:
    text = (CHECKOUT / "LICENSE").read_text()
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
