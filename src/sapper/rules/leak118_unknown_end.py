"""LEAK118: a selector for a protocol between ends of which one is known only when the SA is up."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.proof.states.effective import selectors_known
from sapper.rules.finding import Finding
from sapper.rules.leak import origin_of
from sapper.rules.leak_cause import children_of, judged
from sapper.rules.leak_example import BLACKHOLE, DUMMY, DUMMY_GUARD_IN, WAN
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_ANY = WAN.replace("remote-address 203.0.113.20", "remote-address any")

RULE = Rule(
    code="LEAK118",
    title="a protocol selector with an end that is not known",
    severity="warning",
    why=(
        "tunnel N protocol gre without prefixes means: between the two addresses of the IKE connection. With a "
        "far end that is any, an address by DHCP, or NAT in between, these are not the addresses that the "
        "tunnel's packets have, or nobody knows them beforehand: the policy does not match, and the tunnel is in "
        "clear beside the SA. Addresses of dummy interfaces as prefixes do not change."
    ),
    reference="the first article, on NAT and dynamic addresses",
    lab="Behind NAT, with the SA up, the tunnel packets leave in clear.",
    bad=_ANY,
    good=DUMMY.replace("remote-address 203.0.113.20", "remote-address any") + BLACKHOLE + DUMMY_GUARD_IN,
)


def find(subject: Subject) -> Iterator[Finding]:
    for entry, _ in judged(subject):
        if entry.link is None or entry.link.encapsulating is None:
            continue
        for connection, child in children_of(entry):
            dynamic = not (
                child.local_ts and child.remote_ts and connection.local_addrs and connection.remote_addrs
            )
            unknown = not selectors_known(connection, child) or (connection.encap and dynamic)
            if unknown:
                origin = origin_of(subject.router, entry.name)
                message = f"{entry.name}: the selectors of {child.title} are known only when the SA is up"
                yield RULE.finding(message, origin.path, origin.span)
                break
