"""What kind of word the words of sections are that the schema does not have, so that they can be printed in braces.

Two things tell: a router prints set commands with values in quotes and everything else bare, and the words that take
a name are known for the sections that real configurations have. What neither tells is left to be guessed.
"""

from __future__ import annotations

import re

from sapper.config.shape import Kind, Path, Shape
from sapper.config.tree import Document, Node

_TAGS = frozenset({
    "access-group", "access-list6", "address-group", "area", "as-path-list", "backend", "bgp", "cache", "class",
    "community", "community-list", "device", "domain", "dynamic-prefix", "extcommunity-list", "facility",
    "host", "host-name", "interface", "interface-group", "ipv6-address-group", "ipv6-network-group", "key-pair",
    "large-community-list", "listen-address", "mac-group", "neighbor", "network", "network-emulator",
    "network-group", "openvpn", "parameter", "pd", "peer-group", "port-group", "prefix", "prefix-list6",
    "priority-queue", "public-keys", "range", "rate-control", "rule", "server", "shaper", "shared-network-name",
    "start", "static-mapping", "subnet", "sync-group", "task", "track", "user", "username", "vif", "vif-c",
    "vif-s", "volume", "wireless", "zone",
})  # fmt: skip
_TAGS_BELOW = {
    "access-list": "policy",
    "authority": "pki",
    "ca": "pki",
    "certificate": "pki",
    "group": "vrrp",
    "limiter": "traffic-policy",
    "name": "container",
    "prefix-list": "policy",
    "route-map": "policy",
    "service": "reverse-proxy",
}
_BLOCKS = frozenset({"interfaces", "protocols", "service", "vpn"})
_SECTION_DEPTH = 2
"""``service ssh``: below these words stands a block, even if it is empty."""
_QUOTED_VALUE = re.compile(r" '[^'\n]*'[ \t\r]*$", re.MULTILINE)


def foreign_shape(document: Document, root: Node) -> Shape:
    """The shape of ``root``, a tree made from the document, as far as the document's quotes and known tags tell."""
    by_quotes = document.syntax == "set" and _QUOTED_VALUE.search(document.source.text) is not None
    text = document.source.text

    def asked(path: Path) -> Kind | None:
        node = root.find(*path)
        if node is None or not node.children:
            return "node" if node is not None and len(path) == _SECTION_DEPTH and path[0] in _BLOCKS else None
        kind: Kind | None = "tag" if _is_tag(path) else None
        if any(child.children for child in node.children.values()):
            return kind
        if not by_quotes:
            return None
        if any(child.spans and text[child.span.start] in "'\"" for child in node.children.values()):
            return "leaf" if len(node.children) == 1 else "multi"
        return kind or "node"

    return asked


def _is_tag(path: Path) -> bool:
    if len(path) > 2 and path[-1] == "match" and path[-3] == "class":
        return True
    return path[-1] in _TAGS or (len(path) > 1 and _TAGS_BELOW.get(path[-1]) == path[-2])
