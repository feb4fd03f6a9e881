"""CFG346: WireGuard without something that it needs.

The kernel would take most of it: an interface without peers, a peer without allowed-ips. Until 1.3 the private key
is in a file, ``default`` where none is named, so a text of that age lacks nothing. Source: VyOS' rules of
``interfaces wireguard`` and its interfaces step 25-to-26. The key itself is never looked at here.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch, first_span
from sapper.rules.example import without
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_WIREGUARD = """\
set interfaces wireguard wg0 address 10.0.0.1/30
set interfaces wireguard wg0 private-key 'dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqwXf7pR25LCo='
set interfaces wireguard wg0 peer west address 203.0.113.20
set interfaces wireguard wg0 peer west port 51820
set interfaces wireguard wg0 peer west allowed-ips 10.2.0.0/16
set interfaces wireguard wg0 peer west public-key '3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08='
"""

RULE = Rule(
    code="CFG346",
    title="WireGuard without something that it needs",
    severity="error",
    why=(
        "VyOS refuses a WireGuard interface without private-key or without peers, and a peer without public-key or "
        "allowed-ips, or with only one of address and port."
    ),
    bad=without(_WIREGUARD, "west port"),
    good=_WIREGUARD,
)

_FIRST_WITH_KEYS = 26
"""The number of the interfaces component from which on the text holds the key itself."""


def find(subject: Subject) -> Iterator[Finding]:
    key_in_file = _key_is_in_a_file(subject)
    for wireguard in subject.top.each("interfaces", "wireguard"):
        if not wireguard.has("private-key") and not key_in_file:
            message = f"{wireguard.name} has no private-key: VyOS refuses it"
            yield RULE.finding(message, wireguard.where, first_span(wireguard.node))
        if not any(wireguard.each("peer")):
            message = f"{wireguard.name} has no peer: VyOS refuses it"
            yield RULE.finding(message, wireguard.where, first_span(wireguard.node))
        for peer in wireguard.each("peer"):
            yield from _peer(wireguard, peer)


def _key_is_in_a_file(subject: Subject) -> bool:
    number = subject.document.components.get("interfaces")
    return subject.generation < "1.4" if number is None else number < _FIRST_WITH_KEYS


def _peer(wireguard: Branch, peer: Branch) -> Iterator[Finding]:
    name = f"peer {peer.name} of {wireguard.name}"
    for word in ("public-key", "allowed-ips"):
        if not peer.has(word):
            yield RULE.finding(f"{name} has no {word}: VyOS refuses it", peer.where, first_span(peer.node))
    for word, other in (("address", "port"), ("port", "address")):
        if peer.has(word) and not peer.has(other):
            message = f"{name} has {word} and no {other}: VyOS refuses it; both or none"
            yield RULE.finding(message, peer.where, first_span(peer.node))
