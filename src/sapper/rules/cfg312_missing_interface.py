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
from sapper.rules.devices import devices, members
from sapper.rules.example import TUNNEL
from sapper.rules.finding import Finding, Severity
from sapper.rules.rule import Rule
from sapper.rules.static_tree import static_sections
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG312",
    title="an interface that is configured nowhere",
    severity="error",
    why=(
        "VyOS refuses to use an interface that is neither configured nor in the machine; in a NAT rule it takes "
        "the name and the rule matches nothing."
    ),
    bad=TUNNEL + "set interfaces tunnel tun0 source-interface eth7\n",
    good=TUNNEL + "set interfaces tunnel tun0 source-interface eth0\n",
)

_COMES_AND_GOES = re.compile(r"(ppp|pppoe|sstpc|l2tp|ipoe)[0-9]+")
_OF_INTERFACE = (("source-interface",), ("redirect",), ("mirror", "ingress"), ("mirror", "egress"))
_NAT = "VyOS only warns, and the rule matches nothing"
_DAEMON = "VyOS only warns, and the IKE daemon waits for it"


class _Named(NamedTuple):
    name: str
    path: str
    span: Span
    severity: Severity = "error"
    does: str = "VyOS refuses it"


def find(subject: Subject) -> Iterator[Finding]:
    top = subject.top
    if not top.has("interfaces", "ethernet"):
        return
    configured = set(_configured(top))
    for named in _named(top):
        if named.name in configured or (named.does != _DAEMON and _COMES_AND_GOES.fullmatch(named.name)):
            continue
        message = f"{named.name} is configured nowhere: {named.does}"
        yield RULE.finding(message, named.path, named.span, severity=named.severity)


def _configured(top: Branch) -> Iterator[str]:
    """All interfaces of all kinds, their VLANs as NAME.ID; ``lo`` is always there, and so are the VRFs."""
    yield "lo"
    yield from (vrf.name for vrf in top.each("vrf", "name"))
    yield from (device.name for device in devices(top))


def _named(top: Branch) -> Iterator[_Named]:
    for device in devices(top):
        for words in _OF_INTERFACE:
            yield from _leaf(device.branch, *words)
    for member in members(top):
        yield _Named(member.name, member.path, member.span)
    yield from _of_routes(top)
    yield from _of_ipsec(top)
    yield from _of_nat(top)


def _of_routes(top: Branch) -> Iterator[_Named]:
    for above in static_sections(top):
        for word in ("route", "route6"):
            for route in above.each(word):
                yield from (_tag(way) for way in route.each("interface"))
                for hop in route.each("next-hop"):
                    yield from _leaf(hop, "interface")


def _of_ipsec(top: Branch) -> Iterator[_Named]:
    """Of an interface that comes and goes VyOS' IPsec script warns, and no other script says anything."""
    ipsec = top.below("vpn", "ipsec")
    if ipsec is not None:
        for named in _leaf(ipsec, "interface"):
            passing = _COMES_AND_GOES.fullmatch(named.name)
            yield named._replace(severity="warning", does=_DAEMON) if passing else named
    for peer in top.each("vpn", "ipsec", "site-to-site", "peer"):
        yield from _leaf(peer, "dhcp-interface")


def _of_nat(top: Branch) -> Iterator[_Named]:
    for kind, side in (("source", "outbound-interface"), ("destination", "inbound-interface")):
        for rule in top.each("nat", kind, "rule"):
            for named in _leaf(rule, side, "name"):
                name = named.name.removeprefix("!")
                if not name.endswith("*"):
                    yield named._replace(name=name, severity="warning", does=_NAT)


def _leaf(branch: Branch, *words: str) -> Iterator[_Named]:
    path = " ".join((*branch.path, *words))
    for value in branch.texts(*words):
        yield _Named(value.word, path, value.span)


def _tag(branch: Branch) -> _Named:
    return _Named(branch.name, branch.where, first_span(branch.node))
