"""Wireshark's opinion of what each packet of a capture is, in this project's words; it shares no line with ours."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

_FIELDS = ("frame.number", "frame.protocols", "icmp.type", "icmp.code", "icmpv6.type", "ip.proto", "ip.frag_offset")
_LEADING = {"eth", "ethertype", "vlan", "ip", "ipv6", "ipv6.hopopts", "ipv6.dstopts", "ipv6.fraghdr", "ah"}
_TUNNELS = {"gre", "ip", "ipv6", "l2tp", "vxlan", "geneve"}
_ROUTING = {"ospf", "bgp", "bfd", "rip", "ripng"}


def tshark_kinds(path: Path) -> list[str]:
    """The kind of each packet; skips where there is no tshark."""
    rows = _read(path, "-T", "fields", "-E", "occurrence=f", *(w for name in _FIELDS for w in ("-e", name)))
    ours = {
        row.split("\t")[0]
        for row in _read(path, "-Y", 'frame contains "sapper:"', "-T", "fields", "-e", "frame.number")
    }
    return [_kind(*row.split("\t"), ours=ours) for row in rows]


def _read(path: Path, *words: str) -> list[str]:
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.skip("no tshark")
    done = subprocess.run(
        [tshark, "-r", str(path), *words], capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout.splitlines()


def _kind(
    number: str, protocols: str, icmp: str, code: str, icmp6: str, proto: str, offset: str, *, ours: set[str]
) -> str:
    names = protocols.split(":")
    if "arp" in names:
        return "neighbour"
    rest = _below_ip(names)
    first = rest[0] if rest else ""
    if offset not in ("", "0") and proto == "50":
        return "esp"
    if first == "esp" or first in _TUNNELS:
        return "esp" if first == "esp" else "clear-outer"
    if first in ("icmp", "icmpv6"):
        return _icmp(icmp, code, icmp6)
    if first in _ROUTING or set(rest[:2]) & _ROUTING:
        return "routing"
    if first == "udp":
        kind = _udp(rest[1:])
        if kind:
            return kind
    return "clear-inner" if number in ours and {"ip", "ipv6"} & set(names) else "other"


def _below_ip(names: list[str]) -> list[str]:
    """The names below the outermost IP header."""
    at = next((at for at, name in enumerate(names) if name in ("ip", "ipv6")), len(names))
    rest = names[at + 1 :]
    while rest and rest[0] in _LEADING - {"ip", "ipv6"}:
        rest = rest[1:]
    return rest


def _icmp(kind: str, code: str, six: str) -> str:
    if six:
        number = int(six)
        if number == 2:
            return "icmp-too-big"
        if 133 <= number <= 137:
            return "neighbour"
        return "icmp-error" if number < 128 else ("icmp-echo" if number in (128, 129) else "other")
    if (kind, code) == ("3", "4"):
        return "icmp-too-big"
    return "icmp-echo" if kind in ("0", "8") else ("icmp-error" if kind in ("3", "4", "5", "11", "12") else "other")


def _udp(rest: list[str]) -> str | None:
    if rest[:1] == ["udpencap"]:
        return {"esp": "esp-in-udp", "isakmp": "ike-in-udp"}.get(rest[1] if len(rest) > 1 else "", "nat-keepalive")
    first = rest[0] if rest else ""
    if first in _TUNNELS:
        return "clear-outer"
    return {"isakmp": "ike", "wg": "wireguard"}.get(first)
