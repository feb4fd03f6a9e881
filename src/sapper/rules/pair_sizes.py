"""Which tunnels of several texts are the two ends of one, so that their sizes can be compared.

Two ends are a pair if they are of one kind and each names the other's address as its far end; GRE by its key and
L2TPv3 by its sessions too, a VXLAN and a GENEVE by its VNI. An end that names no address of its own has the one of the
interface that it is bound to, or that its packets leave by, if that has one only. A VTI has the addresses of the
connection that is bound to it; WireGuard goes by keys alone, with each peer. An end whose address is not written
(DHCP) or seen as another (NAT) has no partner, and where more than two fit, none is taken for certain: both are left
alone. Linear in the number of tunnels.
"""

from __future__ import annotations

from base64 import b64decode
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sapper.address import Address, Prefix
from sapper.config.tree import Source, Span
from sapper.kernel.plan import Connection, L2tpSession, Link, Plan, WireguardDevice
from sapper.rules.curve25519 import public_key
from sapper.rules.sized import Sized, sized
from sapper.rules.sized_place import value_place
from sapper.rules.subject import Subject

Mark = tuple[object, ...]
_LINK_LOCAL = Prefix.parse("fe80::/10")


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
    """The tunnels of one text whose two ends are known, in the Plan's order; a WireGuard device once for each peer."""
    plan = subject.plan
    if plan is None:
        return ()
    bound, links = _bound(plan), {link.name: link for link in plan.links}
    found = []
    for tunnel in sized(subject):
        for marks in _marks(tunnel, links, bound):
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


def _marks(tunnel: Sized, links: Mapping[str, Link], bound: dict[int, Connection]) -> Iterator[tuple[Mark, Mark]]:
    link = tunnel.link
    if link.wireguard is not None:
        yield from _keys(link.wireguard)
        return
    marks = _of_session(link.l2tp) if link.l2tp is not None else _of_header(tunnel, links)
    connection = bound.get(link.if_id) if link.if_id is not None else None
    if connection is not None and len(connection.local_addrs) == 1 == len(connection.remote_addrs):
        marks = _between(connection.local_addrs[0], connection.remote_addrs[0], ("xfrm",), ("xfrm",))
    if marks is not None:
        yield marks


def _keys(device: WireguardDevice) -> Iterator[tuple[Mark, Mark]]:
    """By public keys. Those of the far ends are written, this end's follows from its private key."""
    try:
        own = public_key(b64decode(device.private_key.reveal(), validate=True)) if device.private_key else None
        others = [b64decode(peer.public_key, validate=True) for peer in device.peers]
    except ValueError:
        return
    for other in others if own is not None else ():
        yield ("wireguard", own, other), ("wireguard", other, own)


def _of_header(tunnel: Sized, links: Mapping[str, Link]) -> tuple[Mark, Mark] | None:
    """A tunnel that has one far end, with the address that its packets have where it names none."""
    link = tunnel.link
    mark: Mark
    if link.encapsulating is not None:
        outer = link.encapsulating
        local, remote, below, mark = outer.local, outer.remote, outer.link, (link.kind, outer.key)
    elif link.vxlan is not None:
        head, remotes = link.vxlan, link.vxlan.remotes
        alone = remotes[0] if len(remotes) == 1 else None
        local, remote, below, mark = head.local, alone, head.link, ("vxlan", head.vni)
    elif link.geneve is not None:
        local, remote, below, mark = None, link.geneve.remote, None, ("geneve", link.geneve.vni)
    else:
        return None
    if remote is not None and (local is None or local.is_unspecified):
        local = _only_address(links.get(below or tunnel.sizes.underlay or ""), remote.family)
    return _between(local, remote, mark, mark)


def _only_address(link: Link | None, family: int) -> Address | None:
    """The address that packets leave with, where there is no choice."""
    if link is None or link.dynamic:
        return None
    addresses = (item.address for item in link.addresses)
    found = [address for address in addresses if address.family == family and address not in _LINK_LOCAL]
    return found[0] if len(found) == 1 else None


def _of_session(session: L2tpSession) -> tuple[Mark, Mark] | None:
    own, other = (session.tunnel_id, session.session_id), (session.peer_tunnel_id, session.peer_session_id)
    return _between(session.local, session.remote, ("l2tp", own, other), ("l2tp", other, own))


def _between(local: Address | None, remote: Address | None, near: Mark, far: Mark) -> tuple[Mark, Mark] | None:
    if local is None or remote is None or local.is_unspecified or remote.is_unspecified or local == remote:
        return None
    return (local, remote, *near), (remote, local, *far)
