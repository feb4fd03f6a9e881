"""``interface-route P next-hop-interface IF`` is ``route P interface IF``: VyOS' quagga step 8-to-9.

So is ``interface-route6``, in static tables too; below a next hop ``next-hop-interface`` is interface and
``next-hop-vrf`` is vrf.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, rename, tags, take
from sapper.config.upgrade.step import Note, Written

_KINDS = {"interface-route": "route", "interface-route6": "route6"}
_WORDS = {"next-hop-interface": "interface", "next-hop-vrf": "vrf"}


def apply(root: Node, written: Written) -> list[Note]:
    static = root.find("protocols", "static")
    if static is not None:
        for routes in (static, *tags(static, "table")):
            _join(routes)
    return []


def _join(static: Node) -> None:
    for old, new in _KINDS.items():
        for prefix in tags(static, old):
            rename(prefix, lambda option: _WORDS.get(option.word, option.word))
        for kind in (old, new):
            for prefix in tags(static, kind):
                for hop in tags(prefix, "next-hop"):
                    rename(hop, lambda option: _WORDS.get(option.word, option.word))
        node = take(static, old)
        if node is not None:
            move(node, static, new)
