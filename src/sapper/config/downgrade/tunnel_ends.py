"""Tunnel end points are ``local-ip`` and ``remote-ip``, gretap is gre-bridge: interfaces step 20-to-19.

Seven encapsulations are known, IPv6 and Ethernet in IPv6 GRE and ERSPAN are not.
"""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename, tags

_ENDS = {"source-address": "local-ip", "remote": "remote-ip"}
_KNOWN = frozenset({"gre", "gre-bridge", "ipip", "sit", "ipip6", "ip6ip6", "ip6gre"})


def apply(root: Node) -> list[Lacking]:
    lacks = []
    for kind in ("tunnel", "l2tpv3"):
        for interface in tags(root, "interfaces", kind):
            rename(interface, lambda option: _ENDS.get(option.word, option.word))
    for tunnel in tags(root, "interfaces", "tunnel"):
        if encapsulation := tunnel.child("encapsulation"):
            rename(encapsulation, lambda value: "gre-bridge" if value.word == "gretap" else value.word)
        for value in tags(tunnel, "encapsulation"):
            if value.word not in _KNOWN:
                path = ("interfaces", "tunnel", tunnel.word, "encapsulation")
                lacks.append(lacking(value, f"it has no encapsulation {value.word}", *path))
    return lacks
