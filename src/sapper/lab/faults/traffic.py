"""Packets that flow while something happens, and what became of them on the wires."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec

from sapper.lab.classify import classify, token_of
from sapper.lab.faults.fault import Fault, Saw
from sapper.lab.measure import subjects_of
from sapper.lab.rig import LabFailed, Rig

_INTERVAL_S = 0.02
_PADDING = 28  # IPv4 and UDP


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a load: packets; ``clear`` on any router's wire towards the network, ``largest`` ESP in bytes."""

    sent: int
    delivered: int
    esp: int
    clear: int
    largest: int

    def numbers(self) -> Saw:
        """By name, with ``lost``."""
        return {**msgspec.structs.asdict(self), "lost": self.sent - self.delivered}


class Load:
    """A process in the guest that sends; everything else may happen meanwhile."""

    def __init__(self, rig: Rig, flows: Sequence[dict[str, Any]], rounds: int) -> None:
        self._rig, self._flows, self._rounds = rig, flows, rounds

    @classmethod
    def start(
        cls, rig: Rig, flows: Sequence[dict[str, Any]], *, rounds: int, interval_s: float = _INTERVAL_S
    ) -> Load:
        """Begins to send each flow once every interval. Raises LabFailed where there is nothing to send."""
        if not flows:
            raise LabFailed("the routers' configurations leave nothing that the lab could send through a tunnel")
        rig.ask("start-load", flows=list(flows), rounds=rounds, interval_s=interval_s)
        return cls(rig, flows, rounds)

    def stop(self) -> Passed:
        """Waits for the end of the load, and counts."""
        return self.count(self._rig.ask("stop-load"))

    def count(self, answer: dict[str, Any]) -> Passed:
        tokens = {flow["token"].split("|")[0] for flow in self._flows}
        fronts = {(name, front.router_link) for name, front in self._rig.topology.vantages.items()}
        esp = clear = largest = 0
        for at, _time, outgoing, text in answer["frames"]:
            if not outgoing or self._rig.topology.captures[at] not in fronts:
                continue
            frame = base64.b64decode(text)
            kind = classify(frame)[0]
            if kind == "esp":
                esp, largest = esp + 1, max(largest, len(frame) - 14)
            elif token_of(frame) in tokens and kind in ("clear-outer", "clear-inner"):
                clear += 1
        heard = answer["heard"].values()
        return Passed(
            sent=self._rounds * len(self._flows),
            delivered=sum(count for each in heard for token, count in each.items() if token in tokens),
            esp=esp,
            clear=clear,
            largest=largest,
        )


def tunnel_flows(rig: Rig, router: str | None = None, size: int | None = None) -> list[dict[str, Any]]:
    """One flow through each tunnel of the router (all of them), of packets of ``size`` bytes, IP header included."""
    found: list[dict[str, Any]] = []
    for side in rig.sides:
        if router not in (None, side.name):
            continue
        for subject in subjects_of(rig.topology, side):
            probe = next((probe for probe in subject.probes if probe.through), None)
            if probe is not None:
                flow = {**probe.to_message(), "token": f"{probe.token}:load"}
                if size is not None:
                    head = len(flow["token"]) + 2 + _PADDING
                    flow["token"] += "|" + "." * max(0, size - head)
                found.append(flow)
    return found


class Sent(Fault, frozen=True, kw_only=True):
    """No fault: packets through the tunnels of a router (all of them), to see what becomes of them.

    ``bytes`` is the length of the inner packet, IP header included.
    """

    name: ClassVar[str] = "send"

    router: str | None = None
    packets: int = 5
    bytes: int | None = None

    def apply(self, rig: Rig) -> Saw:
        load = Load.start(rig, tunnel_flows(rig, self.router, self.bytes), rounds=self.packets)
        return load.stop().numbers()
