"""CFG319: two tunnels that cannot be told apart.

GRE tells tunnels with the same ends apart by their keys; VyOS compares source and key only, and a tunnel without a
key with every other between the same ends. All other encapsulations have nothing but their ends. Source: the
collision rule of VyOS' interfaces_tunnel, and the kernel's ip_tunnel_find for the rest.
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


def find(subject: Subject) -> Iterator[Finding]:
    """One finding for each tunnel that an earlier one is in the way of."""
    alike: dict[tuple[object, ...], list[Tunnel]] = {}
    for tunnel in subject.router.tunnels:
        buckets = [alike.setdefault(mark, []) for mark in _marks(tunnel)]
        for earlier in (other for bucket in buckets for other in bucket):
            if _collide(earlier, tunnel):
                yield _finding(subject, earlier, tunnel)
                break
        for bucket in buckets:
            bucket.append(tunnel)


def _marks(tunnel: Tunnel) -> list[tuple[object, ...]]:
    """Two tunnels that collide share one of these, so that not every pair has to be compared."""
    marks: list[tuple[object, ...]] = [("ends", tunnel.local, tunnel.remote)]
    if tunnel.key is not None:
        marks.append(("key", tunnel.local, tunnel.key))
    return marks


def _finding(subject: Subject, first: Tunnel, second: Tunnel) -> Finding:
    same = f"{second.name} and {first.name} have the same ends"
    if second.encapsulation in _ONE_KEY_SPACE:
        message = f"{same} and no keys that differ: VyOS refuses the second"
    else:
        message = f"{same}: the kernel refuses the second"
    branch = subject.top.below("interfaces", "tunnel", second.name)
    span = first_span(branch.node) if branch is not None else second.origin.span
    return RULE.finding(message, second.origin.path, span)


def _collide(first: Tunnel, second: Tunnel) -> bool:
    both = {first.encapsulation, second.encapsulation}
    if both <= _ONE_KEY_SPACE:
        return _vyos_refuses(first, second) or _vyos_refuses(second, first)
    return len(both) == 1 and _ends(first) == _ends(second) and first.key == second.key


def _vyos_refuses(tunnel: Tunnel, other: Tunnel) -> bool:
    if tunnel.key is not None:
        return tunnel.local == other.local and tunnel.key == other.key
    if tunnel.remote != other.remote or tunnel.local != other.local:
        return False
    return tunnel.local is not None or tunnel.source_interface == other.source_interface


def _ends(tunnel: Tunnel) -> tuple[object, ...]:
    return tunnel.local, tunnel.remote, tunnel.source_interface
