"""Everything about one stack as the document "sapper/mtu/1", ready for JSON.

The names and order of the keys are the stable surface; what was not asked for is null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapper.mtu.segment import segments
from sapper.mtu.sizes import Sizes, sizes
from sapper.mtu.stack import Stack

if TYPE_CHECKING:
    from sapper.mtu.calculator import SharedLink
    from sapper.mtu.document import (
        AlternativeReport,
        CalculatorReport,
        HopReport,
        LayerReport,
        MixReport,
        PayloadReport,
        StackReport,
    )
    from sapper.mtu.mix import Mix
    from sapper.mtu.path import Hop

_LEAST_IPV6_LINK = 1280


class Questions:
    """What is asked about a stack. ``hops`` narrow the link; ``payload`` is in bytes."""

    __slots__ = ("hops", "link", "mix", "payload", "shared", "what_if")

    def __init__(
        self,
        link: int = 1500,
        payload: int | None = None,
        *,
        mix: Mix | None = None,
        hops: tuple[Hop, ...] = (),
        what_if: bool = False,
        shared: SharedLink | None = None,
    ) -> None:
        self.link = link
        self.payload = payload
        self.mix = mix
        self.hops = hops
        self.what_if = what_if
        self.shared = shared


def stack_report(stack: Stack, asked: Questions) -> StackReport:
    """Answer everything that is asked. Raises NoRoom and WrongStack."""
    known = sizes(stack)
    path, link = _path(asked)
    largest = known.largest(link)
    low, high = known.overhead(link)
    mss = segments(stack, link)
    return {
        "schema": "sapper/mtu/1",
        "stack": stack.text,
        "link_mtu": link,
        "inner_mtu": largest,
        "payload_room": known.payload_room(link),
        "smallest_link": known.smallest_link(),
        "mss": {"ipv4": mss[0], "ipv6": mss[1]},
        "layers": [_layer(stack, at) for at in range(len(stack.layers))],
        "overhead": {"min": low, "max": high},
        "frame_bytes": known.framed(known.wire(largest, link)),
        "notes": _notes(stack, known, link),
        "payload": None if asked.payload is None else _payload(stack, known, asked.payload, link),
        "mix": None if asked.mix is None else _mix(stack, link, asked.mix),
        "path": path,
        "what_if": _what_if(stack, link) if asked.what_if else None,
        "calculator": None if asked.shared is None else _calculator(asked.shared, known.payload_room(link), link),
    }


def _path(asked: Questions) -> tuple[list[HopReport] | None, int]:
    if not asked.hops:
        return None, asked.link
    from sapper.mtu.path import narrowest

    least = narrowest(asked.hops)
    hops: list[HopReport] = [
        {"hop": hop.text, "room": hop.room, "narrowest": at == least} for at, hop in enumerate(asked.hops)
    ]
    return hops, min(asked.link, hops[least]["room"])


def _layer(stack: Stack, at: int) -> LayerReport:
    layer = stack.layers[at]
    shape = layer.shape
    return {
        "layer": layer.word,
        "bytes": shape.least_bytes + (shape.inside if at < stack.inner else 0),
        "note": shape.note,
        "counted": at >= stack.frame,
        "implied": layer.implied,
    }


def _payload(stack: Stack, known: Sizes, payload: int, link: int) -> PayloadReport:
    from sapper.mtu.fragment import after, before

    packet = max(payload + known.header + known.upper, known.least)
    wire = known.wire(packet, link)
    return {
        "bytes": payload,
        "inner_bytes": packet,
        "wire_bytes": wire,
        "least_wire_bytes": known.least_wire(packet, link),
        "frame_bytes": known.framed(wire),
        "fits": packet <= known.largest(link),
        "fragments": {
            "before": list(before(stack, packet, link, known).wires),
            "after": list(after(stack, packet, link, known).wires),
        },
    }


def _mix(stack: Stack, link: int, mix: Mix) -> MixReport:
    from sapper.mtu.mix import traffic

    found = traffic(stack, link, mix)
    return {
        "packets": found.packets,
        "wire_packets": found.wire_packets,
        "packet_bytes": found.packet_bytes,
        "wire_bytes": found.wire_bytes,
        "efficiency": round(found.efficiency, 4),
    }


def _what_if(stack: Stack, link: int) -> list[AlternativeReport]:
    from sapper.mtu.what_if import alternatives

    return [
        {
            "transforms": list(one.transforms),
            "inner_mtu": one.inner_mtu,
            "gain": one.gain,
            "remark": one.remark,
        }
        for one in alternatives(stack, link)
    ]


def _calculator(shared: SharedLink, room: int, link: int) -> CalculatorReport:
    return {
        "protocols": list(shared.names),
        "overhead": shared.sum,
        "mtu": link - shared.sum,
        "right": link - shared.sum == room,
        "differences": [{"bytes": one.bytes, "reason": one.reason} for one in shared.differences],
    }


def _notes_on_linux(stack: Stack, largest: int, link: int) -> list[str]:
    from sapper.mtu.linux import lets_through, reckons

    through, reckoned = lets_through(stack, link), reckons(stack, link)
    if through < largest:
        return [f"Linux keeps room that is not needed: it tells a path MTU of {through}"]
    if reckoned > largest:
        return [f"Linux tells a path MTU of {reckoned}: packets of {largest + 1} to {reckoned} are lost or cut"]
    return []


def _notes(stack: Stack, known: Sizes, link: int) -> list[str]:
    """What a reader of the numbers should know; never a finding."""
    notes = []
    if stack.frame:
        notes.append(f"the frame's {known.frame} bytes are not part of the link's MTU")
    if any(layer.shape.strips or layer.shape.late or layer.key == "geneve:ip" for layer in stack.layers):
        notes += _notes_on_linux(stack, known.largest(link), link)
    if any("ip6" in layer.groups for layer in stack.layers[: stack.inner]) and link < _LEAST_IPV6_LINK:
        notes.append("a link that carries IPv6 has an MTU of at least 1280 (RFC 8200 5)")
    if (
        any("ip6" in layer.groups for layer in stack.layers[stack.inner :])
        and known.largest(link) < _LEAST_IPV6_LINK
    ):
        notes.append("IPv6 inside needs 1280 bytes (RFC 8200 5), more than fit here")
    return notes
