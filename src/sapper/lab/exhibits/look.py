"""What demonstrations are made of: send some packets, put others on the wire, and see what was on it.

Frames are those of the routers' own wires, as in every measurement; the sender's word counts for nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any, NamedTuple

from sapper.address import Address
from sapper.lab.classify import classify
from sapper.lab.measure import subjects_of
from sapper.lab.probes import COUNT, PROBE_PORT
from sapper.lab.result import CapturedFrame
from sapper.lab.rig import Rig, Side

UDP = 17
_QUIET_S, _LIMIT_S = 0.3, 4.0
_ETHERNET_BYTES = 14


class Look(NamedTuple):
    """``heard`` maps a token to how often anybody heard it."""

    frames: list[CapturedFrame]
    heard: dict[str, int]

    def leaving(self, router: str, link: str | None = None) -> list[CapturedFrame]:
        """What the router itself put on that wire, or on any of its own."""
        return [
            frame
            for frame in self.frames
            if frame.outgoing and frame.router == router and link in (None, frame.interface)
        ]

    def arriving(self, router: str) -> list[CapturedFrame]:
        """What came to the router on any wire."""
        return [frame for frame in self.frames if not frame.outgoing and frame.router == router]


def look(
    rig: Rig,
    flows: Iterable[dict[str, Any]] = (),
    packets: Iterable[bytes] = (),
    *,
    to: str = "east",
    quiet_s: float = _QUIET_S,
    limit_s: float = _LIMIT_S,
) -> Look:
    """Sends the flows, then puts each packet once on the wire in front of the router ``to``. Raises LabFailed."""
    front = rig.topology.vantages[to]
    injections = [
        {
            "node": front.node,
            "interface": front.link,
            "router": to,
            "router_interface": front.router_link,
            "packet": base64.b64encode(packet).decode(),
            "count": 1,
        }
        for packet in packets
    ]
    batch = {"flows": list(flows), "injections": injections}
    answer = rig.ask("measure", batches=[batch], watch={}, forgetful=rig.names, quiet_s=quiet_s, limit_s=limit_s)
    (found,) = answer["batches"]
    heard: dict[str, int] = {}
    for tokens in found["heard"].values():
        for token, count in tokens.items():
            heard[token] = heard.get(token, 0) + count
    return Look([_frame(rig, raw) for raw in found["frames"]], heard)


def _frame(rig: Rig, raw: list[Any]) -> CapturedFrame:
    at, time_s, outgoing, text = raw
    router, interface = rig.topology.captures[at]
    frame = base64.b64decode(text)
    return CapturedFrame(
        time_s=max(0.0, time_s),
        router=router,
        interface=interface,
        outgoing=outgoing,
        frame=frame,
        category=classify(frame)[0],
    )


def flow(node: str, source: Address | None, destination: Address, token: str) -> dict[str, Any]:
    """So many UDP packets as every probe has."""
    return {
        "node": node,
        "source": str(source) if source is not None else "",
        "destination": str(destination),
        "protocol": UDP,
        "port": PROBE_PORT,
        "token": token,
        "count": COUNT,
    }


def through(rig: Rig, side: Side, entry: str | None = None) -> list[dict[str, Any]]:
    """What a user of the router sends through its tunnels, or through that one."""
    return [
        probe.to_message()
        for subject in subjects_of(rig.topology, side)
        if entry in (None, subject.entry.name)
        for probe in subject.probes
        if probe.through
    ]


def all_heard(flows: Iterable[dict[str, Any]], heard: dict[str, int]) -> bool:
    """Whether something of each flow arrived."""
    return all(heard.get(item["token"]) for item in flows)


def of_class(frames: Iterable[CapturedFrame], *classes: str) -> list[CapturedFrame]:
    """The frames of these classes."""
    return [frame for frame in frames if frame.category in classes]


def ip_packet(frame: CapturedFrame) -> bytes:
    """What is below the Ethernet header."""
    return frame.frame[_ETHERNET_BYTES:]


def bring_up(rig: Rig) -> None:
    """All daemons, their connections and SAs."""
    rig.start()
    rig.load()
    rig.establish()
