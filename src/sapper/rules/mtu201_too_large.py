"""MTU201: an interface MTU above what fits its underlay, ESP counted.

Linux and VyOS subtract the tunnel's own header only: GRE's default of 1476 is 34 to 78 bytes too large under ESP.
Source: ip_tunnel_bind_dev in the kernel's net/ipv4/ip_tunnel.c; RFC 4303; VyOS' default MTUs.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.cfg326_ipv6_needs_1280 import LEAST_BYTES
from sapper.rules.example import PEER, TUNNEL
from sapper.rules.finding import Finding, Fix, Severity
from sapper.rules.rule import Rule
from sapper.rules.sized import Sized, alike, has, names_of, sized, stack_words, traversal_words
from sapper.rules.sized_place import value_place
from sapper.rules.subject import Subject

_BAD = TUNNEL + PEER

RULE = Rule(
    code="MTU201",
    title="an MTU that is larger than what fits",
    severity="warning",
    why=(
        "A tunnel interface takes its underlay's MTU less its own header, and VyOS writes 1476 for all of them; "
        "nobody subtracts IPsec. A packet that the interface takes and the underlay does not is sent in fragments, "
        "or refused where DF is set: then the sender must hear of it by ICMP, and where it does not, connections "
        "stall once they send more than a few bytes. A bridge that may cut what it sends only gets an information."
    ),
    bad=_BAD,
    good=_BAD + "set interfaces tunnel tun0 mtu 1442\n",
)

_LEAST_OF_KIND = {"vxlan": 1200, "geneve": 1200}
_NOT_COUNTED = {1: 8, 2: 12}
"""The bytes of ERSPAN's header, by version, that ip6erspan leaves out of the path MTU that it reports."""
_NO_IPV6 = "ipv6 address no-default-link-local"


def find(subject: Subject) -> Iterator[Finding]:
    wrong = [tunnel for tunnel in sized(subject) if tunnel.excess and is_for_this_rule(tunnel)]
    for group in alike(wrong, _cause):
        yield _finding(subject, group)


def is_for_this_rule(tunnel: Sized) -> bool:
    """False for what MTU207 (no room for IPv6), MTU208 (bridges) and MTU210 (VXLAN) say more of."""
    if tunnel.link.kind == "vxlan" or (6 in tunnel.families and tunnel.fits < LEAST_BYTES):
        return False
    return not tunnel.is_bridged or may_cut(tunnel)


def may_cut(tunnel: Sized) -> bool:
    """True if the outer packet may be cut into fragments, whatever is inside."""
    outer = tunnel.link.encapsulating
    if outer is not None:
        return outer.ignore_df and not outer.pmtu_discovery
    return tunnel.link.geneve is None or tunnel.link.geneve.df == "unset"


def _cause(tunnel: Sized) -> tuple[object, ...]:
    return (tunnel.mtu, tunnel.fits, tunnel.sizes.stack, tunnel.sizes.underlay, tunnel.proposal, tunnel.is_bridged)


def _finding(subject: Subject, group: list[Sized]) -> Finding:
    first, names = group[0], [tunnel.name for tunnel in group]
    span, is_written = value_place(subject, first.origin.path, "mtu")
    told = "" if is_written else " by default"
    message = (
        f"{names_of(names)} {has(names)} mtu {first.mtu}{told}, {first.excess} more than fits: "
        f"{first.fits} ({stack_words(first)}){traversal_words(first)}; longer packets are cut, or refused with DF"
        f"{_of_the_kernel(first)}"
    )
    commands = [command for tunnel in group for command in mtu_commands(tunnel, tunnel.fits)]
    fixes = (Fix(f"mtu {first.fits}, and the same at the peer", tuple(commands)),) if commands else ()
    severity: Severity | None = "info" if first.is_bridged else None
    return RULE.finding(message, f"{first.origin.path} mtu", span, severity=severity, fixes=fixes)


def mtu_commands(tunnel: Sized, mtu: int) -> list[str]:
    """The commands that give the interface that MTU; none where VyOS takes no such value."""
    if mtu < _LEAST_OF_KIND.get(tunnel.link.kind, 68):
        return []
    commands = [f"set {tunnel.origin.path} mtu {mtu}"]
    if mtu < LEAST_BYTES and tunnel.link.kind != "xfrm":
        commands.append(f"set {tunnel.origin.path} {_NO_IPV6}")
    return commands


def _of_the_kernel(tunnel: Sized) -> str:
    """What the kernel itself makes of a packet that is too large, where that is not what fits (seen on Linux 6.1)."""
    outer = tunnel.link.encapsulating
    if tunnel.link.kind == "ip6erspan" and outer is not None:
        missed = _NOT_COUNTED[outer.erspan.version if outer.erspan is not None else 1]
        return f', and the "too big" that the kernel sends says {missed} too many'
    if tunnel.link.kind == "gre" and 6 in tunnel.families:
        return ", and one too long IPv6 packet sets the MTU of its whole route"
    return ""
