"""CFG312: an interface is named that is configured nowhere.

Only where the text configures any Ethernet interface: without one it is a fragment, and the Plan assumes the
interface and says so. A VTI that a peer binds is CFG316's business. Interfaces that come and go (pppoe0) are never
missing, and of NAT rules VyOS only warns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from sapper.config.tree import Span
from sapper.model.branch import Branch, first_span
from sapper.rules.example import TUNNEL
from sapper.rules.finding import Finding, Severity
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG312",
    title="an interface that is configured nowhere",
    severity="error",
    why=(
        "VyOS refuses to use an interface that is neither configured nor in the machine; in a NAT rule it takes the "
        "name and the rule matches nothing."
    ),
    bad=TUNNEL + "set interfaces tunnel tun0 source-interface eth7\n",
    good=TUNNEL + "set interfaces tunnel tun0 source-interface eth0\n",
)

_COMES_AND_GOES = re.compile(r"(ppp|pppoe|sstpc|l2tp|ipoe)[0-9]+")
_VLAN_WORDS = ("vif", "vif-s", "vif-c")


class _Named(NamedTuple):
    name: str
    path: str
    span: Span
    severity: Severity = "error"


def find(subject: Subject) -> Iterator[Finding]:
    top = subject.top
    if not top.has("interfaces", "ethernet"):
        return
    configured = set(_configured(top))
    for named in _named(top):
        if named.name in configured or _COMES_AND_GOES.fullmatch(named.name):
            continue
        does = "VyOS refuses it" if named.severity == "error" else "VyOS only warns, and the rule matches nothing"
        message = f"{named.name} is configured nowhere: {does}"
        yield RULE.finding(message, named.path, named.span, severity=named.severity)


def _configured(top: Branch) -> Iterator[str]:
    """All interfaces of all kinds, their VLANs as NAME.ID; ``lo`` is always there, and so are the VRFs."""
    yield "lo"
    yield from (vrf.name for vrf in top.each("vrf", "name"))
    interfaces = top.node.find("interfaces")
    kinds = list(interfaces.children) if interfaces is not None else []
    for kind in kinds:
        for branch in top.each("interfaces", kind):
            yield branch.name
            yield from _vlans(branch, branch.name)


def _vlans(branch: Branch, name: str) -> Iterator[str]:
    for word in _VLAN_WORDS:
        for vlan in branch.each(word):
            yield f"{name}.{vlan.name}"
            yield from _vlans(vlan, f"{name}.{vlan.name}")


def _named(top: Branch) -> Iterator[_Named]:
    for tunnel in top.each("interfaces", "tunnel"):
        yield from _leaf(tunnel, "source-interface")
    for bridge in top.each("interfaces", "bridge"):
        yield from (_tag(member) for member in bridge.each("member", "interface"))
    for above in (top.below("protocols", "static"), *top.each("protocols", "static", "table")):
        for word in ("route", "route6") if above is not None else ():
            for route in above.each(word) if above is not None else ():
                yield from (_tag(way) for way in route.each("interface"))
                for hop in route.each("next-hop"):
                    yield from _leaf(hop, "interface")
    ipsec = top.below("vpn", "ipsec")
    if ipsec is not None:
        yield from _leaf(ipsec, "interface")
    for peer in top.each("vpn", "ipsec", "site-to-site", "peer"):
        yield from _leaf(peer, "dhcp-interface")
    for rule in top.each("nat", "source", "rule"):
        for named in _leaf(rule, "outbound-interface", "name"):
            name = named.name.removeprefix("!")
            if not name.endswith("*"):
                yield named._replace(name=name, severity="warning")


def _leaf(branch: Branch, *words: str) -> Iterator[_Named]:
    path = " ".join((*branch.path, *words))
    for value in branch.texts(*words):
        yield _Named(value.word, path, value.span)


def _tag(branch: Branch) -> _Named:
    return _Named(branch.name, branch.where, first_span(branch.node))
