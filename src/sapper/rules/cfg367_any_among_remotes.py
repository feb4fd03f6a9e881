"""CFG367: ``any`` among other remote addresses."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import PEER, instead
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import rendered_peers
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_PEER = instead(PEER, "protocol gre", "priority 1")

RULE = Rule(
    code="CFG367",
    title="any among other remote addresses",
    severity="warning",
    why=(
        "VyOS silently renders the whole list as %any: the other addresses are forgotten, this end never calls "
        "any of them, and whoever authenticates is taken."
    ),
    bad=_PEER + "set vpn ipsec site-to-site peer west remote-address any\n",
    good=_PEER + "set vpn ipsec site-to-site peer west remote-address 203.0.113.21\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    for peer in rendered_peers(subject):
        remotes = peer.texts("remote-address")
        anybody = next((remote for remote in remotes if remote.word == "any"), None)
        if anybody is not None and len(remotes) > 1:
            message = f"any beside {len(remotes) - 1} more: VyOS silently makes the whole list any"
            yield RULE.finding(message, f"{peer.where} remote-address", anybody.span)
