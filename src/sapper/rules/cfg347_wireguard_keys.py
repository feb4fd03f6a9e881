"""CFG347: a WireGuard public key that is used twice, or that is the interface's own.

No key is repeated in a message. Up to 1.3 ``private-key`` names a file; such a name is passed over. Source: VyOS'
rules of ``interfaces wireguard``; wg(8): a peer is its public key.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from sapper.model.branch import Branch
from sapper.rules.curve25519 import LENGTH_BYTES, public_key
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_WIREGUARD = """\
set interfaces wireguard wg0 address 10.0.0.1/30
set interfaces wireguard wg0 private-key 'XasIfmJKikt54X+Lg4AO5m87sSkmGLb9HC+LJ/+I4Os='
set interfaces wireguard wg0 peer west allowed-ips 10.2.0.0/16
set interfaces wireguard wg0 peer west public-key 'KVPpfcoSKfl8YAvsLBf+6qs1zkvt9msdQvFqRJ3FwF8='
"""

RULE = Rule(
    code="CFG347",
    title="a WireGuard public key that is used twice",
    severity="error",
    why=(
        "VyOS refuses two peers of an interface with one public key: the kernel knows a peer by its key and would "
        "make one of the two. It also refuses an enabled peer with the interface's own key, which is what one gets "
        "by copying the wrong line."
    ),
    bad=_WIREGUARD.replace(
        "KVPpfcoSKfl8YAvsLBf+6qs1zkvt9msdQvFqRJ3FwF8=", "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08="
    ),
    good=_WIREGUARD,
)


def find(subject: Subject) -> Iterator[Finding]:
    for wireguard in subject.top.each("interfaces", "wireguard"):
        own = _own_key(wireguard) if wireguard.has("peer") else None
        first: dict[str, str] = {}
        for peer in wireguard.each("peer"):
            key = peer.in_force("public-key")
            if key is None:
                continue
            path = f"{peer.where} public-key"
            other = first.setdefault(key.word, peer.name)
            if other != peer.name:
                message = f"peers {other} and {peer.name} of {wireguard.name} have one public key: VyOS refuses it"
                yield RULE.finding(message, path, key.span)
            if own is not None and _bytes(key.word) == own and not peer.has("disable"):
                message = f"peer {peer.name} has the public key of {wireguard.name} itself: VyOS refuses it"
                yield RULE.finding(message, path, key.span)


def _own_key(wireguard: Branch) -> bytes | None:
    private = wireguard.in_force("private-key")
    decoded = _bytes(private.word) if private is not None else None
    return public_key(decoded) if decoded is not None else None


def _bytes(text: str) -> bytes | None:
    """A key of the right length, or None."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded if len(decoded) == LENGTH_BYTES else None
