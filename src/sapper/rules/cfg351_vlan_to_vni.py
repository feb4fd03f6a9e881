"""CFG351: VLANs that cannot be mapped to VXLAN networks, or neighbour suppression without a bridge.

Ranges are compared as intervals, never written out: the text may name sixteen million networks. Source: VyOS' rules
of ``interfaces vxlan``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from sapper.config.tree import Span
from sapper.model.branch import Branch, first_span
from sapper.rules.devices import members
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_VXLAN = """\
set interfaces bridge br0 member interface vxlan0
set interfaces vxlan vxlan0 parameters external
set interfaces vxlan vxlan0 source-address 192.0.2.10
"""

RULE = Rule(
    code="CFG351",
    title="VLANs that cannot be mapped to VXLAN networks",
    severity="error",
    why=(
        "VyOS refuses vlan-to-vni and neighbor-suppress on a VXLAN that is in no bridge, an entry without vni, "
        "ranges of two lengths or that end before they begin, and a VLAN or a VNI in two entries."
    ),
    bad=_VXLAN + "set interfaces vxlan vxlan0 vlan-to-vni 10-12 vni 10010-10011\n",
    good=_VXLAN + "set interfaces vxlan vxlan0 vlan-to-vni 10-12 vni 10010-10012\n",
)


class _Interval(NamedTuple):
    """Numbers ``first`` to ``last`` of the entry ``entry``."""

    first: int
    last: int
    entry: str
    path: str
    span: Span


def find(subject: Subject) -> Iterator[Finding]:
    bridged = {member.name for member in members(subject.top) if member.kind == "bridge"}
    for vxlan in subject.top.each("interfaces", "vxlan"):
        if vxlan.name not in bridged:
            for words in (("vlan-to-vni",), ("parameters", "neighbor-suppress")):
                option = vxlan.below(*words)
                if option is not None:
                    message = f"{vxlan.name} has {words[-1]} and is in no bridge: VyOS refuses it"
                    yield RULE.finding(message, option.where, first_span(option.node))
        yield from _entries(vxlan)


def _entries(vxlan: Branch) -> Iterator[Finding]:
    vlans: list[_Interval] = []
    networks: list[_Interval] = []
    for entry in vxlan.each("vlan-to-vni"):
        value = entry.in_force("vni")
        if value is None:
            message = f"vlan-to-vni {entry.name} of {vxlan.name} has no vni: VyOS refuses it"
            yield RULE.finding(message, entry.where, first_span(entry.node))
            continue
        vlan, network = _interval(entry.name), _interval(value.word)
        if vlan is None or network is None:
            continue
        found = (
            _Interval(*vlan, entry.name, entry.where, first_span(entry.node)),
            _Interval(*network, entry.name, f"{entry.where} vni", value.span),
        )
        yield from _shape(vxlan, *found)
        vlans.append(found[0])
        networks.append(found[1])
    yield from _twice(vxlan, "VLAN", vlans)
    yield from _twice(vxlan, "VNI", networks)


def _shape(vxlan: Branch, vlan: _Interval, network: _Interval) -> Iterator[Finding]:
    backwards = [interval for interval in (vlan, network) if interval.first > interval.last]
    for interval in backwards:
        text = f"{interval.first}-{interval.last}"
        message = f"the range {text} of {vxlan.name} ends before it begins: VyOS refuses it"
        yield RULE.finding(message, interval.path, interval.span)
    if not backwards and vlan.last - vlan.first != network.last - network.first:
        vlans, networks = vlan.last - vlan.first + 1, network.last - network.first + 1
        message = f"vlan-to-vni {vlan.entry} of {vxlan.name} maps {vlans} to {networks}: VyOS refuses it"
        yield RULE.finding(message, network.path, network.span)


def _twice(vxlan: Branch, what: str, intervals: list[_Interval]) -> Iterator[Finding]:
    """One finding for each interval that begins inside the reach of those before it."""
    ordered = sorted(interval for interval in intervals if interval.first <= interval.last)
    reach = ordered[:1]
    for _, interval in pairwise(ordered):
        if interval.first <= reach[0].last:
            message = f"{what} {interval.first} of {vxlan.name} is in two entries of vlan-to-vni: VyOS refuses it"
            yield RULE.finding(message, interval.path, interval.span)
        if interval.last > reach[0].last:
            reach = [interval]


def _interval(text: str) -> tuple[int, int] | None:
    """The ends of ``N`` or ``N-M``, or None for anything else."""
    first, dash, last = text.partition("-")
    ends = (first, last if dash else first)
    if not all(end.isascii() and end.isdigit() and len(end) <= 8 for end in ends):
        return None
    return int(ends[0]), int(ends[1])
