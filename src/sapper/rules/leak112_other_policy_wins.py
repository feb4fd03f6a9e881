"""LEAK112: another connection's policy catches the tunnel's packets before its own."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.complete import complete
from sapper.kernel.plan import Child, Connection, Plan
from sapper.proof.facts.packet import Packet
from sapper.proof.properties.protected import Entry
from sapper.proof.states.effective import kernel_in, local_selectors, remote_selectors
from sapper.proof.states.lifecycle import TABLE
from sapper.proof.states.situation import Situation
from sapper.proof.walk.policy import outbound
from sapper.rules.finding import Finding
from sapper.rules.leak import origin_of
from sapper.rules.leak_cause import children_of, judged, outer_protocols
from sapper.rules.leak_example import BLACKHOLE, DUMMY
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_UP = next(row for row in TABLE if row.state == "up")
_WIDE = (
    DUMMY
    + BLACKHOLE
    + "set vpn ipsec authentication psk west id 198.51.100.30\n"
    + "".join(
        f"set vpn ipsec site-to-site peer {words}\n"
        for words in (
            "north authentication mode pre-shared-secret",
            "north connection-type initiate",
            "north default-esp-group ESP",
            "north ike-group IKE",
            "north local-address 192.0.2.10",
            "north remote-address 198.51.100.30",
            "north tunnel 1 local prefix 10.10.0.0/31",
            "north tunnel 1 remote prefix 10.10.0.2/31",
        )
    )
)
_FIRST = "set vpn ipsec site-to-site peer north tunnel 1 priority 1\n"

RULE = Rule(
    code="LEAK112",
    title="overlapping selectors where another policy wins",
    severity="error",
    why=(
        "Of two policies that match, the one with the lower priority number wins; the daemon gives narrower "
        "selectors the lower number, and a priority that was set by hand overrules that. The tunnel's packets "
        "then go to another peer, or pass by a bypass policy."
    ),
    reference="strongSwan, kernel_netlink_ipsec.c, get_priority",
    lab="With both SAs up the tunnel packets leave as ESP for the other peer.",
    bad=_WIDE + _FIRST,
    good=_WIDE,
)


def find(subject: Subject) -> Iterator[Finding]:
    plan = complete(subject.plan) if subject.plan is not None else None
    if plan is None:
        return
    for entry, _ in judged(subject):
        other = _winner(plan, entry)
        if other is not None:
            origin = origin_of(subject.router, entry.name)
            message = f"{entry.name}: with all SAs up, the policy of {other} catches its packets, not its own"
            yield RULE.finding(message, origin.path, origin.span)


def _winner(plan: Plan, entry: Entry) -> str | None:
    """The child that wins, if it is not the one with the narrowest selectors."""
    wrapping = entry.link.encapsulating if entry.link is not None else None
    narrowest = max(children_of(entry), key=_narrowness, default=None)
    if entry.link is None or wrapping is None or wrapping.remote is None or wrapping.local is None or not narrowest:
        return None
    kernel = kernel_in(plan, Situation(_UP))
    for protocol in sorted(outer_protocols(entry.link)):
        rivals = outbound(kernel, Packet(source=wrapping.local, destination=wrapping.remote, protocol=protocol))
        winners = [policy.child for policy in rivals if policy is not None]
        if winners and narrowest[1].name not in winners:
            return winners[0]
    return None


def _narrowness(pair: tuple[Connection, Child]) -> int:
    near, far = local_selectors(*pair), remote_selectors(*pair)
    return max((selector.prefix.length for selector in near), default=0) + max(
        (selector.prefix.length for selector in far), default=0
    )
