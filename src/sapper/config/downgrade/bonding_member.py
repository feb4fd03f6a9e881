"""Membership in a bond is ``bond-group`` at the interface: interfaces step 2-to-1."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.find_interface import Interfaces
from sapper.config.upgrade.graft import prune, tags, write


def apply(root: Node) -> list[Lacking]:
    lacks = []
    interfaces = Interfaces(root)
    for bond in tags(root, "interfaces", "bonding"):
        members = bond.find("member", "interface")
        for member in tags(bond, "member", "interface"):
            interface = interfaces.make(member.word, member)
            if interface is None or members is None:
                path = ("interfaces", "bonding", bond.word, "member", "interface", member.word)
                lacks.append(lacking(member, "membership is said at an interface of a known kind", *path))
                continue
            write(interface, "bond-group", bond.word, of=member)
            members.children.pop(member.word)
        prune(bond, "member", "interface")
    return lacks
