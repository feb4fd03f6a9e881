"""Keys of the PKI cannot be said: until 1.3 certificates and RSA keys are files of the router."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import tags

_NEW = (("x509", "certificate"), ("x509", "ca-certificate"), ("rsa", "local-key"), ("rsa", "remote-key"))


def apply(root: Node) -> list[Lacking]:
    lacks: list[Lacking] = []
    for peer in tags(root, "vpn", "ipsec", "site-to-site", "peer"):
        path = ("vpn", "ipsec", "site-to-site", "peer", peer.word, "authentication")
        lacks += [
            lacking(node, "it reads keys and certificates from files", *path, *words)
            for words in _NEW
            if (node := peer.find("authentication", *words))
        ]
    return lacks
