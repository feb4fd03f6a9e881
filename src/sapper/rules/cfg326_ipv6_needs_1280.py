"""CFG326: an MTU below 1280 on an interface that is to carry IPv6.

VyOS asks this of tunnels, Ethernet, WireGuard, VXLAN, GENEVE and L2TPv3, and there of the link-local address too.
It does not ask it of VTIs, dummies, bridges and VLANs, where the kernel then runs no IPv6. Source: VyOS' rule for
MTU and IPv6; RFC 8200 section 5; addrconf_notify in the kernel's net/ipv6/addrconf.c.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.config.tree import Node
from sapper.rules.devices import Device, addresses, devices
from sapper.rules.example import TUNNEL
from sapper.rules.finding import Finding, Fix
from sapper.rules.refusal import refusal_since_1_3
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

LEAST_BYTES = 1280

RULE = Rule(
    code="CFG326",
    title="an MTU that is too small for IPv6",
    severity="error",
    why=(
        "IPv6 needs 1280 bytes on every link. VyOS refuses a smaller MTU beside an IPv6 address, and without one "
        "unless `ipv6 address no-default-link-local` says that there is to be none. Of VTIs, dummies, bridges and "
        "VLANs it asks nothing, and the kernel runs no IPv6 on them (a warning)."
    ),
    bad=TUNNEL + "set interfaces tunnel tun0 mtu 1279\n",
    good=TUNNEL
    + "set interfaces tunnel tun0 mtu 1279\nset interfaces tunnel tun0 ipv6 address no-default-link-local\n",
)

_CHECKED = frozenset({"tunnel", "ethernet", "wireguard", "vxlan", "geneve", "l2tpv3"})
_NO_LINK_LOCAL = ("ipv6", "address", "no-default-link-local")


def find(subject: Subject) -> Iterator[Finding]:
    for device in devices(subject.top):
        value = device.branch.in_force("mtu")
        mtu = device.branch.number("mtu") if value is not None else None
        if value is None or mtu is None or mtu >= LEAST_BYTES:
            continue
        if device.kind in _CHECKED and device.parent is None:
            yield from _by_vyos(subject, device, value)
        elif (word := _ipv6(device)) is not None:
            message = (
                f"{device.name} has mtu {mtu} and {word}: VyOS takes it, "
                f"the kernel runs no IPv6 on a link below {LEAST_BYTES} bytes"
            )
            yield RULE.finding(message, device.where("mtu"), value.span, severity="warning")


def _by_vyos(subject: Subject, device: Device, value: Node) -> Iterator[Finding]:
    refusal = refusal_since_1_3(subject)
    word = _ipv6(device)
    if word is not None:
        message = f"{device.name} has mtu {value.word} and {word}, which needs {LEAST_BYTES}: {refusal.words}"
        yield RULE.finding(message, device.where("mtu"), value.span, severity=refusal.severity)
    elif not device.branch.has(*_NO_LINK_LOCAL):
        option = " ".join(_NO_LINK_LOCAL)
        message = (
            f"{device.name} has mtu {value.word}, below the {LEAST_BYTES} of IPv6: {refusal.words} unless "
            f"`{option}` is set"
        )
        fix = Fix("have no IPv6 on it", (f"set {device.where(*_NO_LINK_LOCAL)}",))
        yield RULE.finding(message, device.where("mtu"), value.span, severity=refusal.severity, fixes=(fix,))


def _ipv6(device: Device) -> str | None:
    """The first word that asks for IPv6 on the device, as people call it."""
    for address, value in addresses(device.branch):
        if address.family == 6:
            return f"the address {value.word}"
    if device.branch.has("address", "dhcpv6"):
        return "address dhcpv6"
    for word in ("autoconf", "eui64"):
        if device.branch.has("ipv6", "address", word):
            return f"ipv6 address {word}"
    return None
