"""``tunnel tunN parameters ip bridge-group bridge brN``: membership is written at the bridge now.

VyOS has no migration for this one, so that its own upgrade loses the bridge.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.bridge_member import join_bridge
from sapper.config.upgrade.graft import tags, take
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    notes: list[Note] = []
    for tunnel in tags(root, "interfaces", "tunnel"):
        options = tunnel.find("parameters", "ip")
        group = take(options, "bridge-group") if options else None
        if options is None or group is None:
            continue
        path = ("interfaces", "tunnel", tunnel.word, "parameters", "ip", "bridge-group")
        notes += join_bridge(root, group, tunnel.word, path)
        parameters = tunnel.children["parameters"]
        if not options.children:
            take(parameters, "ip")
        if not parameters.children:
            take(tunnel, "parameters")
    return notes
