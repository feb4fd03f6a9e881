"""Certificates and RSA keys moved from files to the PKI: VyOS' ipsec steps 6-to-7 and 7-to-8.

That needs the files themselves, which a configuration only names; the words are kept, and named.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import tags
from sapper.config.upgrade.step import Note, Written

_X509 = ("cert-file", "ca-cert-file", "crl-file")
_MESSAGE = "the PKI of 1.4 needs the key itself, which is not in this text; kept as it is"


def apply(root: Node, written: Written) -> list[Note]:
    notes: list[Note] = []
    for peer in tags(root, "vpn", "ipsec", "site-to-site", "peer"):
        path = ("vpn", "ipsec", "site-to-site", "peer", peer.word, "authentication")
        authentication = peer.child("authentication")
        x509 = authentication.child("x509") if authentication else None
        if x509 is not None:
            found = [x509.children[word] for word in _X509 if word in x509.children]
            if key := x509.find("key", "file"):
                found.append(key)
            notes += [Note("", _MESSAGE, node.span, (*path, "x509", node.word)) for node in found]
        if authentication and (name := authentication.child("rsa-key-name")):
            notes.append(Note("", _MESSAGE, name.span, (*path, name.word)))
    keys = root.find("vpn", "rsa-keys")
    if keys is not None:
        notes.append(Note("", _MESSAGE, keys.span, ("vpn", "rsa-keys")))
    return notes
