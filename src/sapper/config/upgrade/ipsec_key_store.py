"""Pre-shared keys moved from the peers to one store, found by identity: VyOS' ipsec step 10-to-11."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, tags, take, write, write_value
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    for peer in tags(root, "vpn", "ipsec", "site-to-site", "peer"):
        authentication = peer.child("authentication")
        secret = take(authentication, "pre-shared-secret") if authentication else None
        if authentication is None or secret is None:
            continue
        entry = write(root, "vpn", "ipsec", "authentication", "psk", peer.word, of=secret)
        identities = [*tags(authentication, "local-id"), *tags(authentication, "remote-id")]
        for value in [*identities, *tags(peer, "local-address")]:
            write_value(entry, "id", value)
        for value in tags(peer, "remote-address"):
            write_value(entry, "id", _identity(value))
        for value in tags(peer, "dhcp-interface"):
            write_value(entry, "dhcp-interface", value)
        move(secret, entry, "secret")
    return []


def _identity(address: Node) -> Node:
    if address.word != "any":
        return address
    anyone = Node("%any", address.spans)
    anyone.extent = address.extent
    return anyone
