"""``route P interface IF`` is ``interface-route P next-hop-interface IF``: quagga step 9-to-8.

Below a next hop interface is next-hop-interface and vrf is next-hop-vrf; in static tables and VRFs too.
"""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, rename, tags, take, write
from sapper.config.upgrade.static_sections import static_sections

_KINDS = {"route": "interface-route", "route6": "interface-route6"}
_WORDS = {"interface": "next-hop-interface", "vrf": "next-hop-vrf"}


def apply(root: Node) -> list[Lacking]:
    for section in list(static_sections(root)):
        for kind, older in _KINDS.items():
            for prefix in tags(section, kind):
                _split(section, prefix, kind, older)
            if (routes := section.child(kind)) and not routes.children:
                take(section, kind)
    return []


def _split(section: Node, prefix: Node, kind: str, older: str) -> None:
    for hop in tags(prefix, "next-hop"):
        rename(hop, _old)
    interfaces = take(prefix, "interface")
    if interfaces is None:
        return
    for interface in tags(interfaces):
        rename(interface, _old)
    move(interfaces, write(section, older, prefix.word, of=prefix), "next-hop-interface")
    if not prefix.children and (routes := section.child(kind)):
        take(routes, prefix.word)


def _old(option: Node) -> str:
    return _WORDS.get(option.word, option.word)
