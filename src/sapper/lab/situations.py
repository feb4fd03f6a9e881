"""What was on every wire in every situation, as records for the JSON document: packets by kind, each flow's fate,
what the kernels counted, and which SAs there were. No frame, no log and no key is in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from sapper.lab.attribution import CLEAR, ENCRYPTED, Account, accounts
from sapper.lab.pcap import wires_of
from sapper.lab.result import LabRun, NodeCounters, Observed


class WireReport(msgspec.Struct, frozen=True, kw_only=True):
    """One end of a wire. ``sent`` and ``received`` count packets by kind; ``echoes`` are none of them.

    An echo is a packet that Linux shows a second time after it has decrypted it: it was on no wire.
    """

    node: str
    interface: str
    sent: dict[str, int]
    received: dict[str, int]
    echoes: int


class FlowReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one probe's packets at its own router.

    ``clear`` is certain, by the token in the packet; ``encrypted`` is inferred from the order of sending; ``dropped``
    came to the router and left it in no form.
    """

    token: str
    router: str
    tunnel: str
    node: str
    source: str | None
    destination: str
    network: str | None
    through: bool
    sent: int
    clear: int
    encrypted: int
    dropped: int


class AssociationReport(msgspec.Struct, frozen=True, kw_only=True):
    """One SA of one router's kernel; ``spi`` in hexadecimal digits, ``packets`` since it was installed."""

    node: str
    spi: str
    source: str
    destination: str
    mode: str
    packets: int


class SituationReport(msgspec.Struct, frozen=True, kw_only=True):
    """``state`` is the label of the situation, as in the names of the captures."""

    setup: str
    state: str
    wires: tuple[WireReport, ...]
    flows: tuple[FlowReport, ...]
    counters: tuple[NodeCounters, ...]
    associations: tuple[AssociationReport, ...]


def situation_reports(run: LabRun) -> Iterator[SituationReport]:
    """One for each situation of the run, in the order in which they were driven."""
    for label, account in accounts(run).items():
        observed = run.observed.get(label, Observed())
        yield SituationReport(
            setup=run.title,
            state=label,
            wires=tuple(wire_reports(run, account)),
            flows=tuple(flow_reports(run, account, observed)),
            counters=observed.counters,
            associations=tuple(
                AssociationReport(
                    node=item.node,
                    spi=f"{item.spi:08x}",
                    source=item.source,
                    destination=item.destination,
                    mode=item.mode,
                    packets=item.packets,
                )
                for item in observed.associations
            ),
        )


def wire_reports(run: LabRun, account: Account) -> Iterator[WireReport]:
    """Every captured end of a wire, also a silent one."""
    sent: Counter[tuple[str, str, str]] = Counter()
    received: Counter[tuple[str, str, str]] = Counter()
    echoes: Counter[tuple[str, str]] = Counter()
    for packet in account.packets:
        place = packet.frame.router, packet.frame.interface
        if packet.echo:
            echoes[place] += 1
        else:
            (sent if packet.frame.outgoing else received)[*place, packet.kind] += 1
    for place in wires_of(run):
        yield WireReport(
            node=place[0],
            interface=place[1],
            sent={kind: number for (*at, kind), number in sorted(sent.items()) if (*at,) == place},
            received={kind: number for (*at, kind), number in sorted(received.items()) if (*at,) == place},
            echoes=echoes[place],
        )


def flow_reports(run: LabRun, account: Account, observed: Observed) -> Iterator[FlowReport]:
    """The flows that were sent in this situation."""
    clear: Counter[str | None] = Counter()
    encrypted: Counter[str | None] = Counter()
    routers = {flow.token: flow.router for flow in run.flows}
    for packet in account.packets:
        if packet.frame.outgoing and packet.flow and routers.get(packet.flow) == packet.frame.router:
            clear[packet.flow] += packet.kind in CLEAR
            encrypted[packet.flow] += packet.kind in ENCRYPTED
    dropped = Counter(entry.flow for entry in account.dropped)
    for flow in run.flows:
        if any(entry.token == flow.token for entry in observed.sent):
            yield FlowReport(
                token=flow.token,
                router=flow.router,
                tunnel=flow.tunnel,
                node=flow.node,
                source=flow.source,
                destination=flow.destination,
                network=flow.network,
                through=flow.through,
                sent=flow.count,
                clear=clear[flow.token],
                encrypted=encrypted[flow.token],
                dropped=dropped[flow.token],
            )
