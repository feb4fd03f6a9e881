"""LEAK109: a trap that charon refuses, because the remote address is any."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.connections import section_name
from sapper.model.branch import first_span
from sapper.proof.states.effective import trap_accepted
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import peers
from sapper.rules.leak_example import DUMMY, far_end
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_TRAP = DUMMY.replace("connection-type initiate", "connection-type respond")

RULE = Rule(
    code="LEAK109",
    title="a trap that the daemon refuses",
    severity="error",
    why=(
        "In tunnel mode the daemon needs the far address to install a trap. With any it logs (remote address "
        "unknown) and installs nothing, so the connection that looks protected while it waits is in clear. An "
        "upgrade turns peer @name with connection-type none into such a trap."
    ),
    reference="strongSwan 5.9.8, trap_manager.c",
    lab="The daemon loads the connection, no policy is in the kernel, and the probes leave in clear.",
    bad=_TRAP.replace("remote-address 203.0.113.20", "remote-address any"),
    good=_TRAP,
    far=far_end(DUMMY).replace("connection-type none", "connection-type initiate"),
)


def find(subject: Subject) -> Iterator[Finding]:
    if subject.plan is None:
        return
    for connection in subject.plan.connections:
        refused = [
            child
            for child in connection.children
            if child.start_action == "trap" and child.if_id is None and not trap_accepted(connection, child)
        ]
        if not refused:
            continue
        branch = next((peer for peer in peers(subject) if section_name(peer.name) == connection.name), None)
        if branch is not None:
            message = (
                f"the daemon refuses the trap of {refused[0].title}: the remote address is any, and the mode tunnel"
            )
            yield RULE.finding(message, branch.where, first_span(branch.node))
