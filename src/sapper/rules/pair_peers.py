"""Which IKE connections of several texts are the two ends of one, so that what they must agree on can be compared.

Two ends are a pair if each names the other's address, or if one of them names the other's and the other one takes
anybody or sees another address (NAT, a dynamic address). Where more than one fits, none is taken for certain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sapper.config.tree import Source, Span
from sapper.kernel.connections import section_name
from sapper.kernel.plan import Child, Connection
from sapper.model.branch import first_span
from sapper.rules.ipsec_tree import rendered_peers
from sapper.rules.subject import Subject


class PeerEnd(NamedTuple):
    """One connection of one router; ``path`` and ``span`` are its peer's in ``source``."""

    connection: Connection
    source: Source
    path: str
    span: Span

    @property
    def label(self) -> str:
        """The peer and the file that it is in."""
        return f"{self.connection.title} of {self.source.path}"

    @property
    def children(self) -> tuple[Child, ...]:
        """Those that an SA belongs to."""
        return tuple(child for child in self.connection.children if child.mode != "pass")


def peer_ends(subject: Subject) -> tuple[PeerEnd, ...]:
    """The site-to-site connections of one text, in the Plan's order."""
    if subject.plan is None or not subject.plan.connections:
        return ()
    peers = {section_name(peer.name): peer for peer in rendered_peers(subject)}
    return tuple(
        PeerEnd(
            connection,
            subject.document.source,
            peers[connection.name].where,
            first_span(peers[connection.name].node),
        )
        for connection in subject.plan.connections
        if connection.name in peers
    )


def peer_pairs(files: Sequence[Sequence[PeerEnd]]) -> Iterator[tuple[int, PeerEnd, PeerEnd]]:
    """For every end that has exactly one partner in another file: the file's number, the end, the partner."""
    everybody = [(number, end) for number, ends in enumerate(files) for end in ends]
    by_local: dict[object, list[tuple[int, PeerEnd]]] = {}
    by_remote: dict[object, list[tuple[int, PeerEnd]]] = {}
    for number, end in everybody:
        for address in end.connection.local_addrs:
            by_local.setdefault(address, []).append((number, end))
        for address in end.connection.remote_addrs:
            by_remote.setdefault(address, []).append((number, end))
    partners = {
        (number, end.connection.name): _partners(number, end, by_local, by_remote) for number, end in everybody
    }
    for number, end in everybody:
        found = partners[number, end.connection.name]
        if len(found) == 1:
            other, far = found[0]
            back = partners[other, far.connection.name]
            if len(back) == 1 and back[0] == (number, end):
                yield number, end, far


def _partners(
    number: int,
    end: PeerEnd,
    by_local: dict[object, list[tuple[int, PeerEnd]]],
    by_remote: dict[object, list[tuple[int, PeerEnd]]],
) -> list[tuple[int, PeerEnd]]:
    here = end.connection
    called = [pair for address in here.remote_addrs for pair in by_local.get(address, ()) if pair[0] != number]
    exact = [pair for pair in called if set(pair[1].connection.remote_addrs) & set(here.local_addrs)]
    if exact:
        return exact
    if called:
        return called
    return [pair for address in here.local_addrs for pair in by_remote.get(address, ()) if pair[0] != number]


def hidden(near: PeerEnd, far: PeerEnd) -> bool:
    """Whether the far end sees another address than this end has, or does not know any: NAT, or a dynamic address."""
    return not set(near.connection.local_addrs) & set(far.connection.remote_addrs)
