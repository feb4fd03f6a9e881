"""Tunnel end points got neutral names: VyOS' interfaces step 19-to-20.

``local-ip`` is source-address, ``remote-ip`` is remote (tunnel and l2tpv3), ``gre-bridge`` is gretap.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename, rename_word, tags
from sapper.config.upgrade.step import Note, Written

_ENDS = {"local-ip": "source-address", "remote-ip": "remote"}


def apply(root: Node, written: Written) -> list[Note]:
    for kind in ("tunnel", "l2tpv3"):
        for interface in tags(root, "interfaces", kind):
            rename(interface, lambda option: _ENDS.get(option.word, option.word))
    for tunnel in tags(root, "interfaces", "tunnel"):
        if encapsulation := tunnel.child("encapsulation"):
            rename_word(encapsulation, "gre-bridge", "gretap")
    return []
