"""Reads the topology file of ``sapper lab run --topology``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sapper.kernel.plan import Plan
from sapper.lab.pairing import Drawing, UnusablePair
from sapper.lab.topology.document import UnusableSketch, read_sketch
from sapper.lab.topology.sketch import Sketch


def drawing(path: Path) -> Drawing:
    """What :func:`sapper.lab.run.prepare_all` takes; what is wrong with the file it raises as UnusablePair."""

    def sketch(plans: Sequence[Plan]) -> Sketch:
        try:
            text = path.read_bytes().decode()
        except OSError as error:
            raise UnusablePair(f"{path}:1:1: {error.strerror or error}") from None
        except UnicodeDecodeError:
            raise UnusablePair(f"{path}:1:1: expected TOML, which is UTF-8 text") from None
        links = {plan.name: [link.name for link in plan.links if link.kind != "loopback"] for plan in plans}
        try:
            return read_sketch(text, str(path), links)
        except UnusableSketch as error:
            raise UnusablePair(str(error)) from None

    return sketch
