"""An interface and the VLANs on it, which carry the same options."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.config.tree import Node
from sapper.config.upgrade.graft import tags

_TAGS = ("vif", "vif-s", "vif-c")


def with_vlans(root: Node) -> Iterator[tuple[Node, str, tuple[str, ...]]]:
    """Every interface, VLAN and VLAN within a VLAN below ``interfaces``: node, name as others refer to it, path."""
    for kind in tags(root, "interfaces"):
        for interface in list(kind.children.values()):
            path: tuple[str, ...] = ("interfaces", kind.word, interface.word)
            waiting: list[tuple[Node, str, tuple[str, ...]]] = [(interface, interface.word, path)]
            for node, name, here in waiting:
                yield node, name, here
                if len(here) < len(path) + 4:
                    for tag in _TAGS:
                        waiting += [
                            (vlan, f"{name}.{vlan.word}", (*here, tag, vlan.word)) for vlan in tags(node, tag)
                        ]
