"""Captures of a lab run as pcapng files, so that anybody can count again: one for each router, interface and state.

``DIR/ROUTER-INTERFACE-STATE.pcapng``; with several runs, each has a directory of its own below DIR. A state in which
nothing was on the wire has a file with no packets: that, too, is an observation. Times count from the start of the
state's measurement. The format is draft-ietf-opsawg-pcapng, written by dpkt.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from dpkt import pcapng

from sapper.lab.result import CapturedFrame, LabRun

SNAPLEN_BYTES = 262_144
_LONGEST_NAME = 80


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
    names = _distinct(run.title for run in every)
    written: list[Capture] = []
    for run in every:
        place = directory if len(every) == 1 else directory / names[run.title]
        place.mkdir(parents=True, exist_ok=True)
        written.extend(_write_run(run, place))
    return written


def safe_name(text: str) -> str:
    """``text`` as a part of a file name: ASCII letters, digits, dots and dashes, never empty, never hidden."""
    return re.sub(r"[^A-Za-z0-9._+]+", "-", text).strip("-.")[:_LONGEST_NAME].rstrip("-.") or "unnamed"


def _write_run(run: LabRun, directory: Path) -> Iterator[Capture]:
    wires = sorted({(frame.router, frame.interface) for frames in run.frames.values() for frame in frames})
    states = _distinct(run.frames)
    for state, frames in run.frames.items():
        for router, interface in wires:
            path = directory / f"{safe_name(router)}-{safe_name(interface)}-{states[state]}.pcapng"
            seen = [frame for frame in frames if (frame.router, frame.interface) == (router, interface)]
            comment = (
                f"sapper {run.sapper}: {run.title}, {router} {interface}, state {state}; {run.kernel}, {run.ike}"
            )
            _write_file(path, seen, interface, comment)
            yield Capture(run.title, router, interface, state, path, len(seen))


def _write_file(path: Path, frames: list[CapturedFrame], interface: str, comment: str) -> None:
    suffix = "LE" if sys.byteorder == "little" else ""
    option = getattr(pcapng, f"PcapngOption{suffix}")
    section = getattr(pcapng, f"SectionHeaderBlock{suffix}")(
        opts=[
            option(code=pcapng.PCAPNG_OPT_COMMENT, text=comment),
            option(code=pcapng.PCAPNG_OPT_ENDOFOPT),
        ]
    )
    description = getattr(pcapng, f"InterfaceDescriptionBlock{suffix}")(
        snaplen=SNAPLEN_BYTES,
        opts=[
            option(code=pcapng.PCAPNG_OPT_IF_NAME, data=interface.encode()),
            option(code=pcapng.PCAPNG_OPT_ENDOFOPT),
        ],
    )
    with path.open("wb") as stream:
        writer = pcapng.Writer(stream, shb=section, idb=description)
        for frame in sorted(frames, key=lambda frame: frame.time_s):
            writer.writepkt(frame.frame, max(frame.time_s, 0.0))


def _distinct(texts: Iterable[str]) -> dict[str, str]:
    """A safe name for each text, told apart by a number where two would fall together."""
    names: dict[str, str] = {}
    for text in texts:
        name, number = safe_name(text), 2
        while name in names.values():
            name, number = f"{safe_name(text)}-{number}", number + 1
        names[text] = name
    return names
