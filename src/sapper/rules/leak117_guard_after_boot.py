"""LEAK117: a tunnel that only the firewall guards is open while the router boots."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.finding import Finding
from sapper.rules.leak import origin_of
from sapper.rules.leak_cause import Without, judged
from sapper.rules.leak_example import REJECT, VTI, WAN, WAN_GUARD_IN, WAN_GUARD_OUT
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="LEAK117",
    title="a guard that comes after the tunnel",
    severity="info",
    why=(
        "On VyOS the interfaces and static routes of a commit come before the firewall. While the router boots "
        "there is a tunnel and no guard: for some seconds its packets leave in clear. A VTI, or dummy addresses "
        "with a blackhole, need no firewall to be safe from the first moment on."
    ),
    reference="the commit order in the reference: tunnel 380, firewall later",
    lab="Interfaces and routes without the firewall, as between the two parts of the commit: five probes leave in clear.",
    bad=WAN + WAN_GUARD_OUT + WAN_GUARD_IN,
    good=VTI + REJECT,
)


def find(subject: Subject) -> Iterator[Finding]:
    if subject.plan is None or not subject.plan.guards:
        return
    without = Without(subject, guards=())
    for entry, verdicts in judged(subject):
        if verdicts["confidentiality"].verdict != "proved" or entry.link is None:
            continue
        if "boot" in without.states(entry.name, "confidentiality"):
            origin = origin_of(subject.router, entry.name)
            message = (
                f"{entry.name} is guarded by the firewall alone, which VyOS loads after it while the router boots"
            )
            yield RULE.finding(message, origin.path, origin.span)
