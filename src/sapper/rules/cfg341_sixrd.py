"""CFG341: 6rd options that nothing is made of.

1.2 and before carry them out, with sit only. Newer releases have the options and no script that reads them. Source:
VyOS' interfaces_tunnel of both ages; RFC 5969.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch, first_span
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_SIT = """\
set interfaces ethernet eth0 address 192.0.2.10/24
set interfaces tunnel tun0 encapsulation sit
set interfaces tunnel tun0 source-address 192.0.2.10
set interfaces tunnel tun0 remote 203.0.113.20
"""

RULE = Rule(
    code="CFG341",
    title="6rd options that nothing is made of",
    severity="warning",
    why=(
        "Since 1.3 VyOS takes the options and applies nothing: the tunnel is a plain sit tunnel to its remote, and "
        "no address is derived from the prefix. 1.2 and before carry them out with sit and refuse them with any "
        "other encapsulation (an error there)."
    ),
    bad=_SIT + "set interfaces tunnel tun0 6rd-prefix 2001:db8::/32\n",
    good=_SIT + "set interfaces tunnel tun0 address 2001:db8:c000:20a::1/64\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    for tunnel in subject.top.each("interfaces", "tunnel"):
        for word in ("6rd-prefix", "6rd-relay-prefix"):
            option = tunnel.below(word)
            if option is not None:
                yield from _of(subject, tunnel, option, word)


def _of(subject: Subject, tunnel: Branch, option: Branch, word: str) -> Iterator[Finding]:
    encapsulation = tunnel.text("encapsulation")
    if subject.generation >= "1.3":
        message = f"{tunnel.name} has {word}: VyOS takes it and applies nothing"
        yield RULE.finding(message, option.where, first_span(option.node))
    elif encapsulation not in (None, "sit"):
        message = f"{tunnel.name} is {encapsulation} and has {word}: VyOS refuses it; only sit carries 6rd"
        yield RULE.finding(message, option.where, first_span(option.node), severity="error")
