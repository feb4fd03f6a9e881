"""What the page gives away: the document as JSON, the daemons' logs, and the captures.

Files that were written are linked; what was not is in the page itself, so that a page that is mailed is whole.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote
from xml.etree.ElementTree import Element

import msgspec

from sapper.lab.attribution import Account
from sapper.lab.pcap import Capture, capture_of, distinct, safe_name, wires_of
from sapper.lab.result import LabRun
from sapper.render.line import visible
from sapper.render.markup import element


def json_link(document: msgspec.Struct) -> Element:
    """The page's own JSON document."""
    text = msgspec.json.format(_encoded(document), indent=1)
    return _embedded("results as JSON", "sapper-lab.json", "application/json", text)


def log_links(run: LabRun) -> list[Element]:
    """One for each log of each node: what was new in it after each situation, with the situation's name above."""
    names = dict.fromkeys(name for observed in run.observed.values() for name in observed.logs)
    found = []
    for name in names:
        pieces = [
            f"===== {label}\n{observed.logs[name]}"
            for label, observed in run.observed.items()
            if name in observed.logs
        ]
        file = f"{safe_name(run.title)}-{safe_name(name)}.txt"
        found.append(_embedded(f"log: {name}", file, "text/plain", "\n".join(pieces).encode(errors="replace")))
    return found


def capture_links(
    run: LabRun, accounts: Mapping[str, Account], captures: Sequence[Capture], directory: Path | None
) -> list[Element]:
    """The written files; where none was written, one for each situation with all its wires, in the page."""
    if captures:
        return [_linked(capture, directory) for capture in captures]
    wires = wires_of(run)
    names = distinct(accounts)
    return [
        _embedded(
            f"capture: {label}, {len(account.packets)} packets on {len(wires)} wires",
            f"{safe_name(run.title)}-{names[label]}.pcapng",
            "application/x-pcapng",
            capture_of(run, label, account, wires),
        )
        for label, account in accounts.items()
    ]


def _linked(capture: Capture, directory: Path | None) -> Element:
    path = os.path.relpath(capture.path, directory) if directory else str(capture.path)
    label = f"{capture.router} {capture.interface}, {capture.state}"
    packets = f" ({capture.packets} packet{'' if capture.packets == 1 else 's'})"
    return element("span", element("a", label, href=quote(path)), packets)


def _embedded(label: str, name: str, kind: str, content: bytes) -> Element:
    data = base64.b64encode(content).decode()
    size = f" ({max(1, round(len(content) / 1024))} KiB)"
    return element("span", element("a", label, href=f"data:{kind};base64,{data}", download=name), size)


def _encoded(document: msgspec.Struct) -> bytes:
    """JSON cannot have lone surrogates, which stand for bytes that are no UTF-8."""
    try:
        return msgspec.json.encode(document)
    except UnicodeEncodeError:
        return msgspec.json.encode(_printable(msgspec.to_builtins(document)))


def _printable(value: object) -> object:
    if isinstance(value, str):
        return visible(value).encode(errors="backslashreplace").decode()
    if isinstance(value, dict):
        return {_printable(key): _printable(item) for key, item in value.items()}
    return [_printable(item) for item in value] if isinstance(value, (list, tuple)) else value
