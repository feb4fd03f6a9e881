"""``interface-route P next-hop-interface IF`` is ``route P interface IF``: VyOS' quagga step 8-to-9.

So is ``interface-route6``, in static tables too; below a next hop ``next-hop-interface`` is interface and
``next-hop-vrf`` is vrf.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, rename, tags, take
from sapper.config.upgrade.static_sections import static_sections
from sapper.config.upgrade.step import Note, Written

_KINDS = {"interface-route": "route", "interface-route6": "route6"}
_WORDS = {"next-hop-interface": "interface", "next-hop-vrf": "vrf"}


def apply(root: Node, written: Written) -> list[Note]:
    for section in list(static_sections(root)):
        for old, new in _KINDS.items():
            for prefix in tags(section, old):
                rename(prefix, _new)
                for interface in tags(prefix, "interface"):
                    rename(interface, _new)
            for kind in (old, new):
                for prefix in tags(section, kind):
                    for hop in tags(prefix, "next-hop"):
                        rename(hop, _new)
            node = take(section, old)
            if node is not None:
                move(node, section, new)
    return []


def _new(option: Node) -> str:
    return _WORDS.get(option.word, option.word)
