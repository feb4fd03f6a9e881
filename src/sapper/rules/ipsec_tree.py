"""The IPsec part of the tree, as the rules about it walk it: peers, the groups they name, and what VyOS renders.

VyOS verifies disabled peers and tunnels too, and renders only enabled ones: a rule about a refusal asks
:func:`peers`, one about what becomes of the words asks :func:`rendered_peers`. Everything is one look-up for each
name, so that a rule stays linear in the size of the configuration.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.address import Address, Prefix
from sapper.config.generation import has_old_ipsec
from sapper.config.tree import Node
from sapper.model.branch import Branch
from sapper.rules.finding import Severity
from sapper.rules.subject import Subject

IPSEC = ("vpn", "ipsec")
PEERS = (*IPSEC, "site-to-site", "peer")
ANYBODY = frozenset({"any", "%any", "0.0.0.0", "::"})


def peers(subject: Subject) -> Iterator[Branch]:
    """All site-to-site peers in order of writing."""
    yield from subject.top.each(*PEERS)


def rendered_peers(subject: Subject) -> Iterator[Branch]:
    """The peers that VyOS hands to the IKE daemon."""
    return (peer for peer in peers(subject) if not peer.has("disable"))


def rendered_tunnels(peer: Branch) -> Iterator[Branch]:
    """The tunnels of a peer that become child SAs."""
    return (tunnel for tunnel in peer.each("tunnel") if not tunnel.has("disable"))


def is_old(subject: Subject) -> bool:
    """True if the IPsec part was written for 1.3 or before, whose script verified more."""
    return has_old_ipsec(subject.document, subject.upgraded.generation)


def refused_when(old: bool) -> tuple[Severity, str]:
    """For what VyOS refuses until 1.3 and takes since: the severity, and the words for a message."""
    return ("error", "VyOS refuses it") if old else ("warning", "VyOS takes it")


def esp_group(subject: Subject, peer: Branch, child: Branch) -> Branch | None:
    """The ESP group of a tunnel or VTI: its own, else the peer's; None if that is not defined."""
    named = child.in_force("esp-group") or peer.in_force("default-esp-group")
    return subject.top.below(*IPSEC, "esp-group", named.word) if named is not None else None


def ike_group(subject: Subject, peer: Branch) -> Branch | None:
    named = peer.in_force("ike-group")
    return subject.top.below(*IPSEC, "ike-group", named.word) if named is not None else None


def esp_mode(subject: Subject, peer: Branch, child: Branch) -> str | None:
    """``tunnel`` or ``transport``; None if the group is not defined."""
    group = esp_group(subject, peer, child)
    return group.text("mode") if group is not None else None


def may_be_anybody(peer: Branch) -> bool:
    """True if the remote address is any, which one ``any`` among several is enough for."""
    remotes = peer.texts("remote-address")
    return not remotes or any(remote.word in ANYBODY for remote in remotes)


def proposals(group: Branch) -> list[Branch]:
    """In ascending order of their numbers, which is the order in which they are offered."""
    return sorted(group.each("proposal"), key=lambda proposal: (len(proposal.name), proposal.name))


def address(text: str | None) -> Address | None:
    """None for what is no address."""
    try:
        return Address.parse(text or "")
    except ValueError:
        return None


def prefixes(tunnel: Branch, side: str) -> list[tuple[Node, Prefix]]:
    """The networks of one side (``local`` or ``remote``); ``any`` is every IPv4 address, what is none is left out."""
    found = []
    for value in tunnel.texts(side, "prefix"):
        try:
            found.append((value, Prefix.parse("0.0.0.0/0" if value.word == "any" else value.word)))
        except ValueError:
            continue
    return found
