"""CFG383: a replay window of 0."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import PROTECTED
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import rendered_peers
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_WINDOW = "set vpn ipsec site-to-site peer west replay-window"

RULE = Rule(
    code="CFG383",
    title="a replay window of 0",
    severity="warning",
    why=(
        "0 is no small window, it switches replay protection off: VyOS always renders the value, and the kernel then "
        "takes every packet that was captured once and is sent again. The default is 32 packets."
    ),
    reference="RFC 4303 3.4.3; net/xfrm/xfrm_replay.c",
    lab="ESP packets that were captured in front of the router are sent again: each is decrypted and heard a second time.",
    bad=PROTECTED + f"{_WINDOW} 0\n",
    good=PROTECTED + f"{_WINDOW} 64\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    for peer in rendered_peers(subject):
        value = peer.in_force("replay-window")
        if value is not None and peer.number("replay-window") == 0:
            message = "VyOS renders replay-window 0, and the kernel accepts packets that are sent again"
            yield RULE.finding(message, f"{peer.where} replay-window", value.span)
