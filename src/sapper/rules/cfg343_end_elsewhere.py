"""CFG343: a source address that this router does not carry, or a remote that it does.

Only where the text shows all addresses: some Ethernet interface has one, and no interface has its address by DHCP,
by router advertisements or from a dial-up session. VyOS looks only for L2TPv3; elsewhere the packets leave with an
address that is not this router's, and no answer comes back.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.address import Address
from sapper.model.branch import Branch
from sapper.rules.devices import Device, address_of, addresses, devices, end_of
from sapper.rules.example import TUNNEL, instead
from sapper.rules.finding import Finding, Severity
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG343",
    title="an end of a tunnel that is at the wrong router",
    severity="warning",
    why=(
        "No interface carries the source-address, so the answers of the far end never arrive here; or the remote "
        "is an address of this router, so that the packets do not leave it. VyOS takes both, except that it "
        "refuses an L2TPv3 source-address that no interface carries, as the kernel does (an error)."
    ),
    bad=instead(TUNNEL, "source-address 192.0.2.10", "source-address 192.0.2.11"),
    good=TUNNEL,
)

_WITH_ENDS = frozenset({"tunnel", "vxlan", "l2tpv3", "geneve"})
_DIAL_UP = frozenset({"pppoe", "wwan", "wirelessmodem", "sstpc", "openvpn", "wireless", "virtual-ethernet"})
_LOOPBACK = 127


def find(subject: Subject) -> Iterator[Finding]:
    found = list(devices(subject.top))
    carried = _carried(subject.top, found)
    complete = _all_addresses_are_written(found)
    for device in found:
        if device.kind in _WITH_ENDS and device.parent is None:
            if complete:
                yield from _source(device, carried)
            yield from _remotes(device, carried)


def _source(device: Device, carried: set[Address]) -> Iterator[Finding]:
    source, value = end_of(device.branch, "source-address")
    if source is None or value is None or source in carried or _anywhere(source):
        return
    of_l2tp = device.kind == "l2tpv3"
    does = "VyOS refuses it" if of_l2tp else "VyOS takes it, and nothing that comes back reaches this router"
    message = f"no interface carries {source}, the source-address of {device.name}: {does}"
    severity: Severity = "error" if of_l2tp else "warning"
    yield RULE.finding(message, device.where("source-address"), value.span, severity=severity)


def _remotes(device: Device, carried: set[Address]) -> Iterator[Finding]:
    for remote, value in addresses(device.branch, "remote"):
        if remote in carried:
            message = (
                f"{remote}, the remote of {device.name}, is an address of this router: VyOS takes it, "
                f"and the packets never leave it"
            )
            yield RULE.finding(message, device.where("remote"), value.span)


def _carried(top: Branch, found: list[Device]) -> set[Address]:
    """All addresses of the text, those of VRRP included."""
    carried = {address for device in found for address, _ in addresses(device.branch)}
    redundancy = top.node.find("high-availability")
    if redundancy is not None:
        shared = (address_of(node.word) for _, node in redundancy.walk())
        carried.update(address for address in shared if address is not None)
    return carried


def _all_addresses_are_written(found: list[Device]) -> bool:
    if any(device.kind in _DIAL_UP or _leased(device.branch) for device in found):
        return False
    return any(device.kind == "ethernet" and any(addresses(device.branch)) for device in found)


def _leased(branch: Branch) -> bool:
    words = (
        ("address", "dhcp"),
        ("address", "dhcpv6"),
        ("ipv6", "address", "autoconf"),
        ("ipv6", "address", "eui64"),
    )
    return branch.has("pppoe") or any(branch.has(*word) for word in words)


def _anywhere(address: Address) -> bool:
    """Unspecified, of the loopback network, or link-local: no address of the text."""
    if address.family == 4:
        return address.is_unspecified or address.value >> 24 == _LOOPBACK
    return address.value in (0, 1) or address.value >> 118 == 0xFE80 >> 6
