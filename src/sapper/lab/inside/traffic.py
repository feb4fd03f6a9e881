"""Sends probes, injects packets, and records every frame on every wire, inside the guest.

A probe is a datagram with a token; who receives it says so, and the captures say what was on which wire. What a
sender's call returns says nothing: a policy without a state drops the packet and the call succeeds.
"""

from __future__ import annotations

import base64
import contextlib
import select
import socket
import struct
import time
from typing import Any

from sapper.lab.inside import counters, logs
from sapper.lab.inside.network import flags_of, mac_of
from sapper.live.namespace import inside, netlink_inside, socket_inside
from sapper.live.netlink.conntrack import flush_connections

PROBE_PORT = 47011
_ETH_P_ALL = 3
_PACKET_OUTGOING = 4  # include/uapi/linux/if_packet.h
_SO_TIMESTAMPNS = 35
_BUFFER_BYTES = 1 << 22
_UDP = 17
_PORTS_FIRST = frozenset({6, 33, 132, 136})  # TCP, DCCP, SCTP, UDP-Lite: the ports that selectors look at
NETLINK_NETFILTER = 12  # include/uapi/linux/netlink.h

_captures: list[tuple[str, str, socket.socket]] = []
_receivers: dict[str, list[socket.socket]] = {}
_senders: dict[tuple[object, ...], socket.socket] = {}
sent: list[list[Any]] = []  # token and time of each flow of the last measurement


def open_sockets(message: dict[str, Any]) -> dict[str, Any]:
    """``captures``: [[node, interface]…]; ``receivers``: nodes that listen for probes."""
    close_sockets({})
    for node, name in message["captures"]:
        sniffer = socket_inside(node, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
        sniffer.bind((name, _ETH_P_ALL))
        sniffer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        sniffer.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        sniffer.setblocking(False)
        _captures.append((node, name, sniffer))
    for node in message["receivers"]:
        _receivers[node] = [_receiver(node, family) for family in (socket.AF_INET, socket.AF_INET6)]
    return {}


def _receiver(node: str, family: int) -> socket.socket:
    listener = socket_inside(node, family, socket.SOCK_DGRAM)
    if family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    listener.bind(("", PROBE_PORT))
    listener.setblocking(False)
    return listener


def close_sockets(_: dict[str, Any]) -> dict[str, Any]:
    """Closes every socket of the lab; a namespace lives as long as one of its sockets."""
    for _node, _name, sniffer in _captures:
        sniffer.close()
    for listeners in _receivers.values():
        for listener in listeners:
            listener.close()
    for sender in _senders.values():
        sender.close()
    _captures.clear()
    _receivers.clear()
    _senders.clear()
    sent.clear()
    logs.forget()
    return {}


def measure(message: dict[str, Any]) -> dict[str, Any]:
    """Runs ``batches`` one after the other, each until its wires are quiet, and returns what each saw.

    A batch has ``flows`` (node, source, destination, protocol, port, token, count, and perhaps source_port) and
    ``injections`` (node, interface, router, router_interface, packet, count), the latter sent last. ``watch`` names
    links whose state is reported. Tracked connections of the nodes in ``forgetful`` are forgotten before each batch:
    NAT decides by the first packet of a connection, and that must be one of this batch. All times count from the
    beginning of the first batch. What else there is to see of it, :func:`sapper.lab.inside.observe.observe` tells.
    """
    results = []
    sent.clear()
    counters.begin(_receivers)
    started = time.time()
    for batch in message["batches"]:
        frames: list[Any] = []
        heard: dict[str, dict[str, int]] = {}
        for send, items in ((_send, batch["flows"]), (_inject, batch["injections"])):
            if not items:
                continue
            for node in message["forgetful"]:
                forget_connections(node)
            _drain()
            _heard()
            for item in items:
                if "token" in item:
                    sent.append([item["token"], time.time() - started])
                send(item)
            frames += _collect(started, message["quiet_s"], message["limit_s"], heard)
        results.append({"frames": frames, "heard": heard})
    up = {node: flags_of(node, names) for node, names in message["watch"].items()}
    return {"batches": results, "up": up}


def send(flow: dict[str, Any]) -> None:
    """Sends one flow, in the form that :func:`measure` takes."""
    _send(flow)


def discard() -> None:
    """Empties the captures and the receivers."""
    clear_errors()
    _drain()
    _heard()


def clear_errors() -> None:
    """Takes from the captures the error that a link leaves there when it goes down (packet(7), ENETDOWN)."""
    for _node, _name, sniffer in _captures:
        sniffer.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


def collect(started: float, quiet_s: float, limit_s: float) -> dict[str, Any]:
    """What has come since, as one of :func:`measure`'s results; ``started`` is time.time() of the beginning."""
    heard: dict[str, dict[str, int]] = {}
    return {"frames": _collect(started, quiet_s, limit_s, heard), "heard": heard}


def forget_connections(node: str) -> None:
    """Every tracked connection of the node is forgotten, NAT mappings too."""
    with netlink_inside(node, NETLINK_NETFILTER) as connection:
        connection.send([flush_connections()])


def warm_up(message: dict[str, Any]) -> dict[str, Any]:
    """Sends along each of ``ways`` ([node, destination, node that hears it]…) until all were heard or time is up.

    A link that has just come up loses its first packets, more so over IPv6; that is no lifecycle state.
    """
    waiting = {f"sapper:warm:{at}": way for at, way in enumerate(message["ways"])}
    end = time.monotonic() + message["limit_s"]
    while waiting and time.monotonic() < end:
        for token, (node, destination, _hearer) in waiting.items():
            flow = {"node": node, "source": "", "destination": destination, "protocol": _UDP, "port": PROBE_PORT}
            _send({**flow, "token": token, "count": 1})
        time.sleep(0.05)
        heard: dict[str, dict[str, int]] = {}
        _heard(heard)
        for token, (_node, _destination, hearer) in list(waiting.items()):
            if token in heard.get(hearer, {}):
                del waiting[token]
    return {"unheard": list(waiting.values())}


def _send(flow: dict[str, Any]) -> None:
    destination = flow["destination"]
    family = socket.AF_INET6 if ":" in destination else socket.AF_INET
    key = (flow["node"], flow["source"], flow.get("source_port", 0), flow["protocol"], family)
    sender = _senders.get(key)
    if sender is None:
        sender = _senders[key] = _sender(flow, family)
    payload = (flow["token"] + "|").encode().ljust(64, b".")
    if flow["protocol"] in _PORTS_FIRST:
        payload = struct.pack("!HH16x", flow.get("source_port", 0), flow["port"]) + payload
    for _ in range(flow["count"]):
        # The result is not evidence of anything; a refusal here (no route) is what the captures will show.
        with contextlib.suppress(OSError):
            sender.sendto(payload, (destination, flow["port"] if flow["protocol"] == _UDP else 0))


def _sender(flow: dict[str, Any], family: int) -> socket.socket:
    if flow["protocol"] == _UDP:
        sender = socket_inside(flow["node"], family, socket.SOCK_DGRAM)
    else:
        sender = socket_inside(flow["node"], family, socket.SOCK_RAW, flow["protocol"])
    with contextlib.suppress(OSError):
        sender.bind((flow["source"], flow.get("source_port", 0) if flow["protocol"] == _UDP else 0))
    sender.setblocking(False)
    return sender


def _inject(injection: dict[str, Any]) -> None:
    """Puts a ready IP packet on the wire in front of a router, as an attacker there would."""
    packet = base64.b64decode(injection["packet"])
    ethertype = 0x86DD if packet[0] >> 4 == 6 else 0x0800
    target = mac_of(injection["router"], injection["router_interface"])
    source = mac_of(injection["node"], injection["interface"])
    frame = target + source + struct.pack("!H", ethertype) + packet
    with inside(injection["node"]):
        link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    with link:
        link.bind((injection["interface"], 0))
        for _ in range(injection["count"]):
            # On a link that is down nothing can be put; that it did not arrive is what the captures show.
            with contextlib.suppress(OSError):
                link.send(frame)


def _collect(started: float, quiet_s: float, limit_s: float, heard: dict[str, dict[str, int]]) -> list[Any]:
    """Reads frames, and probes into ``heard``, until nothing has come for ``quiet_s``, ``limit_s`` at the most."""
    frames: list[Any] = []
    sockets = [sniffer for _, _, sniffer in _captures]
    sockets += [listener for listeners in _receivers.values() for listener in listeners]
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        ready = select.select(sockets, [], [], quiet_s)[0]
        if not ready:
            break
        for at, (_node, _name, sniffer) in enumerate(_captures):
            if sniffer in ready:
                frames += [[at, since, out, frame] for since, out, frame in _read(sniffer, started)]
        _heard(heard)
    return frames


def _read(sniffer: socket.socket, started: float) -> list[tuple[float, bool, str]]:
    found: list[tuple[float, bool, str]] = []
    whole, part = int(started), round(started % 1 * 1e9)
    while True:
        try:
            frame, ancillary, _flags, sender = sniffer.recvmsg(65535, 64)
        except BlockingIOError:
            return found
        seconds, nanoseconds = divmod(time.time_ns(), 10**9)
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
                seconds, nanoseconds = struct.unpack("=qq", data[:16])
        # Seconds since 1970 with nanoseconds have more digits than a float.
        since = (seconds - whole) + (nanoseconds - part) / 1e9
        found.append((since, sender[2] == _PACKET_OUTGOING, base64.b64encode(frame).decode()))


def _drain() -> None:
    for _node, _name, sniffer in _captures:
        while True:
            try:
                sniffer.recv(65535)
            except BlockingIOError:
                break


def _heard(counts: dict[str, dict[str, int]] | None = None) -> None:
    """Empties the receivers, counting the tokens for each node where asked."""
    for node, listeners in _receivers.items():
        for listener in listeners:
            while True:
                try:
                    payload = listener.recv(2048)
                except (BlockingIOError, ConnectionRefusedError):
                    break
                if counts is not None:
                    token = payload.split(b"|", 1)[0].decode(errors="replace")
                    mine = counts.setdefault(node, {})
                    mine[token] = mine.get(token, 0) + 1
