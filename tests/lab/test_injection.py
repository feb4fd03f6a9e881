"""The forged packets, read by two strangers: dpkt for every draw, tshark (where it is installed) for a sample."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from pathlib import Path

import dpkt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.address import WIDTH_BITS, Address, Attached, Family
from sapper.kernel.plan import Encapsulating, Link, LinkKind
from sapper.lab.classify import classify, token_of
from sapper.lab.injection import datagram, forged, packet

TOKEN, PORT = "sapper:forged:east:tun0", 47011
# Kind, outer protocol, what an ip6tnl device carries, family outside, families that can be inside.
KINDS: tuple[tuple[LinkKind, int, int | None, Family, tuple[Family, ...]], ...] = (
    ("gre", 47, None, 4, (4, 6)),
    ("ipip", 4, None, 4, (4,)),
    ("sit", 41, None, 4, (6,)),
    ("ip6tnl", 4, 4, 6, (4,)),
    ("ip6tnl", 41, 41, 6, (6,)),
    ("ip6gre", 47, None, 6, (4, 6)),
)
ETHERTYPES = {4: 0x0800, 6: 0x86DD}


def addresses(family: Family) -> st.SearchStrategy[Address]:
    return st.integers(0, 2 ** WIDTH_BITS[family] - 1).map(lambda value: Address(family, value))


def attached(family: Family) -> st.SearchStrategy[Attached]:
    return st.builds(Attached, addresses(family), st.integers(1, WIDTH_BITS[family]))


@st.composite
def tunnels(draw: st.DrawFn) -> tuple[Link, Address, Family]:
    """A tunnel device, its local end, and the family of what it carries."""
    kind, protocol, payload, outside, insides = draw(st.sampled_from(KINDS))
    inside = draw(st.sampled_from(insides))
    local, remote = draw(addresses(outside)), draw(addresses(outside))
    key = draw(st.none() | st.integers(0, 2**32 - 1)) if protocol == 47 else None
    wrapping = Encapsulating(protocol=protocol, local=local, remote=remote, key=key, payload=payload)
    return Link(name="tun0", kind=kind, encapsulating=wrapping, addresses=(draw(attached(inside)),)), local, inside


def sum_of(data: bytes) -> int:
    """The Internet checksum's sum, by dpkt; 0xffff over what holds a right checksum."""
    return 0xFFFF ^ int(dpkt.in_cksum(data))


def read_ip(data: bytes, family: int) -> dpkt.ip.IP | dpkt.ip6.IP6:
    read = dpkt.ip.IP(data) if family == 4 else dpkt.ip6.IP6(data)
    if family == 4:
        assert (read.v, read.hl, read.len) == (4, 5, len(data))
        assert sum_of(data[:20]) == 0xFFFF
    else:
        assert (read.v, read.plen) == (6, len(data) - 40)
    return read


def proto_of(read: dpkt.ip.IP | dpkt.ip6.IP6) -> int:
    return int(read.p if isinstance(read, dpkt.ip.IP) else read.nxt)


def check_datagram(data: bytes, family: int, destination: Address, token: str) -> Address:
    read = read_ip(data, family)
    header = data[20:] if family == 4 else data[40:]
    assert proto_of(read) == 17
    assert read.dst == destination.packed
    assert struct.unpack_from("!HHH", header) == (PORT, PORT, len(header))
    assert header[6:8] != b"\0\0"
    pseudo = read.src + read.dst + struct.pack("!IxxxB", len(header), 17)
    assert sum_of(pseudo + header) == 0xFFFF
    assert header[8:].startswith(f"{token}|".encode())
    return Address(destination.family, int.from_bytes(read.src, "big"))


@given(tunnels(), st.text(st.characters(exclude_characters="|", codec="utf-8"), max_size=60))
def test_a_stranger_reads_the_forged_packet(tunnel: tuple[Link, Address, Family], name: str) -> None:
    link, local, inside = tunnel
    wrapping = link.encapsulating
    assert wrapping is not None
    assert wrapping.remote is not None
    token = f"sapper:{name}x"

    data = forged(link, local, token, PORT)

    assert data is not None
    outer = read_ip(data, local.family)
    assert (outer.src, outer.dst) == (wrapping.remote.packed, local.packed)
    assert proto_of(outer) == wrapping.protocol
    inner = data[20:] if local.family == 4 else data[40:]
    if wrapping.protocol == 47:
        flags, ethertype = struct.unpack_from("!HH", inner)
        assert (flags, ethertype) == (0 if wrapping.key is None else 0x2000, ETHERTYPES[inside])
        assert wrapping.key is None or struct.unpack_from("!I", inner, 4) == (wrapping.key,)
        inner = inner[4:] if wrapping.key is None else inner[8:]
    own = link.addresses[0]
    sender = check_datagram(inner, inside, own.address, token)
    assert sender != own.address
    assert sender in own.prefix or own.length == WIDTH_BITS[inside]


@given(tunnels())
def test_on_the_wire_it_counts_as_a_tunnels_packet_in_clear(tunnel: tuple[Link, Address, Family]) -> None:
    link, local, _ = tunnel
    data = forged(link, local, TOKEN, PORT)
    assert data is not None

    frame = bytes(12) + struct.pack("!H", ETHERTYPES[local.family]) + data

    assert classify(frame) == ("clear-outer", local)
    assert token_of(frame) == TOKEN


@given(st.sampled_from([4, 6]), st.data(), st.binary(max_size=1400))
def test_a_datagrams_checksums_are_right(family: Family, data: st.DataObject, payload: bytes) -> None:
    source, destination = data.draw(addresses(family)), data.draw(addresses(family))

    check_datagram(datagram(source, destination, b"sapper:x|" + payload, PORT), family, destination, "sapper:x")


def test_a_checksum_of_zero_is_sent_as_ones() -> None:
    """RFC 768: zero says that there is none, which IPv6 forbids. The payload makes the sum 0xffff."""
    source = destination = Address(6, 0)
    bare = datagram(source, destination, b"\0\0", PORT)
    missing = int.from_bytes(bare[46:48], "big")

    assert datagram(source, destination, struct.pack("!H", missing), PORT)[46:48] == b"\xff\xff"


LOCAL, REMOTE = Address.parse("192.0.2.10"), Address.parse("203.0.113.20")
INSIDE = (Attached.parse("10.0.0.1/29"),)


@pytest.mark.parametrize(
    "link",
    [
        Link(name="vti0", kind="xfrm", addresses=INSIDE),
        Link(name="tun0", kind="gre", encapsulating=Encapsulating(protocol=47, local=LOCAL, remote=REMOTE)),
        Link(
            name="tun0",
            kind="gre",
            addresses=INSIDE,
            encapsulating=Encapsulating(protocol=47, local=LOCAL, remote=None),
        ),
        Link(
            name="tun0",
            kind="gretap",
            addresses=INSIDE,
            encapsulating=Encapsulating(protocol=47, local=LOCAL, remote=REMOTE),
        ),
        Link(
            name="tun0",
            kind="sit",
            addresses=INSIDE,
            encapsulating=Encapsulating(protocol=41, local=LOCAL, remote=REMOTE),
        ),
    ],
    ids=["an xfrm interface", "no address", "no remote", "layer 2", "an address that it cannot carry"],
)
def test_where_there_is_no_such_packet(link: Link) -> None:
    assert forged(link, LOCAL, TOKEN, PORT) is None


def sample(
    kind: LinkKind, protocol: int, payload: int | None, outside: Family, inside: Family, key: int | None
) -> bytes:
    ends = (LOCAL, REMOTE) if outside == 4 else (Address.parse("2001:db8::1"), Address.parse("2001:db8::2"))
    own = Attached.parse("10.0.0.1/29" if inside == 4 else "fd00::1/64")
    wrapping = Encapsulating(protocol=protocol, local=ends[0], remote=ends[1], key=key, payload=payload)
    link = Link(name="tun0", kind=kind, encapsulating=wrapping, addresses=(own,))
    data = forged(link, ends[0], TOKEN, PORT)
    assert data is not None
    return bytes(12) + struct.pack("!H", ETHERTYPES[outside]) + data


@pytest.mark.skipif(shutil.which("tshark") is None, reason="needs tshark")
def test_tshark_finds_nothing_wrong(tmp_path: Path) -> None:
    cases = [
        (kind, protocol, payload, outside, inside, key)
        for kind, protocol, payload, outside, insides in KINDS
        for inside in insides
        for key in ((None, 7) if protocol == 47 else (None,))
    ]
    with (tmp_path / "forged.pcap").open("wb") as stream:
        writer = dpkt.pcap.Writer(stream)
        for case in cases:
            writer.writepkt(sample(*case), ts=0)
    checks = ["-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"]
    words = ["tshark", "-r", str(tmp_path / "forged.pcap"), *checks, "-T", "json", "--no-duplicate-keys"]

    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)

    read = [frame["_source"]["layers"] for frame in json.loads(done.stdout)]
    assert len(read) == len(cases)
    for layers, (_kind, protocol, _payload, outside, inside, key) in zip(read, cases, strict=True):
        between = {47: "gre:"}.get(protocol, "")
        names = {4: "ip", 6: "ipv6"}
        assert layers["frame"]["frame.protocols"].startswith(
            f"eth:ethertype:{names[outside]}:{between}{names[inside]}:udp"
        )
        assert layers["udp"]["udp.checksum.status"] == "1"
        assert "_ws.expert" not in json.dumps(layers)
        assert int(layers.get("gre", {}).get("gre.key", "0"), 16) == (key or 0)


def test_an_ipv6_packet_holds_its_protocol() -> None:
    source, destination = Address.parse("2001:db8::1"), Address.parse("2001:db8::2")

    read = dpkt.ip6.IP6(packet(source, destination, 47, b"x"))

    assert (read.src, read.dst, read.nxt, read.hlim) == (source.packed, destination.packed, 47, 64)
