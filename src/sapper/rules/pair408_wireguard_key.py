"""PAIR408: a WireGuard peer has another public key than the device that it calls, or is not known there.

No key is repeated. Which devices call each other is found by their endpoints (:mod:`sapper.rules.pair_wireguard`).
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import instead
from sapper.rules.finding import Finding
from sapper.rules.pair_wireguard import Call, WireguardEnd
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_EAST = """\
set interfaces ethernet eth0 address 192.0.2.10/24
set interfaces wireguard wg0 address 10.0.0.1/30
set interfaces wireguard wg0 port 51820
set interfaces wireguard wg0 private-key 'yFPaQXAQm2RIRm6KymeH3Q5GwmdUNINwiUVambJSkjk='
set interfaces wireguard wg0 peer west address 203.0.113.20
set interfaces wireguard wg0 peer west allowed-ips 10.0.0.2/32
set interfaces wireguard wg0 peer west port 51820
set interfaces wireguard wg0 peer west public-key 'K2M4r5iQ3rvCZYsk7hG+WK6CP8/hfnjGbVkRniMfB0U='
"""
_WEST = """\
set interfaces ethernet eth0 address 203.0.113.20/24
set interfaces wireguard wg0 address 10.0.0.2/30
set interfaces wireguard wg0 port 51820
set interfaces wireguard wg0 private-key 'NmFi3qxdRNH8AqZpu4XSpOhaClEPFpnnmXfhPV3JEVk='
set interfaces wireguard wg0 peer east allowed-ips 10.0.0.1/32
set interfaces wireguard wg0 peer east public-key 'pvQh/lY5cDwOLcG83C0ylXLr4iuCIeTM8yNKy2T1tXw='
"""

RULE = Rule(
    code="PAIR408",
    title="WireGuard keys that are not those of the far end",
    severity="error",
    why=(
        "A peer is known by its public key alone, which follows from the far end's private key. A handshake for another "
        "key, or from a key that the far end has no peer for, is dropped without an answer and without a line in a log. "
        "What one gets most often is a key from before the last change, or the one of another router."
    ),
    reference="the WireGuard paper (Donenfeld 2017), 5.4; wg(8)",
    bad=instead(
        _EAST, "K2M4r5iQ3rvCZYsk7hG+WK6CP8/hfnjGbVkRniMfB0U=", "KVPpfcoSKfl8YAvsLBf+6qs1zkvt9msdQvFqRJ3FwF8="
    ),
    good=_EAST,
    far=_WEST,
)


def find(subject: Subject) -> Iterator[Finding]:
    """Nothing: one text has no far end."""
    del subject
    return iter(())


def compare(call: Call, near: WireguardEnd, far: WireguardEnd) -> Iterator[Finding]:
    """What is to be said at the peer that calls."""
    there = f"{far.name} of {far.source.path}"
    if call.key != far.own:
        message = f"the public key is not that of {there}, which has the peer's address and port"
        yield RULE.finding(message, call.path, call.span)
    elif near.own not in far.peers:
        message = f"{there}, which is called, has no peer with the key of {near.name}"
        yield RULE.finding(message, call.path, call.span)
