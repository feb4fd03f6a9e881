"""Which flow each captured packet belongs to, what was dropped, and which clear packets were on no wire at all.

Certain: a clear packet's flow, by the token in it; an ESP packet's SA, by its SPI. Inferred: an ESP packet's flow. No
key leaves the guest, so it is not decrypted; a router sends in the order in which packets come to it, and the lab
knows when each came: those of a LAN host by the capture there, the router's own by the time of sending. An ESP packet
is given to the packet that entered last in this order and has not left yet. Where a flow's ESP packets differ in
length, the odd ones are somebody else's (a routing protocol's), and are given to nobody.

Linux shows a packet that was decrypted in tunnel mode to the capture of the interface once more, as if it had come in
clear. Such an ``echo`` is recognised by this: no node put it on a wire in clear.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from sapper.lab.classify import Ticket, kind_of, ticket_of, token_of
from sapper.lab.dissect import Dissected, dissect
from sapper.lab.result import CapturedFrame, Flow, LabRun, Observed, PacketKind, Sending

Basis = Literal["content", "order"]
ENCRYPTED: frozenset[PacketKind] = frozenset({"esp", "esp-in-udp", "wireguard"})
CLEAR: frozenset[PacketKind] = frozenset({"clear-outer", "clear-inner"})
FORGED = "sapper:forged:"
TRANSIT_S = 0.06  # the lab leaves more than that between the flows of two tunnels


class SeenPacket(msgspec.Struct, frozen=True, kw_only=True):
    """A captured frame, and whose it is. ``flow`` is a token; its ``basis`` says how it is known.

    ``content`` is certain, ``order`` is inferred. An ``echo`` was on no wire.
    """

    frame: CapturedFrame
    dissected: Dissected
    kind: PacketKind
    flow: str | None = None
    basis: Basis | None = None
    ticket: Ticket | None = None
    echo: bool = False


class Dropped(msgspec.Struct, frozen=True):
    """A packet that came to a router, or was sent by it, and left it in no form."""

    router: str
    flow: str
    time_s: float


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Every packet of one situation in order of time, and what was dropped."""

    packets: tuple[SeenPacket, ...]
    dropped: tuple[Dropped, ...]


def account(
    frames: Iterable[CapturedFrame],
    flows: Sequence[Flow] = (),
    sent: Sequence[Sending] = (),
    routers: Iterable[str] = (),
) -> Account:
    """The account of one situation; ``routers`` are the nodes that encrypt. Frames of one capture are in order."""
    packets = [_read(frame) for frame in sorted(frames, key=lambda frame: frame.time_s)]
    packets = _with_echoes(packets, frozenset(routers))
    book = _Book(packets, {flow.token: flow for flow in flows}, sent, frozenset(routers))
    owners = _without_odd_lengths(book.owners, book.lengths)
    return Account(
        packets=tuple(_owned(packet, owners) for packet in packets),
        dropped=tuple(sorted(book.dropped(), key=lambda entry: entry.time_s)),
    )


def _read(frame: CapturedFrame) -> SeenPacket:
    dissected = dissect(frame.frame)
    kind = kind_of(frame.frame, dissected)
    ticket = ticket_of(dissected)
    token = token_of(frame.frame) if ticket is None else None
    return SeenPacket(
        frame=frame,
        dissected=dissected,
        kind=kind,
        flow=token,
        basis="content" if token else None,
        ticket=ticket,
    )


def _owned(packet: SeenPacket, owners: dict[Ticket, str]) -> SeenPacket:
    owner = owners.get(packet.ticket) if packet.ticket else None
    return msgspec.structs.replace(packet, flow=owner, basis="order") if owner else packet


def _with_echoes(packets: list[SeenPacket], routers: frozenset[str]) -> list[SeenPacket]:
    """Marks what came in clear on an interface after ESP had come there, beyond what any node sent in clear."""
    sent_clear = Counter(
        (packet.flow, packet.kind) for packet in packets if packet.frame.outgoing and packet.kind in CLEAR
    )
    esp_came: set[tuple[str, str]] = set()
    marked = []
    for packet in packets:
        place = packet.frame.router, packet.frame.interface
        echo = False
        if not packet.frame.outgoing and packet.frame.router in routers:
            if packet.kind in ENCRYPTED:
                esp_came.add(place)
            elif packet.kind in CLEAR and place in esp_came and packet.flow and not packet.flow.startswith(FORGED):
                echo = not sent_clear[packet.flow, packet.kind]
        marked.append(msgspec.structs.replace(packet, echo=True) if echo else packet)
    return marked


class _Book:
    """Goes through the packets once, with a queue for each router of what has entered it and not left it yet."""

    def __init__(
        self, packets: list[SeenPacket], flows: dict[str, Flow], sent: Sequence[Sending], routers: frozenset[str]
    ) -> None:
        self.owners: dict[Ticket, str] = {}
        self.lengths: dict[Ticket, int] = {}
        self._flows = flows
        self._routers = routers
        self._queues: dict[str, deque[Dropped]] = defaultdict(deque)
        own = [entry for entry in sent if entry.token in flows and flows[entry.token].node in routers]
        waiting = deque(sorted(own, key=lambda entry: entry.time_s))
        for packet in packets:
            while waiting and waiting[0].time_s <= packet.frame.time_s:
                self._send_own(waiting.popleft())
            if packet.frame.router in routers and not packet.echo:
                self._pass(packet)
        for entry in waiting:
            self._send_own(entry)

    def dropped(self) -> list[Dropped]:
        """What is left in the queues of the routers that it was to be sent by."""
        return [
            entry
            for router, queue in self._queues.items()
            for entry in queue
            if self._flows[entry.flow].router == router
        ]

    def _send_own(self, entry: Sending) -> None:
        flow = self._flows[entry.token]
        self._queues[flow.node].extend([Dropped(flow.node, entry.token, entry.time_s)] * flow.count)

    def _pass(self, packet: SeenPacket) -> None:
        queue = self._queues[packet.frame.router]
        self._forget_delivered(queue, packet)
        if packet.ticket is not None:
            self._pass_encrypted(packet, packet.ticket, queue)
        elif packet.kind in CLEAR and packet.flow in self._flows:
            if packet.frame.outgoing:
                first = next((entry for entry in queue if entry.flow == packet.flow), None)
                if first is not None:
                    queue.remove(first)
            elif self._flows[packet.flow].router == packet.frame.router:
                queue.append(Dropped(packet.frame.router, packet.flow, packet.frame.time_s))

    def _forget_delivered(self, queue: deque[Dropped], packet: SeenPacket) -> None:
        """What came in ESP and did not leave soon was for the router itself."""
        while queue and self._flows[queue[0].flow].router != packet.frame.router:
            if packet.frame.time_s - queue[0].time_s < TRANSIT_S:
                return
            queue.popleft()

    def _pass_encrypted(self, packet: SeenPacket, ticket: Ticket, queue: deque[Dropped]) -> None:
        self.lengths.setdefault(ticket, len(packet.frame.frame))
        if not packet.frame.outgoing:
            # A hub decrypts it and may send it on in another SA.
            if ticket in self.owners:
                queue.append(Dropped(packet.frame.router, self.owners[ticket], packet.frame.time_s))
        elif ticket not in self.owners and queue:
            self.owners[ticket] = queue.popleft().flow


def _without_odd_lengths(owners: dict[Ticket, str], lengths: dict[Ticket, int]) -> dict[Ticket, str]:
    """Without the ESP packets whose length is not their flow's most frequent one in this SA."""
    seen: dict[tuple[str, int], Counter[int]] = defaultdict(Counter)
    for ticket, token in owners.items():
        seen[token, ticket.spi][lengths[ticket]] += 1
    usual = {key: counts.most_common(1)[0][0] for key, counts in seen.items()}
    return {ticket: token for ticket, token in owners.items() if lengths[ticket] == usual[token, ticket.spi]}


def accounts(run: LabRun) -> dict[str, Account]:
    """The account of each situation of a run, by its label."""
    routers = [node.name for node in run.nodes if node.role == "router"] or [
        tunnel.router for tunnel in run.tunnels
    ]
    return {
        label: account(frames, run.flows, run.observed.get(label, Observed()).sent, routers)
        for label, frames in run.frames.items()
    }
