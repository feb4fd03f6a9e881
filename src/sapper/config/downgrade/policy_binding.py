"""Interfaces name their policy routes: policy step 5-to-4.

An interface has room for one policy of each family, and the name must be one interface's.
"""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.find_interface import Interfaces
from sapper.config.upgrade.graft import tags, take, write
from sapper.config.upgrade.policy_route6 import KINDS


def apply(root: Node) -> list[Lacking]:
    lacks: list[Lacking] = []
    interfaces = Interfaces(root)
    for kind in KINDS:
        for route in tags(root, "policy", kind):
            names = take(route, "interface")
            for name in names.children.values() if names else ():
                path = ("policy", kind, route.word, "interface", name.word)
                interface = None if "*" in name.word else interfaces.make(name.word, name)
                if interface is None:
                    lacks.append(lacking(name, "a policy is bound at one interface of a known kind", *path))
                elif interface.find("policy", kind):
                    lacks.append(lacking(name, "an interface has one policy route of each family", *path))
                else:
                    write(interface, "policy", kind, route.word, of=name)
    return lacks
