"""CFG362: a peer that authenticates by certificate or RSA key, and something of it is not there.

Names are looked up only where the text has a ``pki`` section or is a whole router. Until 1.3 keys and certificates
were files, which no text shows. Source: the rules of VyOS' vpn_ipsec for x509 and rsa.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.config.tree import Node
from sapper.model.branch import Branch, first_span
from sapper.rules.example import PEER, instead, without
from sapper.rules.finding import Finding
from sapper.rules.fragment import is_whole
from sapper.rules.ipsec_tree import is_old, peers
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_WEST = "set vpn ipsec site-to-site peer west authentication rsa"
_RSA = (
    instead(without(PEER, "psk"), "mode pre-shared-secret", "mode rsa")
    + f"{_WEST} local-key EAST\n{_WEST} remote-key WEST\nset pki key-pair WEST public key MIIBIjANBg==\n"
)

RULE = Rule(
    code="CFG362",
    title="a peer whose key or certificate is not there",
    severity="error",
    why=(
        "VyOS refuses the commit. x509 needs a certificate with its private key and at least one ca-certificate, "
        "rsa a local-key with a private and a remote-key with a public key, all of them defined under pki."
    ),
    bad=_RSA,
    good=_RSA + "set pki key-pair EAST private key MIIEvQIBAD==\n",
)

_NEEDED = {"x509": ("certificate", "ca-certificate"), "rsa": ("local-key", "remote-key")}
_KEPT = {
    "certificate": ("certificate", (("certificate",), ("private", "key"))),
    "ca-certificate": ("ca", (("certificate",),)),
    "local-key": ("key-pair", (("private", "key"),)),
    "remote-key": ("key-pair", (("public", "key"),)),
}


def find(subject: Subject) -> Iterator[Finding]:
    if is_old(subject):
        return
    store = subject.top.below("pki")
    look_up = store is not None or is_whole(subject.top)
    for peer in peers(subject):
        mode = peer.in_force("authentication", "mode")
        words = _NEEDED.get(mode.word) if mode is not None else None
        if mode is None or words is None:
            continue
        yield from _not_named(peer, mode, words)
        for word in words if look_up else ():
            for value in peer.texts("authentication", mode.word, word):
                wrong = _not_kept(store, word, value.word)
                if wrong:
                    path = f"{peer.where} authentication {mode.word} {word}"
                    yield RULE.finding(f"{wrong}: VyOS refuses it", path, value.span)


def _not_named(peer: Branch, mode: Node, words: tuple[str, ...]) -> Iterator[Finding]:
    missing = [word for word in words if not peer.texts("authentication", mode.word, word)]
    if missing:
        named = peer.below("authentication", mode.word)
        path = named.where if named is not None else f"{peer.where} authentication mode"
        span = first_span(named.node) if named is not None else mode.span
        message = f"authentication mode {mode.word} without {' and '.join(missing)}: VyOS refuses it"
        yield RULE.finding(message, path, span)


def _not_kept(store: Branch | None, word: str, name: str) -> str | None:
    """What of the named thing is missing under pki; never a value of it."""
    kind, needed = _KEPT[word]
    kept = store.below(kind, name) if store is not None else None
    if kept is None:
        return f"there is no pki {kind} {name}"
    missing = [" ".join(path) for path in needed if not kept.texts(*path)]
    return f"pki {kind} {name} has no {' and no '.join(missing)}" if missing else None
