"""Which tunnels of several texts are the two ends of one, so that their sizes can be compared.

Two ends are a pair if they are of one kind and each names the other's address as its far end; GRE by its key and
L2TPv3 by its sessions too, a VXLAN by its VNI. A VTI has the addresses of the connection that is bound to it. An end
whose address is not written (DHCP) or seen as another (NAT) has no partner, and where more than two fit, none is
taken for certain: both are left alone. Linear in the number of tunnels.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sapper.address import Address
from sapper.config.tree import Source, Span
from sapper.kernel.plan import Connection, Link, Plan
from sapper.rules.sized import Sized, sized
from sapper.rules.sized_place import value_place
from sapper.rules.subject import Subject

Mark = tuple[object, ...]


class End(NamedTuple):
    """A tunnel with a size. ``near`` and ``far`` are alike, so that a partner's ``near`` is this one's ``far``.

    ``span`` is the MTU's in ``source``, or the tunnel's where ``is_written`` is False.
    """

    tunnel: Sized
    source: Source
    span: Span
    is_written: bool
    near: Mark
    far: Mark

    @property
    def label(self) -> str:
        """The tunnel and the file that it is in."""
        return f"{self.tunnel.name} of {self.source.path}"


def ends_of(subject: Subject) -> tuple[End, ...]:
    """The tunnels of one text whose two addresses are known, in the Plan's order."""
    bound = _bound(subject.plan) if subject.plan is not None else {}
    found = []
    for tunnel in sized(subject):
        marks = _marks(tunnel.link, bound)
        if marks is not None:
            span, is_written = value_place(subject, tunnel.origin.path, "mtu")
            found.append(End(tunnel, subject.document.source, span, is_written, *marks))
    return tuple(found)


def pairs(files: Sequence[Sequence[End]]) -> Iterator[tuple[int, End, End]]:
    """For every end that has exactly one partner, in another file: the file's number, the end, the partner."""
    there: dict[Mark, list[tuple[int, End]]] = defaultdict(list)
    for number, ends in enumerate(files):
        for end in ends:
            there[end.near].append((number, end))
    for number, ends in enumerate(files):
        for end in ends:
            partners = there.get(end.far, ())
            if len(partners) == 1 and len(there[end.near]) == 1 and partners[0][0] != number:
                yield number, end, partners[0][1]


def _bound(plan: Plan) -> dict[int, Connection]:
    """The first connection of each XFRM interface, as the sizes take it."""
    found: dict[int, Connection] = {}
    for connection in plan.connections:
        for child in connection.children:
            if child.if_id is not None and child.esp_proposals:
                found.setdefault(child.if_id, connection)
    return found


def _marks(link: Link, bound: dict[int, Connection]) -> tuple[Mark, Mark] | None:
    if link.encapsulating is not None:
        outer = link.encapsulating
        return _between(outer.local, outer.remote, (link.kind, outer.key), (link.kind, outer.key))
    if link.vxlan is not None:
        head, remotes = link.vxlan, link.vxlan.remotes
        alone = remotes[0] if len(remotes) == 1 else None
        return _between(head.local, alone, ("vxlan", head.vni), ("vxlan", head.vni))
    if link.l2tp is not None:
        session = link.l2tp
        own, other = (session.tunnel_id, session.session_id), (session.peer_tunnel_id, session.peer_session_id)
        return _between(session.local, session.remote, ("l2tp", own, other), ("l2tp", other, own))
    connection = bound.get(link.if_id) if link.if_id is not None else None
    if connection is None or len(connection.local_addrs) != 1 or len(connection.remote_addrs) != 1:
        return None
    return _between(connection.local_addrs[0], connection.remote_addrs[0], ("xfrm",), ("xfrm",))


def _between(local: Address | None, remote: Address | None, near: Mark, far: Mark) -> tuple[Mark, Mark] | None:
    if local is None or remote is None or local.is_unspecified or remote.is_unspecified or local == remote:
        return None
    return (local, remote, *near), (remote, local, *far)
