"""CFG308: a peer without ESP group.

The model finds it where it has to assume something; this file gives it its code, severity and page.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from sapper.rules.example import PEER, without
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import is_old, peers
from sapper.rules.relay import from_assumptions
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG308",
    title="a peer without ESP group",
    severity="error",
    why=(
        "VyOS refuses the commit: every tunnel needs an ESP group of its own or of the peer, and so does a profile. Since 1.4 it does not "
        "check that of a VTI, and breaks when it writes swanctl.conf. sapper goes on with the defaults that an "
        "empty group has, and their mode is tunnel."
    ),
    bad=without(PEER, "default-esp-group"),
    good=PEER,
)


def find(subject: Subject) -> Iterator[Finding]:
    unchecked = {peer.where for peer in peers(subject) if not peer.has("tunnel")} if not is_old(subject) else set()
    for finding in from_assumptions(subject, RULE):
        if finding.path in unchecked:
            does = "VyOS does not check it for a vti and breaks when it writes swanctl.conf"
            message = finding.message.replace("VyOS refuses it", does)
            finding = msgspec.structs.replace(finding, message=message)
        yield finding
