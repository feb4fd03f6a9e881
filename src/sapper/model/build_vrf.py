"""``vrf`` of the tree to VRFs of the Router, each with its number.

VyOS refuses a VRF without a table; there is then nothing that a record could say, and its path is named.
"""

from __future__ import annotations

from sapper.model.branch import Branch
from sapper.model.routing import Vrf


def build_vrfs(root: Branch, unmodelled: list[str]) -> tuple[Vrf, ...]:
    """All VRFs that have a table, in order of writing."""
    found = []
    for branch in root.each("vrf", "name"):
        table = branch.number("table")
        if table is None:
            unmodelled.append(branch.where)
            continue
        found.append(Vrf(name=branch.name, origin=branch.origin, table=table, disabled=branch.has("disable")))
    return tuple(found)
