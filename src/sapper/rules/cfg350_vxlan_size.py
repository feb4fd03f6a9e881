"""CFG350: a VXLAN whose packets do not fit its source interface.

VXLAN adds 50 bytes over IPv4 and 70 over IPv6: the Ethernet header inside, VXLAN, UDP and IP. Source: VyOS' rules
of ``interfaces vxlan``; RFC 7348 section 5.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch, first_span
from sapper.rules.cfg327_mtu_of_parent import ETHERNET_BYTES
from sapper.rules.devices import Device, addresses, by_name
from sapper.rules.finding import Finding, Fix
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_VXLAN = """\
set interfaces ethernet eth0 address 192.0.2.10/24
set interfaces ethernet eth0 mtu 1500
set interfaces vxlan vxlan0 remote 203.0.113.20
set interfaces vxlan vxlan0 source-interface eth0
set interfaces vxlan vxlan0 vni 100
"""

RULE = Rule(
    code="CFG350",
    title="a VXLAN that does not fit its source interface",
    severity="error",
    why=(
        "VyOS refuses it: the source interface needs 50 bytes more than the VXLAN, 70 over IPv6. The VXLAN's "
        "default is 1500, so beside an Ethernet interface of 1500 one of the two has to be written. VyOS only "
        "remarks on an MTU below 1500 and on the port 8472 of older kernels (an information)."
    ),
    bad=_VXLAN,
    good=_VXLAN.replace("mtu 1500", "mtu 1550"),
)

OVERHEAD_BYTES = {4: 50, 6: 70}
_MTU_BYTES = 1500
_MTU_BYTES_UNTIL_1_3 = 1450
_LINUX_PORT = "8472"


def find(subject: Subject) -> Iterator[Finding]:
    known = by_name(subject.top)
    for vxlan in subject.top.each("interfaces", "vxlan"):
        source = vxlan.in_force("source-interface")
        below = known.get(source.word) if source is not None else None
        if below is not None:
            yield from _against(subject, vxlan, below)
        yield from _remarks(vxlan)


def _against(subject: Subject, vxlan: Branch, below: Device) -> Iterator[Finding]:
    written = vxlan.in_force("mtu")
    default = _MTU_BYTES if subject.generation > "1.3" else _MTU_BYTES_UNTIL_1_3
    mtu = (vxlan.number("mtu") if written is not None else None) or default
    overhead = OVERHEAD_BYTES[_outer_family(vxlan)]
    limit, is_written = _limit(below)
    if limit >= mtu + overhead:
        return
    of_lease = not is_written and below.branch.has("address", "dhcp")
    said = f"{limit}" if is_written else f"the usual {limit}"
    message = (
        f"{vxlan.name} has mtu {mtu} and needs {mtu + overhead} of {below.name}, which has {said}: "
        f"VyOS refuses it; mtu {limit - overhead} fits"
    )
    fix = Fix("make it fit", (f"set {vxlan.where} mtu {limit - overhead}",))
    span = written.span if written is not None else first_span(vxlan.node)
    yield RULE.finding(message, f"{vxlan.where} mtu", span, severity="warning" if of_lease else None, fixes=(fix,))


def _limit(below: Device) -> tuple[int, bool]:
    """The MTU of an interface, and whether the text says it; a VLAN has its parent's."""
    device: Device | None = below
    while device is not None:
        mtu = device.branch.number("mtu")
        if mtu is not None:
            return mtu, True
        device = device.parent
    return ETHERNET_BYTES, False


def _outer_family(vxlan: Branch) -> int:
    for word in ("source-address", "remote"):
        families = {address.family for address, _ in addresses(vxlan, word)}
        if families:
            return max(families)
    return 4


def _remarks(vxlan: Branch) -> Iterator[Finding]:
    mtu, port = vxlan.in_force("mtu"), vxlan.in_force("port")
    number = vxlan.number("mtu") if mtu is not None else None
    if mtu is not None and number is not None and number < _MTU_BYTES:
        message = f"{vxlan.name} has mtu {number}: VyOS takes it and remarks that {_MTU_BYTES} do not fit"
        yield RULE.finding(message, f"{vxlan.where} mtu", mtu.span, severity="info")
    if port is not None and port.word == _LINUX_PORT:
        message = (
            f"{vxlan.name} has port {_LINUX_PORT}: VyOS takes it and remarks that 4789 is the port of RFC 7348"
        )
        yield RULE.finding(message, f"{vxlan.where} port", port.span, severity="info")
