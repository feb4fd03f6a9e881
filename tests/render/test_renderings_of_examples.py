"""Every example of the repository in every format: nothing is refused, and the text is the same each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from sapper.config.read import read
from sapper.config.upgrade import upgrade
from sapper.kernel.compile import compile_router
from sapper.kernel.plan import Plan
from sapper.model.build import build
from sapper.render import iproute2, networkd, nftables, swanctl

EXAMPLES = Path(__file__).parents[2] / "examples"
FILES = sorted(EXAMPLES.glob("*/*.set"))
RENDERERS = {"iproute2": iproute2.render, "swanctl": swanctl.render, "nftables": nftables.render}
RENDERERS |= {"networkd": networkd.render}


def plan_of(path: Path) -> Plan:
    upgraded = upgrade(read(path.read_text(), path.name))
    return compile_router(build(upgraded.root, upgraded.generation, path.stem).router)


@pytest.mark.parametrize("target", RENDERERS)
@pytest.mark.parametrize("path", FILES, ids=[f"{path.parent.name}-{path.stem}" for path in FILES])
def test_an_example_is_written_the_same_way_each_time(path: Path, target: str) -> None:
    files = RENDERERS[target](plan_of(path))

    assert files == RENDERERS[target](plan_of(path))
    assert all(text.endswith("\n") and "\n\n\n" not in text for text in files.values())
    assert all("***" not in text for text in files.values())
