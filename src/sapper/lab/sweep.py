"""Asks the kernel what fits: every stack that a guest can build, beside what :mod:`sapper.mtu` says of it.

A stack is a tunnel (or none), a family inside, IPsec around it (or none), and the MTU of the wire. For each, three
packets with don't-fragment are sent: one byte more than the largest, which must not come in one piece; the largest,
which must come with the predicted length; and a shorter one, which must have its predicted length too.
"""

from __future__ import annotations

import base64
import random
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import msgspec

from sapper.address import Address, Family, Prefix
from sapper.kernel.plan import Link, Plan
from sapper.kernel.wire import encode_plan
from sapper.lab.sweep_devices import DEVICE, ENDS, INNER, Device, devices
from sapper.lab.sweep_protection import Protection, layers, protections, steps
from sapper.mtu.linux import lets_through, reckons
from sapper.mtu.misread import NoRoom
from sapper.mtu.parse import parse
from sapper.mtu.sizes import sizes

LINK_MTUS = (1280, 1400, 1460, 1492, 1500, 1508, 1999, 4000, 9000)
_ROOMY_MTU = 30000
_FAR = {4: Prefix.parse("10.9.0.0/16"), 6: Prefix.parse("fd00:9::/32")}
_BESIDE = {4: Prefix.parse("172.20.0.0/16"), 6: Prefix.parse("fd80:9::/32")}
_LEAST_IPV6_MTU = 1280
_LEAST_SHORTER = 500
"""Shorter packets are not told from what the kernel sends by itself."""

Some = TypeVar("Some")


class Case(NamedTuple):
    """One stack: ``text`` in the stack language, its largest packet and that packet's bytes on the wire.

    ``shorter`` is another packet's length, and ``span`` the least and the most that it may be on the wire. ``cuts``:
    one byte more goes in fragments; ``warns``: it may go once, and the kernel says that it should not have. ``told``
    is the path's MTU that the kernel should tell, if it tells one.
    """

    device: Device
    family: Family
    protection: Protection | None
    link_mtu: int
    text: str
    largest: int
    wire: int
    shorter: int
    span: tuple[int, int]
    cuts: bool = False
    warns: bool = False
    told: int = 0


class Answer(NamedTuple):
    """What the kernel did: the packets on the wire for one byte too many, for the largest, and for a shorter one.

    ``over`` are only the whole packets; ``fragments`` counts the parts of others. ``told`` is the path's MTU that it reported for the first; ``own_mtu`` what the device had when it was created,
    None without one. ``frames`` are those of the largest and the shorter one, if they were kept.
    """

    case: Case
    over: tuple[int, ...]
    fragments: int
    seen: tuple[int, ...]
    shorter: tuple[int, ...]
    told: int
    own_mtu: int | None
    frames: tuple[bytes, ...] = ()

    @property
    def agrees(self) -> bool:
        """The largest comes with its predicted length, one byte more does not in one piece, the shorter one does."""
        low, high = self.case.span
        return (
            self.seen == (self.case.wire,)
            and len(self.shorter) == 1
            and low <= self.shorter[0] <= high
            and self._stops_there
        )

    @property
    def _stops_there(self) -> bool:
        """Where nothing is refused, it comes in parts: of the outermost packet, or of one that ESP went around."""
        if self.case.cuts:
            return self.fragments > 1 or len(self.over) > 1
        return self.over == () or (self.case.warns and self.told == self.case.largest)


def cases(link_mtus: Iterable[int] = LINK_MTUS) -> Iterator[Case]:
    """Every stack, those with the same device and wire one after the other."""
    every, around = tuple(devices()), tuple(protections())
    for link_mtu in link_mtus:
        for device in every:
            for family in device.families:
                for protection in around:
                    case = _case(device, family, protection, link_mtu)
                    if case is not None:
                        yield case


def drawn(seed: int, most: int = 8) -> Iterator[list[Case]]:
    """Stacks at random without end, in groups of one device and one wire; devices and protections take turns."""
    draw = random.Random(seed)
    around = _turns(draw, protections())
    for device in _turns(draw, devices()):
        link_mtu = draw.choice(LINK_MTUS)
        # Many a protection cannot stand around a device, or leaves no room.
        tried = (
            _case(device, draw.choice(device.families), next(around) if device.takes_ipsec else None, link_mtu)
            for _ in range(8 * most)
        )
        wanted = 1 if device.remembers else most
        group = list(islice({case.text: case for case in tried if case is not None}.values(), wanted))
        if group:
            # IPv6 first: a device that fits itself may become too small for it, and loses its addresses.
            yield sorted(group, key=lambda case: -case.family)


def _turns(draw: random.Random, every: Iterable[Some]) -> Iterator[Some]:
    """All of them in a random order, and again, without end."""
    values = list(every)
    while True:
        draw.shuffle(values)
        yield from values


def _case(device: Device, family: Family, protection: Protection | None, link_mtu: int) -> Case | None:
    """None where there is nothing to measure: no stack, or a packet below IPv6's least MTU."""
    words = layers(device, family, protection)
    if words is None or (device.outer == 6 and link_mtu < _LEAST_IPV6_MTU):
        return None
    text = "/".join(words)
    stack = parse(text)
    try:
        largest = lets_through(stack, link_mtu)
    except NoRoom:
        return None
    if family == 6 and largest < _LEAST_IPV6_MTU:
        return None
    known = sizes(stack)
    compresses = protection is not None and protection.compresses
    # Any length will do, but the same one each time: the text's own checksum chooses it.
    room = max(1, largest - _LEAST_SHORTER)
    shorter = largest if compresses else _LEAST_SHORTER + zlib.crc32(text.encode()) % room
    wire = known.wire(shorter, link_mtu)
    # What WireGuard encrypted does not become shorter.
    least = known.least_wire(shorter, link_mtu) if compresses else wire
    span = (least, wire - (compresses and "wireguard" not in text))
    exact = known.largest(link_mtu)
    return Case(
        device,
        family,
        protection,
        link_mtu,
        text,
        largest,
        known.wire(largest, link_mtu),
        shorter,
        span,
        cuts=device.behaviour == "cuts",
        told=reckons(stack, link_mtu),
        warns=largest < exact,
    )


def request(group: list[Case], *, keep: bool = False) -> dict[str, Any]:
    """The message for cases of one device and one wire; ``keep``: with the frames in the answer."""
    device = group[0].device
    links = [Link(name="eth0", kind="ethernet")]
    # A device of less than 1280 bytes takes no address of IPv6: it has those of the families that are sent.
    addresses = tuple(item for item in INNER if item.address.family in {case.family for case in group})
    if device.link is not None:
        links.append(msgspec.structs.replace(device.link, addresses=addresses))
    lines = [
        *device.lines,
        *(f"address add {address} dev {DEVICE}" for address in addresses),
        f"link set {DEVICE} up",
    ]
    return {
        "plan": encode_plan(Plan(name="sweep", links=tuple(links))),
        "far_plan": encode_plan(Plan(name="far", links=(device.far,))) if device.far else None,
        "lines": lines if device.lines else [],
        "undo": device.undo if device.lines else (),
        "encap": device.encap,
        "mtu": group[0].link_mtu,
        "cases": [{**_question(case, at), "keep": keep} for at, case in enumerate(group)],
    }


def _question(case: Case, at: int) -> dict[str, Any]:
    """Every case of a group has a destination of its own: what the kernel learnt of a path is remembered."""
    protection, device = case.protection, case.device
    is_beside = device.is_plain and device.encap is None
    far = (_BESIDE if is_beside else _FAR)[case.family]
    target = Address(case.family, far.network.value + at + 1)
    if is_beside and protection is not None and protection.mode == "transport":
        target = Address.parse(ENDS[device.outer][1])
    return {
        "target": str(target),
        "ipsec": None if protection is None else _ipsec(device, protection, far),
        "largest": case.largest,
        "wire": case.wire,
        "shorter": case.shorter,
        "cuts": case.cuts,
        "compressible": protection is not None and protection.compresses,
        "device_mtu": case.largest if device.behaviour == "fits itself" else _ROOMY_MTU,
    }


def _ipsec(device: Device, protection: Protection, far: Prefix) -> dict[str, Any]:
    to_far = protection.mode != "transport" and (device.is_virtual or device.is_plain)
    return {
        "outer": device.outer,
        "far": str(far) if to_far else None,
        "if_id": 1 if device.is_virtual else 0,
        "steps": steps(protection),
    }


def grouped(wanted: Iterable[Case], most: int = 40) -> Iterator[list[Case]]:
    """Runs of at most ``most`` cases with the same device, family and wire."""
    group: list[Case] = []
    for case in wanted:
        same = group and group[0][:2] == case[:2] and group[0].link_mtu == case.link_mtu
        if group and (not same or len(group) == most or case.device.remembers):
            yield group
            group = []
        group.append(case)
    if group:
        yield group


def answers(group: list[Case], answer: dict[str, Any]) -> Iterator[Answer]:
    """The guest's answer for one group, case by case."""
    for case, seen in zip(group, answer["cases"], strict=True):
        frames = tuple(base64.b64decode(text) for text in seen["frames"])
        over, largest, shorter = (tuple(seen[name]) for name in ("over", "seen", "shorter"))
        yield Answer(case, over, seen["fragments"], largest, shorter, seen["told"], answer["own_mtu"], frames)
