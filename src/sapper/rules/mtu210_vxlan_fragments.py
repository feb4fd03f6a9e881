"""MTU210: a VXLAN whose packets would have to be cut.

A VTEP must not fragment, and a far end may drop fragments (RFC 7348 section 4.3). VyOS compares a VXLAN with the
interface that it names as its source (CFG350), never with a route, and never with IPsec.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.finding import Finding, Fix
from sapper.rules.mtu201_too_large import mtu_commands
from sapper.rules.rule import Rule
from sapper.rules.sized import Sized, alike, has, names_of, sized, stack_words, traversal_words
from sapper.rules.sized_place import value_place
from sapper.rules.subject import Subject

_BAD = """\
set interfaces ethernet eth0 address 192.0.2.10/24
set interfaces vxlan vxlan0 address 10.0.0.1/30
set interfaces vxlan vxlan0 remote 203.0.113.20
set interfaces vxlan vxlan0 source-address 192.0.2.10
set interfaces vxlan vxlan0 vni 100
"""

RULE = Rule(
    code="MTU210",
    title="a VXLAN that does not fit its underlay",
    severity="warning",
    why=(
        "VXLAN adds 50 bytes over IPv4 and 70 over IPv6, ESP some 40 to 80 more, and its packets must not be cut: "
        "the far end may drop every fragment. The default MTU of 1500 needs an underlay of 1550. VyOS checks that "
        "only against a source-interface; Linux cuts the packets, or refuses them where `parameters ip df set` says so."
    ),
    bad=_BAD,
    good=_BAD + "set interfaces vxlan vxlan0 mtu 1450\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    wrong = [
        tunnel
        for tunnel in sized(subject)
        if tunnel.link.vxlan is not None and tunnel.excess and not _is_refused(tunnel)
    ]
    for group in alike(wrong, lambda tunnel: (tunnel.mtu, tunnel.fits, tunnel.sizes.stack, tunnel.sizes.underlay)):
        yield _finding(subject, group)


def _is_refused(tunnel: Sized) -> bool:
    """CFG350 says the same already: of the source interface, with nothing but VXLAN's own headers."""
    source = tunnel.link.vxlan.link if tunnel.link.vxlan is not None else None
    return source is not None and source == tunnel.sizes.underlay and not tunnel.sizes.esp_proposals


def _finding(subject: Subject, group: list[Sized]) -> Finding:
    first, names = group[0], [tunnel.name for tunnel in group]
    span, is_written = value_place(subject, first.origin.path, "mtu")
    message = (
        f"{names_of(names)} {has(names)} mtu {first.mtu}{'' if is_written else ' by default'}, {first.excess} more "
        f"than fits: {first.fits} ({stack_words(first)}){traversal_words(first)}; VXLAN must not be cut (RFC 7348)"
    )
    commands = tuple(command for tunnel in group for command in mtu_commands(tunnel, tunnel.fits))
    fixes = (Fix(f"mtu {first.fits}, and the same at the peer", commands),) if commands else ()
    return RULE.finding(message, f"{first.origin.path} mtu", span, fixes=fixes)
