"""Where the tree has static routes: the main table, numbered tables, and VRFs."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch


def static_sections(top: Branch) -> Iterator[Branch]:
    """Every node that ``route`` and ``route6`` stand below."""
    main = top.below("protocols", "static")
    if main is not None:
        yield main
    yield from top.each("protocols", "static", "table")
    for vrf in top.each("vrf", "name"):
        static = vrf.below("protocols", "static")
        if static is not None:
            yield static
