"""CFG384: two peers whose names are one in strongSwan's configuration."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.connections import section_name
from sapper.model.branch import Branch, first_span
from sapper.rules.example import PEER
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import rendered_peers
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_NORTH = (
    "".join(line for line in PEER.splitlines(keepends=True) if "peer west" in line).replace(
        "203.0.113.20", "203.0.113.21"
    )
    + "set vpn ipsec authentication psk west id 203.0.113.21\n"
)

RULE = Rule(
    code="CFG384",
    title="two peers of one name in swanctl.conf",
    severity="warning",
    why=(
        "VyOS takes @ out of a peer's name and writes - for . and :, and does not look whether the names still "
        "differ. strongSwan reads two sections of one name as one: the later addresses and secrets replace the "
        "earlier, the tunnels are put together, and one of the peers is not there (seen with 5.9.8)."
    ),
    bad=PEER + _NORTH.replace("peer west", "peer we@st"),
    good=PEER + _NORTH.replace("peer west", "peer north"),
)


def find(subject: Subject) -> Iterator[Finding]:
    seen: dict[str, Branch] = {}
    for peer in rendered_peers(subject):
        name = section_name(peer.name)
        first = seen.setdefault(name, peer)
        if first is not peer:
            message = (
                f"this peer and the one at {subject.line_column(first_span(first.node))} are both {name} in swanctl.conf: VyOS "
                "takes both, and strongSwan makes them one"
            )
            yield RULE.finding(message, peer.where, first_span(peer.node))
