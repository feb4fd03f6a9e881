"""Ask every rule about one subject, and those that compare two ends about a pair."""

from __future__ import annotations

from sapper.rules.finding import Finding
from sapper.rules.pair_peers import PeerEnd
from sapper.rules.pair_sizes import End
from sapper.rules.pair_wireguard import Call, WireguardEnd
from sapper.rules.register import PAIR_RULES, PEER_RULES, RULES, WIREGUARD_RULES
from sapper.rules.subject import Subject
from sapper.rules.written import as_written, written_peers


def examine(subject: Subject) -> list[Finding]:
    """All findings in order of their places in the text, then of their codes; the same finding only once."""
    renamed = written_peers(subject)
    found = {as_written(finding, renamed): None for rule in RULES for finding in rule.find(subject)}
    return sorted(found, key=lambda finding: (finding.span, finding.code, finding.path))


def examine_pair(near: End, far: End) -> list[Finding]:
    """What is to be said at the near end of a tunnel."""
    return [finding for rule in PAIR_RULES for finding in rule.compare(near, far)]


def examine_peers(near: PeerEnd, far: PeerEnd) -> list[Finding]:
    """What is to be said at the near end of an IKE connection."""
    return [finding for rule in PEER_RULES for finding in rule.compare(near, far)]


def examine_call(call: Call, near: WireguardEnd, far: WireguardEnd) -> list[Finding]:
    """What is to be said at a WireGuard peer about the device that it calls."""
    return [finding for rule in WIREGUARD_RULES for finding in rule.compare(call, near, far)]
