"""What each node's kernel counted during a measurement: the difference of before and after, only what changed.

``xfrm`` is /proc/net/xfrm_stat (Documentation/networking/xfrm_proc.rst), ``ip`` the reasons in /proc/net/snmp and
snmp6 for which a packet went nowhere, ``links`` each link's drops and errors in /proc/net/dev, ``nft`` the counters
of nftables rules. Packets of a link are left out: the captures have them one by one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

from sapper.live.namespace import inside
from sapper.live.netlink.connection import KernelRefused, NetlinkConnection
from sapper.live.netlink.nft_rule import NETLINK_NETFILTER, decode_counter, list_rules

_PROC = Path("/proc/thread-self/net")
_DEV_COLUMNS = {2: "rx_errors", 3: "rx_dropped", 10: "tx_errors", 11: "tx_dropped"}
_REASONS = frozenset(
    {"InAddrErrors", "InDiscards", "InHdrErrors", "InNoRoutes", "InTooBigErrors", "InUnknownProtos"}
    | {"OutDiscards", "OutNoRoutes", "FragFails", "ReasmFails"}
)

Values = dict[str, int]
_before: dict[str, dict[str, Values]] = {}


def begin(nodes: Iterable[str]) -> None:
    """Remembers what every node has counted so far."""
    _before.clear()
    for node in nodes:
        _before[node] = read(node)


def differences() -> dict[str, dict[str, Values]]:
    """For each node, each group's counters that have grown since :func:`begin`, and by how much."""
    found: dict[str, dict[str, Values]] = {}
    for node, before in _before.items():
        after = read(node)
        groups = {group: _grown(before.get(group, {}), values) for group, values in after.items()}
        found[node] = {group: values for group, values in groups.items() if values}
    return found


def read(node: str) -> dict[str, Values]:
    """The node's counters by group."""
    with inside(node):
        return {
            "xfrm": _xfrm(_text("xfrm_stat")),
            "ip": {**_snmp(_text("snmp")), **_snmp6(_text("snmp6"))},
            "links": _links(_text("dev")),
            "nft": _nft(),
        }


def _grown(before: Values, after: Values) -> Values:
    return {name: value - before.get(name, 0) for name, value in after.items() if value > before.get(name, 0)}


def _text(name: str) -> str:
    try:
        return (_PROC / name).read_text()
    except OSError:
        return ""  # a kernel without XFRM statistics, or without IPv6


def _xfrm(text: str) -> Values:
    return {name: int(value) for name, value in (line.split() for line in text.splitlines())}


def _snmp(text: str) -> Values:
    """Two lines for each protocol: the names, the values."""
    rows = [line.split() for line in text.splitlines() if line.startswith("Ip:")]
    if len(rows) != 2:
        return {}
    return {f"Ip{name}": int(value) for name, value in zip(*rows, strict=True) if name in _REASONS}


def _snmp6(text: str) -> Values:
    pairs = (line.split() for line in text.splitlines())
    return {name: int(value) for name, value in pairs if name.removeprefix("Ip6") in _REASONS}


def _links(text: str) -> Values:
    found: Values = {}
    for row in text.splitlines()[2:]:
        name, _, rest = row.partition(":")
        numbers = rest.split()
        found |= {f"{name.strip()} {what}": int(numbers[column]) for column, what in _DEV_COLUMNS.items()}
    return found


def _nft() -> Values:
    found: Values = {}
    with contextlib.suppress(KernelRefused, OSError), NetlinkConnection.open(NETLINK_NETFILTER) as connection:
        for answer in connection.dump(list_rules()):
            counter = decode_counter(answer.payload)
            if counter is not None:
                place = f"{counter.family} {counter.table} {counter.chain} handle {counter.handle}"
                found[place] = counter.packets
    return found
