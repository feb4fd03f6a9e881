"""Tunnel end points got neutral names: VyOS' interfaces steps 19-to-20 and 21-to-22.

``local-ip`` is source-address, ``remote-ip`` is remote (tunnel and l2tpv3), ``gre-bridge`` is gretap, a tunnel's
``dhcp-interface`` is source-interface.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename, rename_word, tags
from sapper.config.upgrade.step import Note, Written

_ENDS = {"local-ip": "source-address", "remote-ip": "remote"}
_TUNNEL = {**_ENDS, "dhcp-interface": "source-interface"}


def apply(root: Node, written: Written) -> list[Note]:
    for tunnel in tags(root, "interfaces", "tunnel"):
        rename(tunnel, lambda option: _TUNNEL.get(option.word, option.word))
        if encapsulation := tunnel.child("encapsulation"):
            rename_word(encapsulation, "gre-bridge", "gretap")
    for session in tags(root, "interfaces", "l2tpv3"):
        rename(session, lambda option: _ENDS.get(option.word, option.word))
    return []
