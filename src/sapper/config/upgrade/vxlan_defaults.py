"""VXLAN's defaults changed, and ``external`` moved below parameters: VyOS' interfaces step 31-to-32.

The old defaults, port 8472 and MTU 1450, are written out.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import fill, move, tags, take, write
from sapper.config.upgrade.step import Note, Written

OLD_DEFAULTS = {"port": "8472", "mtu": "1450"}


def apply(root: Node, written: Written) -> list[Note]:
    for interface in tags(root, "interfaces", "vxlan"):
        if external := take(interface, "external"):
            move(external, write(interface, "parameters", of=external), "external")
        for option, value in OLD_DEFAULTS.items():
            fill(interface, option, value)
    return []
