"""Everywhere that static routes are written: the main table, others, and those of VRFs in both of their places."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.config.tree import Node
from sapper.config.upgrade.graft import tags


def static_sections(root: Node) -> Iterator[Node]:
    """Every ``static`` node and every table in it."""
    sections = [root.find("protocols", "static")]
    sections += [vrf.child("static") for vrf in tags(root, "protocols", "vrf")]
    sections += [vrf.find("protocols", "static") for vrf in tags(root, "vrf", "name")]
    for section in sections:
        if section is not None:
            yield section
            yield from tags(section, "table")
