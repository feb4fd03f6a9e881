"""CFG319: two tunnels that cannot be told apart.

GRE tells tunnels with the same ends apart by their keys; VyOS compares source and key only, and a tunnel without a
key with every other between the same ends, whichever of the two is the older. All other encapsulations have nothing
but their ends. Source: the collision rule of VyOS' interfaces_tunnel; ip_tunnel_find and ip6_tnl_locate of the
kernel.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.model.interface import Tunnel
from sapper.rules.example import TUNNEL, instead
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_SECOND = instead(TUNNEL, "tun0", "tun1").replace("10.0.0.1", "10.0.0.5")
_FIRST_KEY = "set interfaces tunnel tun0 parameters ip key 10\n"
_SECOND_KEY = "set interfaces tunnel tun1 parameters ip key 20\n"

RULE = Rule(
    code="CFG319",
    title="two tunnels with the same ends and no key between them",
    severity="error",
    why=(
        "The kernel finds the tunnel of a packet by its ends and, for GRE, its key. VyOS refuses two GRE tunnels "
        "that it could not tell apart, and the kernel refuses two of any other kind with the same ends."
    ),
    bad=TUNNEL + _SECOND,
    good=TUNNEL + _SECOND + _FIRST_KEY + _SECOND_KEY,
)

_ONE_KEY_SPACE = frozenset({"gre", "gretap"})
_ONE_KIND = {"ipip6": "ip6tnl", "ip6ip6": "ip6tnl"}
"""Encapsulations that are one kind of link for the kernel, which compares the ends but not what is inside."""

Mark = tuple[object, ...]


def find(subject: Subject) -> Iterator[Finding]:
    """One finding for each tunnel that an earlier one is in the way of."""
    gre = _SeenGre()
    others: dict[Mark, str] = {}
    for tunnel in subject.router.tunnels:
        if tunnel.encapsulation in _ONE_KEY_SPACE:
            reason = gre.in_the_way_of(tunnel)
            gre.add(tunnel)
        else:
            first = others.setdefault(_alike_for_the_kernel(tunnel), tunnel.name)
            same = f"{tunnel.name} and {first} have the same ends: the kernel refuses the second"
            reason = same if first != tunnel.name else None
        if reason is not None:
            yield _finding(subject, tunnel, reason)


class _SeenGre:
    """The gre and gretap tunnels so far, by what VyOS compares; each question is one look-up."""

    def __init__(self) -> None:
        self.keyed: dict[Mark, str] = {}
        self.keyless: dict[Mark, str] = {}
        self.all: dict[Mark, str] = {}

    def add(self, tunnel: Tunnel) -> None:
        ends = _compared_ends(tunnel)
        self.all.setdefault(ends, tunnel.name)
        if tunnel.key is None:
            self.keyless.setdefault(ends, tunnel.name)
        else:
            self.keyed.setdefault((tunnel.local, tunnel.key), tunnel.name)

    def in_the_way_of(self, tunnel: Tunnel) -> str | None:
        """Why VyOS refuses this tunnel beside those so far, or None."""
        ends = _compared_ends(tunnel)
        other = self.all.get(ends) if tunnel.key is None else self.keyless.get(ends)
        if other is not None:
            return f"{tunnel.name} and {other} have the same ends and no keys that differ: VyOS refuses the second"
        other = self.keyed.get((tunnel.local, tunnel.key)) if tunnel.key is not None else None
        if other is None:
            return None
        return (
            f"{tunnel.name} and {other} have the same source-address and the same key: VyOS refuses the second and "
            f"compares no remote, though the kernel does"
        )


def _compared_ends(tunnel: Tunnel) -> Mark:
    """VyOS looks at the source-interface only where there is no source-address."""
    return tunnel.local, tunnel.remote, tunnel.source_interface if tunnel.local is None else None


def _alike_for_the_kernel(tunnel: Tunnel) -> Mark:
    kind = _ONE_KIND.get(tunnel.encapsulation, tunnel.encapsulation)
    key = None if kind in ("ipip", "sit", "ip6tnl") else tunnel.key
    return kind, tunnel.local, tunnel.remote, tunnel.source_interface, key


def _finding(subject: Subject, tunnel: Tunnel, message: str) -> Finding:
    branch = subject.top.below("interfaces", "tunnel", tunnel.name)
    span = first_span(branch.node) if branch is not None else tunnel.origin.span
    return RULE.finding(message, tunnel.origin.path, span)
