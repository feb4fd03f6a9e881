"""Which generation of VyOS' words a configuration is written in.

The version footer decides where there is one: component numbers first (a rolling release's name says little), the
release's name where they leave a choice. Without a footer the words themselves decide; the oldest word found wins,
because a fragment of mixed age was begun on the older system. A text without any telling word counts as 1.4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from sapper.config.tree import Document, Node

Generation = Literal["1.1", "1.2", "1.3", "1.4", "1.5"]
ReportedGeneration = Literal["1.2", "1.3", "1.4", "1.5"]

_RELEASE = re.compile(r"(?:VyOS[ -]?)?(1\.[1-5])(?![0-9])")
_DATED = re.compile(r"20(2[4-9]|[3-9][0-9])[.-]")
_ANY = "*"
_PEER = ("vpn", "ipsec", "site-to-site", "peer", _ANY)

UNTIL_1_2: tuple[tuple[str, ...], ...] = (
    ("interfaces", "tunnel", _ANY, "local-ip"),
    ("interfaces", "tunnel", _ANY, "remote-ip"),
    ("interfaces", "tunnel", _ANY, "encapsulation", "gre-bridge"),
    ("interfaces", "tunnel", _ANY, "parameters", "ip", "bridge-group"),
    ("interfaces", "l2tpv3", _ANY, "local-ip"),
    ("interfaces", "l2tpv3", _ANY, "remote-ip"),
    ("interfaces", _ANY, _ANY, "bridge-group"),
)
UNTIL_1_3: tuple[tuple[str, ...], ...] = (
    ("interfaces", "tunnel", _ANY, "dhcp-interface"),
    ("interfaces", "tunnel", _ANY, "multicast"),
    ("interfaces", _ANY, _ANY, "policy"),
    ("policy", "ipv6-route"),
    ("protocols", "static", "interface-route"),
    ("protocols", "static", "interface-route6"),
    ("vpn", "ipsec", "ipsec-interfaces"),
    ("vpn", "ipsec", "nat-traversal"),
    ("vpn", "ipsec", "esp-group", _ANY, "compression", _ANY),
    ("vpn", "ipsec", "ike-group", _ANY, "mobike"),
    ("vpn", "ipsec", "ike-group", _ANY, "ikev2-reauth", _ANY),
    ("vpn", "ipsec", "ike-group", _ANY, "dead-peer-detection", "action", "hold"),
    (*_PEER, "authentication", "pre-shared-secret"),
    (*_PEER, "authentication", "id"),
    (*_PEER, "force-encapsulation"),
)
IPSEC_FROM_1_4: tuple[tuple[str, ...], ...] = (
    ("vpn", "ipsec", "authentication", "psk"),
    (*_PEER, "remote-address"),
    (*_PEER, "authentication", "local-id"),
)
FIRST_NEW_IPSEC = 10
"""The version of the ipsec component that names peers freely and lost the defaults of IKEv1."""

_FROM_1_5: tuple[tuple[str, ...], ...] = ((*_PEER, "connection-type", "trap"),)


_FOOTERS: tuple[tuple[Generation, str], ...] = (
    ("1.1", "firewall@5:ipsec@4:nat@4:quagga@2"),
    ("1.2", "firewall@5:ipsec@5:l2tp@1:nat@4:quagga@7:system@10"),
    ("1.3", "firewall@5:interfaces@22:ipsec@5:l2tp@3:nat@5:quagga@8:system@21"),
    ("1.4", "firewall@15:interfaces@32:ipsec@13:l2tp@9:nat@8:policy@8:quagga@11:system@27:vrf@3"),
    ("1.5", "firewall@17:interfaces@33:ipsec@13:l2tp@9:nat@8:policy@8:quagga@11:system@27:vrf@3"),
)
COMPONENTS: dict[Generation, dict[str, int]] = {
    generation: {name: int(number) for name, _, number in (item.partition("@") for item in footer.split(":"))}
    for generation, footer in _FOOTERS
}
"""The component versions that a release writes into its footer, of the components that an upgrade step here is for.

1.5 rolling has ipsec 13 until late 2025 and 14 then; a file that says 13 is read by both.
"""


def component_versions(document: Document, generation: Generation) -> dict[str, int]:
    """The versions that a document's words have: its footer's, or those of its generation. An absent one is 0."""
    return document.components or COMPONENTS[generation]


def recognise_generation(document: Document) -> Generation:
    """The generation that the document was written for."""
    if document.components:
        return _from_components(document)
    if release := _named_release(document.release):
        return release
    root = document.root
    if any(has(root, words) for words in UNTIL_1_2):
        return "1.2"
    if any(has(root, words) for words in UNTIL_1_3) or _names_old_peer(root):
        return "1.3"
    return "1.5" if any(has(root, words) for words in _FROM_1_5) else "1.4"


def reported(generation: Generation) -> ReportedGeneration:
    """The name in documents for people and programs, which know no 1.1."""
    return "1.2" if generation == "1.1" else generation


def has_old_ipsec(document: Document, generation: Generation) -> bool:
    """True if the IPsec part follows the rules and defaults of 1.3 and before.

    A footer says so itself (a rolling release on its way to 1.4 has the old rules still); without one, a single new
    word makes the IPsec part new.
    """
    if document.components:
        return document.components.get("ipsec", 0) < FIRST_NEW_IPSEC
    return generation < "1.4" and not any(has(document.root, words) for words in IPSEC_FROM_1_4)


def old_peers(root: Node, old_ipsec: bool) -> Iterator[Node]:
    """The site-to-site peers that are named by their address or identity, as until 1.3.

    A name with a dot or a colon is one in any file; other words are names of peers only since 1.4.
    """
    peers = root.find("vpn", "ipsec", "site-to-site", "peer")
    for peer in peers.children.values() if peers else ():
        if (old_ipsec or "." in peer.word or ":" in peer.word) and peer.child("remote-address") is None:
            yield peer


def has(root: Node, words: tuple[str, ...]) -> bool:
    """True if a path of these words exists; ``*`` stands for any word."""
    level = [root]
    for word in words:
        below: list[Node] = []
        for node in level:
            if word == _ANY:
                below.extend(node.view.values())
            elif (child := node.look(word)) is not None:
                below.append(child)
        level = below
    return bool(level)


def _names_old_peer(root: Node) -> bool:
    if any(has(root, words) for words in IPSEC_FROM_1_4):
        return any(old_peers(root, old_ipsec=False))
    return any(
        peer.word.startswith("@") or peer.word == "any" or "." in peer.word or ":" in peer.word
        for peer in old_peers(root, old_ipsec=True)
    )


def _from_components(document: Document) -> Generation:
    numbers = document.components
    interfaces, ipsec = numbers.get("interfaces", 0), numbers.get("ipsec", 0)
    named = _named_release(document.release)
    if interfaces <= 9:
        return "1.1" if named == "1.1" or (named is None and numbers.get("quagga", 0) <= 2) else "1.2"
    if interfaces <= 24 and ipsec <= 5:
        return "1.3"
    if named == "1.4":
        return "1.4"
    return "1.5" if named == "1.5" or interfaces >= 33 or ipsec >= 14 else "1.4"


def _named_release(release: str | None) -> Generation | None:
    found = _RELEASE.match(release or "")
    if found is None:
        return "1.5" if _DATED.match(release or "") else None
    return _GENERATIONS[found[1]]


_GENERATIONS: dict[str, Generation] = {"1.1": "1.1", "1.2": "1.2", "1.3": "1.3", "1.4": "1.4", "1.5": "1.5"}
