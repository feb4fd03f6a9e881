"""The bytes of a probe: what is handed to a socket, a wire or a device, with the probe's number in it.

Checksums are right, because connection tracking leaves a packet with a wrong one alone. Layouts: RFC 791, RFC 8200,
RFC 768, RFC 9293, RFC 792, RFC 4443, RFC 2784, RFC 2890 and, for ERSPAN, draft-foschiano-erspan 4.2 and 4.3.
"""

from __future__ import annotations

import struct

from sapper.address import Address
from sapper.kernel.plan import Link
from sapper.lab.injection import checksum, packet
from sapper.lab.inside.judge import MAGIC
from sapper.proof.facts.packet import Packet

ETHERTYPES = {4: 0x0800, 6: 0x86DD}
LAYER_2 = frozenset({"gretap", "ip6gretap", "erspan", "ip6erspan"})
ROUTER_MAC, OTHER_MAC = b"\2\0\0\0\0", b"\2\0\0\0\1\xee"
_TCP, _UDP, _ICMP, _ICMP6, _GRE, _SCTP = 6, 17, 1, 58, 47, 132
_TRANSPARENT_ETHERNET, _ERSPAN = 0x6558, {1: 0x88BE, 2: 0x22EB}
_KEY, _SEQUENCE = 0x2000, 0x1000
_SYN = 0x02
_VNI_IS_THERE = 0x08000000
_INNER = {
    4: (Address.parse("100.64.0.5"), Address.parse("100.64.0.9")),
    6: (Address.parse("2001:db8:ff::5"), Address.parse("2001:db8:ff::9")),
}
_VERSION_OF = {4: 4, 41: 6}


def mac(index: int) -> bytes:
    """The hardware address of the wire with that index."""
    return ROUTER_MAC + bytes((index,))


def token(number: int) -> bytes:
    """What makes a packet known again, padded to a size that is no runt."""
    return (MAGIC + number.to_bytes(4, "big")).ljust(24, b".")


def upper(probe: Packet, number: int) -> bytes:
    """What stands behind the IP header, checksummed for these addresses (a source of None counts as zero)."""
    source = probe.source or Address(probe.family, 0)
    sport, dport = probe.source_port or 0, probe.destination_port or 0
    body = token(number)
    if probe.protocol == _UDP:
        bare = struct.pack("!HHHH", sport, dport, 8 + len(body), 0) + body
        return bare[:6] + struct.pack("!H", _transport_sum(source, probe, bare) or 0xFFFF) + body
    if probe.protocol == _TCP:
        head = struct.pack("!HHIIBBHHH", sport, dport, number, 0, 5 << 4, _SYN, 1024, 0, 0)
        return head[:16] + struct.pack("!H", _transport_sum(source, probe, head + body)) + head[18:] + body
    if probe.protocol == _ICMP:
        bare = struct.pack("!BBHHH", 8, 0, 0, number & 0xFFFF, 1) + body
        return bare[:2] + struct.pack("!H", checksum(bare)) + bare[4:]
    if probe.protocol == _ICMP6:
        bare = struct.pack("!BBHHH", 128, 0, 0, number & 0xFFFF, 1) + body
        return bare[:2] + struct.pack("!H", _transport_sum(source, probe, bare)) + bare[4:]
    if probe.protocol == _GRE:
        return struct.pack("!HH", 0, ETHERTYPES[4]) + body
    return body


def handed(probe: Packet, number: int) -> bytes:
    """What a process hands to a socket: UDP's header is the kernel's work, every other one ours."""
    return token(number) if probe.protocol == _UDP else upper(probe, number)


def whole(probe: Packet, number: int) -> bytes:
    """The IP packet."""
    return packet(probe.source or Address(probe.family, 0), probe.destination, probe.protocol, upper(probe, number))


def frame(index: int, ip_packet: bytes, vlan: int | None = None) -> bytes:
    """An Ethernet frame towards the router's wire with that index."""
    tag = b"" if vlan is None else struct.pack("!HH", 0x8100, vlan)
    return mac(index) + OTHER_MAC + tag + struct.pack("!H", ETHERTYPES[ip_packet[0] >> 4]) + ip_packet


def injected(device: Link, probe: Packet, number: int) -> bytes:
    """The attacker's IP packet: outside as the probe says, inside what the device takes off."""
    return packet(
        probe.source or Address(probe.family, 0), probe.destination, probe.protocol, _inside(device, probe, number)
    )


def _inside(device: Link, probe: Packet, number: int) -> bytes:
    if device.vxlan is not None or device.geneve is not None:
        return _in_udp(device, probe, number)
    if probe.protocol == 50:
        return struct.pack("!II", 0xBAD0, 1) + token(number)
    version = _VERSION_OF.get(probe.protocol)
    if probe.protocol != _GRE:
        return _datagram(version, number) if version is not None else upper(probe, number)
    wrapping = device.encapsulating
    if device.kind in ("erspan", "ip6erspan") and wrapping is not None and wrapping.erspan is not None:
        return _erspan(wrapping.erspan.version, (wrapping.key or 0) & 0x3FF, number)
    flags = 0 if probe.key is None else _KEY
    key = b"" if probe.key is None else struct.pack("!I", probe.key)
    if wrapping is not None and wrapping.sequence:
        flags, key = flags | _SEQUENCE, key + struct.pack("!I", number)
    if device.kind in LAYER_2:
        return struct.pack("!HH", flags, _TRANSPARENT_ETHERNET) + key + _inner_frame(number)
    return struct.pack("!HH", flags, ETHERTYPES[4]) + key + _datagram(4, number)


def _in_udp(device: Link, probe: Packet, number: int) -> bytes:
    """VXLAN (RFC 7348 5) or GENEVE without options (RFC 8926 3.4)."""
    if device.vxlan is not None:
        head = struct.pack("!II", _VNI_IS_THERE, (device.vxlan.vni or 0) << 8)
    else:
        assert device.geneve is not None
        head = struct.pack("!HHI", 0, _TRANSPARENT_ETHERNET, device.geneve.vni << 8)
    body = head + _inner_frame(number)
    bare = struct.pack("!HHHH", probe.source_port or 0, probe.destination_port or 0, 8 + len(body), 0) + body
    source = probe.source or Address(probe.family, 0)
    return bare[:6] + struct.pack("!H", _transport_sum(source, probe, bare) or 0xFFFF) + body


def _erspan(version: int, session: int, number: int) -> bytes:
    head = struct.pack("!HHI", _SEQUENCE, _ERSPAN[version], number)
    bare = struct.pack("!HH", version << 12, session)
    rest = struct.pack("!I", 0) if version == 1 else struct.pack("!IHH", 0, 0, 0)
    return head + bare + rest + _inner_frame(number)


def _inner_frame(number: int) -> bytes:
    return b"\xff" * 6 + OTHER_MAC + struct.pack("!H", ETHERTYPES[4]) + _datagram(4, number)


def _datagram(version: int, number: int) -> bytes:
    source, destination = _INNER[version]
    inner = Packet(source=source, destination=destination, protocol=_UDP, source_port=9, destination_port=9)
    return whole(inner, number)


def _transport_sum(source: Address, probe: Packet, data: bytes) -> int:
    pseudo = source.packed + probe.destination.packed + struct.pack("!II", len(data), probe.protocol)
    return checksum(pseudo + data)
