"""CFG327: an MTU that the interface below, or the network card, does not have.

Source: VyOS' rules for the MTU of a VLAN and of a device; vlan_dev_change_mtu in the kernel's net/8021q/vlan_dev.c.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.config.tree import Node
from sapper.rules.devices import Device, devices
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG327",
    title="an MTU that the parent does not have",
    severity="error",
    why=(
        "VyOS refuses a VLAN with a larger MTU than its parent where both are written. Where the parent's is not "
        "written VyOS takes it, and the kernel refuses it if the parent's own is smaller (a warning). Above 9000 "
        "bytes VyOS asks the card's driver (an information): only the card knows."
    ),
    bad="""\
set interfaces ethernet eth0 mtu 1500
set interfaces ethernet eth0 vif 10 mtu 1600
""",
    good="""\
set interfaces ethernet eth0 mtu 1600
set interfaces ethernet eth0 vif 10 mtu 1600
""",
)

ETHERNET_BYTES = 1500
_CARD_BYTES = 9000


def find(subject: Subject) -> Iterator[Finding]:
    for device in devices(subject.top):
        value = device.branch.in_force("mtu")
        mtu = device.branch.number("mtu") if value is not None else None
        if value is None or mtu is None:
            continue
        if device.parent is not None:
            yield from _vlan(device, device.parent, mtu, value)
        elif device.kind == "ethernet" and mtu > _CARD_BYTES:
            message = (
                f"{device.name} has mtu {mtu}: VyOS takes it only if the card's driver says that it can do more "
                f"than {_CARD_BYTES}"
            )
            yield RULE.finding(message, device.where("mtu"), value.span, severity="info")


def _vlan(device: Device, parent: Device, mtu: int, value: Node) -> Iterator[Finding]:
    where = device.where("mtu")
    above = [parent] if parent.parent is None else [parent, parent.parent]
    written = [(limit, one.name) for one in above if (limit := _written(one)) is not None]
    if not written:
        if mtu > ETHERNET_BYTES:
            message = (
                f"{device.name} has mtu {mtu} and {above[-1].name} has none written: VyOS takes it, the kernel "
                f"refuses it if {above[-1].name} has the usual {ETHERNET_BYTES}"
            )
            yield RULE.finding(message, where, value.span, severity="warning")
        return
    limit, name = min(written)
    if mtu > limit:
        of_vyos = device.kind == "ethernet"
        does = "VyOS refuses it" if of_vyos else "VyOS takes it, the kernel refuses it"
        message = f"{device.name} has mtu {mtu} and {name} below it only {limit}: {does}"
        yield RULE.finding(message, where, value.span, severity="error" if of_vyos else "warning")


def _written(device: Device) -> int | None:
    """The MTU of the text; a default counts as not written."""
    return device.branch.number("mtu") if device.branch.in_force("mtu") is not None else None
