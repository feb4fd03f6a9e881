"""What carries a tunnel on this router, in the tree's words: its peer, the peer's tunnel numbers, its ESP group."""

from __future__ import annotations

from typing import NamedTuple

from sapper.config.edit import Change, SetValue
from sapper.fix.proposal import Impossible
from sapper.kernel.connections import section_name
from sapper.kernel.ends import ends_of
from sapper.kernel.plan import Child, Connection, Link
from sapper.model.branch import Branch
from sapper.proof.properties.protected import Entry, child_protects
from sapper.proof.states.effective import local_selectors, remote_selectors
from sapper.rules.ipsec_tree import esp_group, peers
from sapper.rules.subject import Subject


class Carrier(NamedTuple):
    """``numbers`` are the peer's tunnels whose children protect the entry."""

    peer: Branch
    numbers: tuple[str, ...]
    group: Branch


def carrier_of(subject: Subject, entry: Entry) -> Carrier:
    """The one peer that protects the entry. Raises Impossible."""
    if len(entry.connections) != 1 or entry.link is None:
        raise Impossible(f"{entry.name} is not protected by exactly one peer")
    connection = entry.connections[0]
    found = [
        peer for peer in peers(subject) if section_name(peer.name) == connection.name and not peer.has("disable")
    ]
    if len(found) != 1:
        raise Impossible(f"{entry.name} is protected by something else than a site-to-site peer")
    peer = found[0]
    titles = [child.title for child in connection.children if _carries(connection, child, entry.link)]
    numbers = tuple(tunnel.name for tunnel in peer.each("tunnel") if f"{peer.name} tunnel {tunnel.name}" in titles)
    if not numbers:
        # Selectors that miss the tunnel's far end (NAT, a mistake) are no other tunnel's where there is only one.
        only = [tunnel.name for tunnel in peer.each("tunnel") if not tunnel.has("disable")]
        numbers = tuple(only) if len(only) == 1 else ()
    if not numbers:
        raise Impossible(f"no tunnel of peer {peer.name} has selectors for {entry.name}")
    tunnel = peer.below("tunnel", numbers[0])
    group = esp_group(subject, peer, tunnel) if tunnel is not None else None
    if group is None:
        raise Impossible(f"peer {peer.name} has no ESP group")
    return Carrier(peer, numbers, group)


def _carries(connection: Connection, child: Child, link: Link) -> bool:
    """Whether the child's selectors hold both ends of the tunnel; one that holds a single end has other work, too."""
    ends = ends_of(link)
    if ends is None or not child_protects(connection, child, link):
        return False
    local, remote = local_selectors(connection, child), remote_selectors(connection, child)
    held = all(any(far in selector.prefix for selector in remote) for far in ends.remotes)
    return held and (ends.local is None or any(ends.local in selector.prefix for selector in local))


def tunnel_mode(subject: Subject, carrier: Carrier) -> list[Change]:
    """What makes the carrier's ESP group one of tunnel mode. Raises Impossible where others use it, too."""
    if carrier.group.text("mode") == "tunnel":
        return []
    name = carrier.group.name
    others = [peer.name for peer in peers(subject) if peer.name != carrier.peer.name and _uses(peer, name)]
    if others:
        raise Impossible(f"ESP group {name} is in transport mode, and peer {others[0]} uses it, too")
    return [SetValue((*carrier.group.path, "mode"), "tunnel")]


def _uses(peer: Branch, group: str) -> bool:
    named = [peer.in_force("default-esp-group"), peer.in_force("vti", "esp-group")]
    named += [tunnel.in_force("esp-group") for tunnel in peer.each("tunnel")]
    return any(node is not None and node.word == group for node in named)
