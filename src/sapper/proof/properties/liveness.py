"""Liveness: with the SA up and the network undisturbed, the tunnel works.

What is handed to it leaves in ESP for its peer, by an interface that leads out: its selectors cover the encapsulation
that is really used, no route leads it into itself, NAT takes nothing out of its policy, the families fit. An inbound
policy is the outbound one with its sides exchanged (child_sa.c), so what they let out they let in; and a completed Plan
has the address that answers go to.

All of it is asked of one single situation, :func:`up_in`. The cases are in :mod:`sapper.proof.properties.liveness_cases`, the
verdict and its assumptions in :mod:`sapper.proof.properties.liveness_verdict`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from sapper.address import Address, Prefix
from sapper.kernel.links import record_of
from sapper.kernel.plan import Child, Connection, Link, Plan
from sapper.proof.facts.packet import Packet
from sapper.proof.properties.liveness_cases import cases_of
from sapper.proof.properties.protected import Entry
from sapper.proof.properties.question import Case, Question
from sapper.proof.states.effective import Kernel, remote_selectors
from sapper.proof.states.lifecycle import TABLE
from sapper.proof.states.situation import Situation, raised_sets
from sapper.proof.walk.policy import outbound
from sapper.proof.walk.walk import End, hand_to_device, walk

UP = next(row for row in TABLE if row.state == "up")
DISABLED = "it is disabled"
LEADS_OUT = frozenset({"ethernet", "vlan", "bridge", "pppoe"})
_NOTHING = Packet(source=None, destination=Address(4, 0), protocol=0)


class Terms(NamedTuple):
    """What an entry's packets must meet. ``own`` are its children, ``peers`` their far ends.

    ``misaddressed`` are children in transport mode for packets that are not between the two peers.
    """

    device: Link | None
    own: frozenset[str]
    peers: frozenset[Address]
    misaddressed: frozenset[str]
    owner: Callable[[str], Connection | None]

    def is_mine(self, seals: tuple[str, ...]) -> bool:
        """Whether the entry's own packets were encrypted for its own peer."""
        if not seals or seals[0] in self.own:
            return bool(seals)
        connection = self.owner(seals[0])
        return connection is not None and not self.peers.isdisjoint(connection.remote_addrs)


def terms_of(entry: Entry, owner: Callable[[str], Connection | None]) -> Terms:
    """The terms of an entry; ``owner`` finds the connection of a child by its name."""
    owners = _owners(entry)
    children = [(connection, child) for connection in owners for child in connection.children]
    return Terms(
        device=entry.link,
        own=frozenset(child.name for _, child in children if _is_own(entry, child)),
        peers=frozenset(address for connection in owners for address in connection.remote_addrs),
        misaddressed=frozenset(child.name for owner, child in children if _is_misaddressed(entry, owner, child)),
        owner=owner,
    )


def _owners(entry: Entry) -> tuple[Connection, ...]:
    """Its connections; where the tunnel's far end is somebody's peer itself, nobody else leads there."""
    wrapping = entry.link.encapsulating if entry.link is not None else None
    if wrapping is None:
        return entry.connections
    exact = tuple(connection for connection in entry.connections if wrapping.remote in connection.remote_addrs)
    return exact or entry.connections


def _is_own(entry: Entry, child: Child) -> bool:
    return child.mode != "pass" and (entry.link is not None or child.title == entry.name)


def _is_misaddressed(entry: Entry, connection: Connection, child: Child) -> bool:
    """Transport mode keeps the packet's addresses, and the SA's are the peers': charon takes another mode, or none."""
    if child.mode != "transport" or not connection.remote_addrs:
        return False
    wrapping = entry.link.encapsulating if entry.link is not None else None
    if wrapping is not None:
        return wrapping.remote not in connection.remote_addrs
    hosts = [Prefix.host(address) for address in connection.remote_addrs]
    return any(selector.prefix not in hosts for selector in remote_selectors(connection, child))


def up_in(plan: Plan) -> Situation:
    """Every SA up, every VTI raised, the network undisturbed."""
    return Situation(UP, next(raised_sets(plan, UP)))


def own_part(entry: Entry) -> Situation:
    """What of that situation the entry itself has a part in."""
    link = entry.link
    return Situation(UP, frozenset({link.name}) if link is not None and link.raised_by else frozenset())


def question(plan: Plan, entry: Entry) -> Question:
    """What liveness asks of an entry of a completed Plan; only the situation of :func:`up_in` answers it."""
    owners = {child.name: connection for connection in plan.connections for child in connection.children}
    reason = not_asked(entry)
    return asked_with(terms_of(entry, owners.get), () if reason else tuple(cases_of(plan, entry)), reason)


def not_asked(entry: Entry) -> str | None:
    """Why the property asks nothing of that entry, None if it does."""
    link = entry.link
    return DISABLED if link is not None and not link.up and not link.raised_by else None


def asked_with(terms: Terms, cases: tuple[Case, ...] = (), not_applicable: str | None = None) -> Question:
    """The question with these terms and cases."""
    return Question(
        property="liveness",
        cases=cases,
        ends=lambda kernel, case: tuple(_with_doubts(terms, end) for end in _ends(kernel, case)),
        refutes=lambda kernel, end: _refutes(terms, kernel, end),
        not_applicable=not_applicable,
    )


def _ends(kernel: Kernel, case: Case) -> Iterator[End]:
    """Every end of the packet; of one that the device is not meant for, that it gets lost."""
    device = case.device
    if device is None:
        yield from walk(kernel, case.packet) if case.packet is not None else ()
        return
    lost = End(kind="dropped", packet=case.packet or _NOTHING, trace=(), devices=(device.name,))
    if device.name not in kernel.up:
        yield msgspec.structs.replace(lost, trace=(f"{device.name} is down",))
        return
    if not carries(device, case):
        line = f"{device.name} is not meant for IPv{case.packet.family if case.packet else 0}: it does not arrive"
        yield msgspec.structs.replace(lost, trace=(line,))
        return
    yield from hand_to_device(kernel, device, case.packet)


def carries(device: Link, case: Case) -> bool:
    """Whether the device is meant for that packet's family; sit sends the other one, too, and its far end drops it."""
    record = record_of(device) if device.encapsulating is not None else None
    return record is None or case.packet is None or record.carries(case.packet.family)


def own_end(device: Link) -> Address | None:
    """The address that answers go to, where the device names it."""
    local = device.encapsulating.local if device.encapsulating is not None else None
    return None if local is None or local.is_unspecified else local


def _with_doubts(terms: Terms, end: End) -> End:
    doubts = doubts_of(terms, end.kind, end.link, end.seals)
    return msgspec.structs.replace(end, kind="unknown", doubts=(*end.doubts, *doubts)) if doubts else end


def doubts_of(terms: Terms, kind: str, link: str | None, seals: tuple[str, ...]) -> tuple[str, ...]:
    """What the walk does not follow, and what decides whether a packet on a wire arrives."""
    if kind != "wire":
        return ()
    doubts = [
        f"{name}: transport mode for packets that are not between the two peers"
        for name in seals[:1]
        if name in terms.misaddressed
    ]
    device = terms.device
    bound = device.encapsulating.link if device is not None and device.encapsulating is not None else None
    if device is not None and device.kind == "sit" and bound not in (None, link):
        # Source: ipip6_tunnel_lookup in net/ipv6/sit.c.
        doubts.append(f"{device.name} takes only what comes in by {bound}, and its packets leave by {link}")
    return tuple(doubts)


def _refutes(terms: Terms, kernel: Kernel, end: End) -> bool:
    rivals = outbound(kernel, end.packet) if end.kind == "wire" and not end.seals else ()
    passing = any(policy is not None and policy.mode == "pass" for policy in rivals)
    return fails(
        terms, end.kind, kernel.links.get(end.link or ""), end.seals, passing=passing, hidden=end.packet.protected
    )


def fails(
    terms: Terms, kind: str, link: Link | None, seals: tuple[str, ...], *, passing: bool, hidden: bool
) -> bool:
    """Whether packets that came to that end did not get through. ``passing``: a bypass policy let them go in clear.

    ``hidden``: nobody can read their content, which is all that is asked of WireGuard. What another connection takes of
    a plain connection's flows is that one's business.
    """
    device = terms.device
    if kind == "delivered":
        return device is not None
    if kind != "wire":
        return kind == "dropped"
    if link is None or link.kind not in LEADS_OUT:
        return True
    if device is None:
        return not seals and not passing
    return not hidden if device.wireguard is not None else not terms.is_mine(seals)
