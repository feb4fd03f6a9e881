"""MTU207: IPv6 through a tunnel that leaves it less than 1280 bytes.

Every IPv6 link must carry 1280 (RFC 8200 section 5), the kernel runs no IPv6 on a smaller one, and VyOS refuses a
smaller MTU. So no MTU of the interface is right. CFG326 is about an MTU that is written too small.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.cfg326_ipv6_needs_1280 import LEAST_BYTES
from sapper.rules.example import PEER, TUNNEL
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.sized import Sized, alike, names_of, sized, stack_words
from sapper.rules.sized_place import value_place
from sapper.rules.subject import Subject

_BAD = (
    TUNNEL
    + PEER
    + "set interfaces tunnel tun0 address 2001:db8:1::1/64\n"
    + "set interfaces ethernet eth0 mtu 1320\n"
)

RULE = Rule(
    code="MTU207",
    title="a tunnel that leaves less than 1280 bytes for IPv6",
    severity="warning",
    why=(
        'IPv6 needs links of 1280 bytes, and no router cuts its packets: an answer "too big" cannot ask for less '
        "than 1280. If the headers leave less, the tunnel has to cut its own outer packets, or the underlay must "
        "have a larger MTU, or IPv6 must not go through. The kernel runs no IPv6 on an interface with a smaller MTU."
    ),
    bad=_BAD,
    good=_BAD.replace("mtu 1320", "mtu 1400") + "set interfaces tunnel tun0 mtu 1340\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    tunnels = [tunnel for tunnel in sized(subject) if 6 in tunnel.families and not tunnel.is_bridged]
    narrow = [tunnel for tunnel in tunnels if tunnel.fits < LEAST_BYTES]
    for group in alike(narrow, lambda tunnel: (tunnel.fits, tunnel.sizes.stack, tunnel.sizes.underlay)):
        yield _no_room(subject, group)
    for tunnel in tunnels:
        if tunnel.mtu < LEAST_BYTES <= tunnel.fits and not _has_ipv6_address(tunnel):
            yield _routed(subject, tunnel)


def _no_room(subject: Subject, group: list[Sized]) -> Finding:
    first = group[0]
    message = (
        f"IPv6 through {names_of([tunnel.name for tunnel in group])} needs {LEAST_BYTES} bytes and has {first.fits} "
        f"({stack_words(first)}): the underlay is {LEAST_BYTES - first.fits} or more too small"
    )
    span, _ = value_place(subject, first.origin.path)
    return RULE.finding(message, first.origin.path, span)


def _routed(subject: Subject, tunnel: Sized) -> Finding:
    """CFG326 says it where the interface has an address."""
    message = (
        f"IPv6 is routed to {tunnel.name}, whose mtu is {tunnel.mtu}: the kernel runs no IPv6 on a link below "
        f"{LEAST_BYTES} bytes"
    )
    span, _ = value_place(subject, tunnel.origin.path, "mtu")
    return RULE.finding(message, f"{tunnel.origin.path} mtu", span)


def _has_ipv6_address(tunnel: Sized) -> bool:
    return any(attached.address.family == 6 for attached in tunnel.link.addresses)
