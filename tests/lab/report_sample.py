"""Lab runs made up for the tests of reports and captures: two setups, real headers in the frames."""

from __future__ import annotations

import socket
import struct

import msgspec

from sapper.lab.result import CapturedFrame, LabRun, Node, PacketClass, TunnelRun, TunnelState, Verdict, Wire

STATES: tuple[tuple[str, str | None], ...] = (
    ("boot", None),
    ("negotiating", None),
    ("up", None),
    ("deleted", "local"),
    ("deleted", "peer"),
    ("stopped", None),
    ("crashed", None),
    ("flushed", None),
)
SAFE = ("up", "crashed")
EAST, WEST = "192.0.2.10", "203.0.113.20"


def frame(source: str, destination: str, protocol: int, payload: bytes = b"\x00" * 40) -> bytes:
    """An Ethernet frame with an IPv4 header, its checksum left 0."""
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0)
    header += socket.inet_aton(source) + socket.inet_aton(destination)
    return b"\x02" * 6 + b"\x04" * 6 + b"\x08\x00" + header + payload


def captured(router: str, time_s: float, category: PacketClass) -> CapturedFrame:
    ends = (EAST, WEST) if router == "east" else (WEST, EAST)
    protocol = {"esp": 50, "clear-outer": 47, "clear-inner": 1, "ike": 17, "other": 6}[category]
    return CapturedFrame(
        time_s=time_s,
        router=router,
        interface="eth0",
        outgoing=True,
        frame=frame(*ends, protocol),
        category=category,
    )


def label(state: str, cause: str | None) -> str:
    return f"{state} ({cause})" if cause else state


def state_of(name: str, cause: str | None, leaks: bool, agrees: bool = True) -> TunnelState:
    verdict: Verdict = "refuted" if leaks else "proved"
    other: Verdict = "proved" if leaks else "refuted"
    return TunnelState(
        state=name,
        cause=cause,
        sent=5,
        delivered=5,
        esp=0 if leaks else 5,
        clear_outer=5 if leaks else 0,
        seen={"confidentiality": verdict, "no-bypass": "proved"},
        predicted={"confidentiality": verdict if agrees else other, "no-bypass": "proved"},
        agrees=agrees,
        events=("boot", f"what leads to {name}"),
    )


def frames_of(name: str, leaks: bool) -> tuple[CapturedFrame, ...]:
    kind: PacketClass = "clear-outer" if leaks else "esp"
    frames = [
        captured(router, 0.2 * n + shift, kind)
        for n in range(5)
        for router, shift in (("east", 0.05), ("west", 0.09))
    ]
    if name == "negotiating":
        frames += [captured("east", 0.01 + 0.7 * n, "ike") for n in range(2)]
    if name == "flushed":
        frames += [captured("east", 1.1, "clear-inner")]
    return tuple(frames)


def run(
    title: str = "canonical: GRE on WAN addresses", *, nat: bool = False, disagree: str | None = None
) -> LabRun:
    """One run; ``disagree`` names the state in which the kernel contradicts the proof."""
    tunnels = tuple(
        TunnelRun(
            router=router,
            tunnel="tun0",
            encapsulation="gre",
            protection="ipsec",
            states=tuple(
                state_of(name, cause, name not in SAFE, agrees=name != disagree) for name, cause in STATES
            ),
        )
        for router in ("east", "west")
    )
    nodes = [Node("east-lan", "host"), Node("east", "router")]
    wires = [Wire("east-lan:eth0", "east:eth1", ("192.168.1.10/24",), ("192.168.1.1/24", "2001:db8:1::1/64"))]
    if nat:
        nodes.append(Node("nat", "nat"))
        wires.append(Wire("east:eth0", "nat:inside", ("10.99.0.2/24",), ("10.99.0.1/24",)))
        wires.append(Wire("nat:outside", "internet:a", ("192.0.2.10/24",), ("192.0.2.1/24",)))
    else:
        wires.append(Wire("east:eth0", "internet:a", ("192.0.2.10/24",), ("192.0.2.1/24",)))
    nodes += [Node("internet", "network"), Node("west", "router"), Node("west-lan", "host")]
    wires.append(Wire("internet:b", "west:eth0", ("203.0.113.1/24",), ("203.0.113.20/24",)))
    wires.append(Wire("west:eth1", "west-lan:eth0", ("192.168.2.1/24",), ("192.168.2.10/24",)))
    return LabRun(
        title=title,
        provider="vm:tcg",
        kernel="6.1.0-40-amd64",
        ike="strongSwan 5.9.8",
        sapper="0.1.0",
        tunnels=tunnels,
        nodes=tuple(nodes),
        wires=tuple(wires),
        shortened=("hard lifetime 3600 s to 4 s",),
        assumptions=("eth0 is untrusted",),
        frames={label(name, cause): frames_of(name, name not in SAFE) for name, cause in STATES},
        duration_s=31.5,
    )


def hub(spokes: int) -> LabRun:
    """A hub and its spokes over one network, a second one between the hub and the first spoke, and a NAT box."""
    pair = run()
    routers = ["hub", *(f"spoke{number}" for number in range(1, spokes + 1))]
    nodes = [
        Node("net", "network"),
        Node("backup", "network"),
        Node("box", "nat"),
        *(Node(r, "router") for r in routers),
    ]
    wires = [Wire("box:out", "net:box", ("198.51.100.99/24",), ("198.51.100.1/24",))]
    for at, router in enumerate(routers):
        far = "box:in" if at == spokes else f"net:n{at}"
        wires.append(Wire(f"{router}:eth0", far, (f"198.51.100.{at + 10}/24",), ("198.51.100.1/24",)))
        wires.append(Wire(f"{router}:eth1", f"eth1@{router}:eth0", (f"10.{at}.0.1/24", f"2001:db8:{at}::1/64"), ()))
        nodes.append(Node(f"eth1@{router}", "host"))
    wires += [Wire("hub:eth2", "backup:a"), Wire("spoke1:eth2", "backup:b")]
    tunnels = [
        msgspec.structs.replace(pair.tunnels[0], router=near, tunnel=name, far=far)
        for at, spoke in enumerate(routers[1:])
        for near, far, name in (("hub", spoke, f"tun{at}"), (spoke, "hub", "tun0"))
    ]
    frames = {
        label: tuple(
            msgspec.structs.replace(frame, router=router, time_s=frame.time_s + at / 10)
            for at, router in enumerate(routers)
            for frame in found
            if frame.router == "east"
        )
        for label, found in pair.frames.items()
    }
    return msgspec.structs.replace(
        pair,
        title=f"a hub with {spokes} spokes",
        nodes=tuple(nodes),
        wires=tuple(wires),
        tunnels=tuple(tunnels),
        frames=frames,
    )
