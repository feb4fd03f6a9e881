"""Which WireGuard devices of several texts call each other, so that their keys can be compared.

A peer with an endpoint calls the device that listens there: an address of another text's router, and its port. Keys
play no part in it, unlike in :mod:`sapper.rules.pair_sizes`, since here they may be wrong. An endpoint that no device
has (NAT, a dynamic address), or that more than one has, is left alone. Linear in the number of peers.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sapper.address import Address
from sapper.config.tree import Source, Span
from sapper.kernel.plan import Link, WireguardDevice
from sapper.rules.curve25519 import LENGTH_BYTES, public_key
from sapper.rules.subject import Subject


class Call(NamedTuple):
    """A peer with an endpoint; ``path`` and ``span`` are its public key's in the text."""

    key: bytes
    endpoint: tuple[Address, int]
    path: str
    span: Span


class WireguardEnd(NamedTuple):
    """A device. ``own`` is its public key, ``peers`` those of all its peers, ``listens`` where it can be called."""

    name: str
    source: Source
    own: bytes
    peers: frozenset[bytes]
    listens: tuple[tuple[Address, int], ...]
    calls: tuple[Call, ...]


def wireguard_ends(subject: Subject) -> tuple[WireguardEnd, ...]:
    """The devices of one text whose private key is written in it, in the Plan's order."""
    if subject.plan is None:
        return ()
    addresses = [item.address for link in subject.plan.links for item in link.addresses]
    found = (_end(subject, link, link.wireguard, addresses) for link in subject.plan.links if link.wireguard)
    return tuple(end for end in found if end is not None)


def wireguard_pairs(
    files: Sequence[Sequence[WireguardEnd]],
) -> Iterator[tuple[int, Call, WireguardEnd, WireguardEnd]]:
    """For every call that exactly one device of another file takes: the file's number, the call, its device, that one."""
    listening: dict[tuple[Address, int], list[tuple[int, WireguardEnd]]] = defaultdict(list)
    for number, ends in enumerate(files):
        for end in ends:
            for place in end.listens:
                listening[place].append((number, end))
    for number, ends in enumerate(files):
        for end in ends:
            for call in end.calls:
                taken = listening.get(call.endpoint, ())
                if len(taken) == 1 and taken[0][0] != number:
                    yield number, call, end, taken[0][1]


def _end(
    subject: Subject, link: Link, device: WireguardDevice, addresses: Sequence[Address]
) -> WireguardEnd | None:
    private = _bytes(device.private_key.reveal()) if device.private_key is not None else None
    if private is None:
        return None
    keys = {peer.public_key: key for peer in device.peers if (key := _bytes(peer.public_key)) is not None}
    called = {
        peer.public_key: (peer.endpoint, peer.port)
        for peer in device.peers
        if peer.endpoint is not None and peer.port is not None
    }
    calls = []
    for branch in subject.top.each("interfaces", "wireguard"):
        for peer in branch.each("peer") if branch.name == link.name else ():
            word = peer.in_force("public-key")
            if word is not None and word.word in keys and word.word in called:
                calls.append(Call(keys[word.word], called[word.word], f"{peer.where} public-key", word.span))
    listens = tuple((address, device.port) for address in dict.fromkeys(addresses)) if device.port else ()
    return WireguardEnd(
        link.name, subject.document.source, public_key(private), frozenset(keys.values()), listens, tuple(calls)
    )


def _bytes(text: str) -> bytes | None:
    """A key of the right length, or None."""
    try:
        decoded = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded if len(decoded) == LENGTH_BYTES else None
