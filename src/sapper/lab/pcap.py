"""Captures of a lab run as pcapng files, so that anybody can count again: one for each node, interface and state.

``DIR/ROUTER-INTERFACE-STATE.pcapng``; with several runs, each has a directory of its own below DIR. A state in which
nothing was on the wire has a file with no packets: that, too, is an observation. Times count from the start of the
state's measurement, in nanoseconds. Each packet has its direction, and its kind and owner as a comment. The format is
draft-ietf-opsawg-pcapng, its blocks are dpkt's.
"""

from __future__ import annotations

import re
import struct
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from dpkt import pcapng

from sapper.lab.attribution import Account, SeenPacket, accounts
from sapper.lab.describe import sentence
from sapper.lab.result import Flow, LabRun

SNAPLEN_BYTES = 262_144
_LONGEST_NAME = 80
_NANOSECONDS = 9  # if_tsresol: negative power of 10
_EPB_FLAGS, _INBOUND, _OUTBOUND = 2, 1, 2
_SUFFIX = "LE" if sys.byteorder == "little" else ""


class Capture(NamedTuple):
    """One file: whose wire, in which state, and how many packets it holds."""

    title: str
    router: str
    interface: str
    state: str
    path: Path
    packets: int


def write_captures(runs: Iterable[LabRun], directory: Path) -> list[Capture]:
    """Write every capture of every run below ``directory``, which is made if it is missing. Raises OSError."""
    every = list(runs)
    names = distinct(run.title for run in every)
    written: list[Capture] = []
    for run in every:
        place = directory if len(every) == 1 else directory / names[run.title]
        place.mkdir(parents=True, exist_ok=True)
        written.extend(_write_run(run, place))
    return written


def safe_name(text: str) -> str:
    """``text`` as a part of a file name: ASCII letters, digits, dots and dashes, never empty, never hidden."""
    return re.sub(r"[^A-Za-z0-9._+]+", "-", text).strip("-.")[:_LONGEST_NAME].rstrip("-.") or "unnamed"


def wires_of(run: LabRun) -> list[tuple[str, str]]:
    """Every captured end of a wire, node and interface, sorted; also one on which nothing was in any state."""
    captured = {(frame.router, frame.interface) for frames in run.frames.values() for frame in frames}
    watched = {node.name for node in run.nodes if node.role in ("router", "nat")}
    ends = [end.partition(":") for wire in run.wires for end in (wire.a, wire.b)]
    return sorted(captured | {(node, link) for node, _, link in ends if node in watched})


def capture_of(run: LabRun, label: str, account: Account, wires: Sequence[tuple[str, str]]) -> bytes:
    """The file of one situation with these wires as its interfaces."""
    numbers = {wire: number for number, wire in enumerate(wires)}
    flows = {flow.token: flow for flow in run.flows}
    ends = ", ".join(f"{node} {interface}" for node, interface in wires)
    comment = f"sapper {run.sapper}: {run.title}, {ends}, state {label}; {run.kernel}, {run.ike}"
    blocks = [_section(comment), *(_interface(node, link, alone=len(wires) == 1) for node, link in wires)]
    blocks += [_packet(packet, numbers, flows) for packet in account.packets if _wire(packet) in numbers]
    return b"".join(bytes(block) for block in blocks)


def _write_run(run: LabRun, directory: Path) -> Iterator[Capture]:
    states = distinct(run.frames)
    for label, account in accounts(run).items():
        for wire in wires_of(run):
            node, interface = wire
            path = directory / f"{safe_name(node)}-{safe_name(interface)}-{states[label]}.pcapng"
            path.write_bytes(capture_of(run, label, account, [wire]))
            count = sum(_wire(packet) == wire for packet in account.packets)
            yield Capture(run.title, node, interface, label, path, count)


def _wire(packet: SeenPacket) -> tuple[str, str]:
    return packet.frame.router, packet.frame.interface


def _block(name: str, options: Sequence[tuple[int, bytes]], **fields: Any) -> Any:
    kind = getattr(pcapng, f"PcapngOption{_SUFFIX}")
    made = [kind(code=code, data=data) for code, data in options]
    return getattr(pcapng, f"{name}{_SUFFIX}")(opts=[*made, kind(code=pcapng.PCAPNG_OPT_ENDOFOPT)], **fields)


def _section(comment: str) -> Any:
    return _block("SectionHeaderBlock", [(pcapng.PCAPNG_OPT_COMMENT, _text(comment))])


def _interface(node: str, link: str, *, alone: bool) -> Any:
    name = link if alone else f"{node}:{link}"
    options = [
        (pcapng.PCAPNG_OPT_IF_NAME, _text(name)),
        (pcapng.PCAPNG_OPT_IF_DESCRIPTION, _text(f"{link} of {node}")),
        (pcapng.PCAPNG_OPT_IF_TSRESOL, bytes([_NANOSECONDS])),
    ]
    return _block("InterfaceDescriptionBlock", options, snaplen=SNAPLEN_BYTES)


def _packet(packet: SeenPacket, numbers: Mapping[tuple[str, str], int], flows: Mapping[str, Flow]) -> Any:
    time_ns = round(max(packet.frame.time_s, 0.0) * 10**_NANOSECONDS)
    flags = _OUTBOUND if packet.frame.outgoing else _INBOUND
    return _block(
        "EnhancedPacketBlock",
        [
            (pcapng.PCAPNG_OPT_COMMENT, _text(sentence(packet, flows))),
            (_EPB_FLAGS, struct.pack("=I", flags)),
        ],
        iface_id=numbers[_wire(packet)],
        ts_high=time_ns >> 32,
        ts_low=time_ns & 0xFFFFFFFF,
        pkt_data=packet.frame.frame,
    )


def _text(text: str) -> bytes:
    return text.encode(errors="backslashreplace")


def distinct(texts: Iterable[str]) -> dict[str, str]:
    """A safe name for each text, told apart by a number where two would fall together."""
    names: dict[str, str] = {}
    for text in texts:
        name, number = safe_name(text), 2
        while name in names.values():
            name, number = f"{safe_name(text)}-{number}", number + 1
        names[text] = name
    return names
