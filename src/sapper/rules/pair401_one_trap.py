"""PAIR401: one end installs a trap, the other one waits in clear."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import PROTECTED
from sapper.rules.far_example import FAR_PROTECTED
from sapper.rules.finding import Finding
from sapper.rules.pair_peers import PeerEnd
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="PAIR401",
    title="a trap on one end only",
    severity="warning",
    why=(
        "A trap keeps this end's packets in until the SA is up. The other end has none: while it waits, after a "
        "close, and after a restart its own packets leave in clear, and what it answers shows the content of what "
        "was asked."
    ),
    reference="the vendor manual recommends initiate with none; the first article",
    lab=(
        "The end without a trap sends its probes in clear in negotiating and deleted; the other one sends nothing."
    ),
    bad=PROTECTED,
    good=PROTECTED + "set vpn ipsec site-to-site peer west connection-type respond\n",
    far=FAR_PROTECTED + "set vpn ipsec site-to-site peer east connection-type respond\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    """Nothing: one text has no far end."""
    del subject
    return iter(())


def compare(near: PeerEnd, far: PeerEnd) -> Iterator[Finding]:
    trapped = {child.start_action for child in far.children}
    open_here = [child for child in near.children if child.start_action != "trap" and child.if_id is None]
    if "trap" in trapped and open_here:
        message = f"{far.label} keeps its packets in by a trap, and {open_here[0].title} here has none"
        yield RULE.finding(message, near.path, near.span)
