"""Membership in a bridge is ``bridge-group bridge BR`` at the interface: interfaces step 1-to-0.

A tunnel says it below ``parameters ip``. Cost and priority go along; options of VLANs are not known.
"""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.find_interface import Interfaces, kind_of
from sapper.config.upgrade.graft import move, prune, tags, take, write

_KINDS = frozenset({"bonding", "ethernet", "l2tpv3", "openvpn", "vxlan", "wireless", "tunnel"})
_OPTIONS = frozenset({"cost", "priority"})


def apply(root: Node) -> list[Lacking]:
    lacks: list[Lacking] = []
    interfaces = Interfaces(root)
    for bridge in tags(root, "interfaces", "bridge"):
        members = bridge.find("member", "interface")
        for member in tags(bridge, "member", "interface"):
            path = ("interfaces", "bridge", bridge.word, "member", "interface", member.word)
            lacks += [
                lacking(option, "a member of a bridge has a cost and a priority only", *path, option.word)
                for option in member.children.values()
                if option.word not in _OPTIONS
            ]
            if kind_of(member.word.partition(".")[0]) not in _KINDS:
                lacks.append(lacking(member, "an interface of this kind cannot be in a bridge", *path))
            elif members is not None:
                take(members, member.word)
                _join(interfaces, bridge, member)
        prune(bridge, "member", "interface")
    return lacks


def _join(interfaces: Interfaces, bridge: Node, member: Node) -> None:
    interface = interfaces.make(member.word, member)
    if interface is None:
        return
    inside = ("parameters", "ip") if kind_of(member.word) == "tunnel" else ()
    group = write(interface, *inside, "bridge-group", of=member)
    write(group, "bridge", bridge.word, of=bridge)
    for option in list(member.children.values()):
        move(option, group, option.word)
