"""Asks the kernel what fits: every stack that a guest can build, beside what :mod:`sapper.mtu` says of it.

A stack is a tunnel device (or none), a family inside, an ESP transform in one of its modes with or without NAT
traversal (or none), and the MTU of the wire. For each, two packets with don't-fragment are sent: one byte more than
the largest, which must not come, and the largest, which must come with the predicted length.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

import msgspec

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import (
    Encapsulating,
    ErspanHeader,
    GeneveHeader,
    Link,
    LinkKind,
    Plan,
    VxlanHeader,
)
from sapper.kernel.wire import encode_plan
from sapper.mtu.linux import lets_through
from sapper.mtu.parse import parse
from sapper.mtu.sizes import sizes

Family = Literal[4, 6]
DEVICE = "tun0"
LINK_MTUS = (1280, 1400, 1460, 1492, 1500, 1508, 1999, 4000, 9000)
_ROOMY_MTU = 30000
_FAMILIES: tuple[Family, Family] = (4, 6)
_ENDS = {4: ("192.0.2.1", "192.0.2.2"), 6: ("2001:db8::1", "2001:db8::2")}
_INNER = (Attached.parse("10.0.0.1/8"), Attached.parse("fd00::1/16"))
_FAR = {4: Prefix.parse("10.9.0.0/16"), 6: Prefix.parse("fd00:9::/32")}
_BESIDE = {4: Prefix.parse("172.20.0.0/16"), 6: Prefix.parse("fd80:9::/32")}
_LEAST_IPV6_MTU = 1280


class Transform(NamedTuple):
    """``word`` in the stack language; the kernel's algorithms as (name, bytes of key, bits of ICV)."""

    word: str
    aead: tuple[str, int, int] | None = None
    cipher: tuple[str, int, int] | None = None
    integrity: tuple[str, int, int] | None = None


_SHA1 = ("hmac(sha1)", 20, 96)
_SHA256 = ("hmac(sha256)", 32, 128)
_CBC = ("cbc(aes)", 16, 0)
TRANSFORMS = (
    Transform("aes128gcm128", aead=("rfc4106(gcm(aes))", 20, 128)),
    Transform("aes128gcm96", aead=("rfc4106(gcm(aes))", 20, 96)),
    Transform("aes128gcm64", aead=("rfc4106(gcm(aes))", 20, 64)),
    Transform("aes128ccm128", aead=("rfc4309(ccm(aes))", 19, 128)),
    Transform("aes128ccm96", aead=("rfc4309(ccm(aes))", 19, 96)),
    Transform("aes128ccm64", aead=("rfc4309(ccm(aes))", 19, 64)),
    Transform("chacha20poly1305", aead=("rfc7539esp(chacha20,poly1305)", 36, 128)),
    Transform("aes128gmac", aead=("rfc4543(gcm(aes))", 20, 128)),
    Transform("aes128-sha1", cipher=_CBC, integrity=_SHA1),
    Transform("aes128-sha1_160", cipher=_CBC, integrity=("hmac(sha1)", 20, 160)),
    Transform("aes128-md5", cipher=_CBC, integrity=("hmac(md5)", 16, 96)),
    Transform("aes256-sha256", cipher=("cbc(aes)", 32, 0), integrity=_SHA256),
    Transform("aes256-sha256_96", cipher=("cbc(aes)", 32, 0), integrity=("hmac(sha256)", 32, 96)),
    Transform("aes192-sha384", cipher=("cbc(aes)", 24, 0), integrity=("hmac(sha384)", 48, 192)),
    Transform("aes256-sha512", cipher=("cbc(aes)", 32, 0), integrity=("hmac(sha512)", 64, 256)),
    Transform("aes128-aesxcbc", cipher=_CBC, integrity=("xcbc(aes)", 16, 96)),
    Transform("aes128-aescmac", cipher=_CBC, integrity=("cmac(aes)", 16, 96)),
    Transform("aes128ctr-sha1", cipher=("rfc3686(ctr(aes))", 20, 0), integrity=_SHA1),
    Transform("camellia128-sha256", cipher=("cbc(camellia)", 16, 0), integrity=_SHA256),
    Transform("serpent128-sha256", cipher=("cbc(serpent)", 16, 0), integrity=_SHA256),
    Transform("twofish128-sha256", cipher=("cbc(twofish)", 16, 0), integrity=_SHA256),
    Transform("blowfish128-sha256", cipher=("cbc(blowfish)", 16, 0), integrity=_SHA256),
    Transform("cast128-sha1", cipher=("cbc(cast5)", 16, 0), integrity=_SHA1),
    Transform("3des-sha1", cipher=("cbc(des3_ede)", 24, 0), integrity=_SHA1),
    Transform("null-sha1", cipher=("ecb(cipher_null)", 0, 0), integrity=_SHA1),
)


class Device(NamedTuple):
    """A tunnel device: its layers after the outer IP header, and the families that it carries.

    ``outer`` is the family of the outer header, ``ip`` its layer in the stack language. ``link`` None: no device.
    ``ignores_df``: the outer packet has no don't-fragment bit, and what is too large goes in fragments.
    """

    layers: tuple[str, ...]
    outer: Family
    ip: str
    link: Link | None
    families: tuple[Family, ...] = _FAMILIES


class Protection(NamedTuple):
    transform: Transform
    mode: Literal["transport", "tunnel"]
    udp: bool


class Case(NamedTuple):
    """One stack: ``text`` in the stack language, its largest packet and that packet's bytes on the wire."""

    device: Device
    family: Family
    protection: Protection | None
    link_mtu: int
    text: str
    largest: int
    wire: int


class Answer(NamedTuple):
    """What the kernel did: all packets on the wire for one byte too many and then for the largest.

    ``told`` is the path's MTU that it reported for the first; ``own_mtu`` what the device had when it was created,
    None without one.
    """

    case: Case
    seen: tuple[int, ...]
    told: int
    own_mtu: int | None
    frames: tuple[bytes, ...] = ()

    @property
    def agrees(self) -> bool:
        """The largest goes through with its predicted length, and of one byte more nothing, not even a fragment."""
        return self.seen == (self.case.wire,)


def _tunnel(kind: LinkKind, protocol: int, outer: Family, **more: Any) -> Link:
    local, remote = (Address.parse(text) for text in _ENDS[outer])
    return Link(
        name=DEVICE,
        kind=kind,
        addresses=_INNER,
        encapsulating=Encapsulating(protocol=protocol, local=local, remote=remote, **more),
    )


def _vxlan(outer: Family) -> Link:
    local, remote = (Address.parse(text) for text in _ENDS[outer])
    return Link(
        name=DEVICE,
        kind="vxlan",
        addresses=_INNER,
        vxlan=VxlanHeader(vni=7, local=local, remotes=(remote,), df="inherit" if outer == 4 else "unset"),
    )


def _geneve(outer: Family) -> Link:
    remote = Address.parse(_ENDS[outer][1])
    header = GeneveHeader(vni=7, remote=remote, df="inherit" if outer == 4 else "unset")
    return Link(name=DEVICE, kind="geneve", addresses=_INNER, geneve=header)


def devices() -> Iterator[Device]:
    """Every kind of tunnel that a guest can make with one netlink message."""
    for key in (None, 7):
        word = "gre" if key is None else "gre:key"
        tap = "gretap" if key is None else "gretap:key"
        yield Device((word,), 4, "ipv4", _tunnel("gre", 47, 4, key=key))
        yield Device((tap,), 4, "ipv4", _tunnel("gretap", 47, 4, key=key))
        yield Device((word,), 6, "ipv6", _tunnel("ip6gre", 47, 6, key=key))
        yield Device((word,), 6, "ipv6:encaplimit", _tunnel("ip6gre", 47, 6, key=key, encaplimit=4))
        yield Device((tap,), 6, "ipv6", _tunnel("ip6gretap", 47, 6, key=key))
    yield Device((), 4, "ipv4", _tunnel("ipip", 4, 4), (4,))
    yield Device((), 4, "ipv4", _tunnel("sit", 41, 4), (6,))
    for limit in (None, 4):
        ip = "ipv6" if limit is None else "ipv6:encaplimit"
        yield Device((), 6, ip, _tunnel("ip6tnl", 4, 6, payload=4, encaplimit=limit), (4,))
        yield Device((), 6, ip, _tunnel("ip6tnl", 41, 6, payload=41, encaplimit=limit), (6,))
    for version in (1, 2):
        word = "erspan:ii" if version == 1 else "erspan:iii"
        header = ErspanHeader(version=1 if version == 1 else 2)
        yield Device((word,), 4, "ipv4", _tunnel("erspan", 47, 4, key=7, sequence=True, erspan=header))
        yield Device((word,), 6, "ipv6", _tunnel("ip6erspan", 47, 6, key=7, sequence=True, erspan=header))
    for outer in _FAMILIES:
        ip = f"ipv{outer}"
        yield Device(("udp", "vxlan"), outer, ip, _vxlan(outer))
        yield Device(("udp", "geneve"), outer, ip, _geneve(outer))
        yield Device((), outer, ip, Link(name=DEVICE, kind="xfrm", addresses=_INNER, if_id=1))
        yield Device((), outer, ip, None)


def protections() -> Iterator[Protection | None]:
    yield None
    for transform in TRANSFORMS:
        for udp in (False, True):
            yield Protection(transform, "transport", udp)
            yield Protection(transform, "tunnel", udp)


def cases(link_mtus: Iterable[int] = LINK_MTUS) -> Iterator[Case]:
    """Every stack, those with the same device and wire one after the other."""
    every = tuple(devices())
    for link_mtu in link_mtus:
        for device in every:
            for family in device.families:
                for protection in protections():
                    case = _case(device, family, protection, link_mtu)
                    if case is not None:
                        yield case


def _case(device: Device, family: Family, protection: Protection | None, link_mtu: int) -> Case | None:
    """None where there is nothing to measure: no stack, or a packet below IPv6's least MTU."""
    layers = _layers(device, family, protection)
    if layers is None:
        return None
    text = "/".join(layers)
    stack = parse(text)
    largest = lets_through(stack, link_mtu)
    if family == 6 and largest < _LEAST_IPV6_MTU:
        return None
    if device.outer == 6 and link_mtu < _LEAST_IPV6_MTU:
        return None
    return Case(device, family, protection, link_mtu, text, largest, sizes(stack).wire(largest))


def _layers(device: Device, family: Family, protection: Protection | None) -> list[str] | None:
    kind = device.link.kind if device.link is not None else None
    inner = f"ipv{family}"
    if protection is None:
        return None if kind in (None, "xfrm") else [device.ip, *device.layers, inner]
    udp = ["udp"] * protection.udp
    esp = f"esp:{protection.transform.word}"
    if protection.mode == "tunnel":
        outer = f"ipv{device.outer}"
        within = [] if kind in (None, "xfrm") else [device.ip, *device.layers]
        return [outer, *udp, f"{esp},tunnel", *within, inner]
    if kind == "xfrm" or (kind is None and family != device.outer):
        return None
    if kind is None:
        return [inner, *udp, f"{esp},transport"]
    return [device.ip, *udp, f"{esp},transport", *device.layers, inner]


def request(group: list[Case], *, keep: bool = False) -> dict[str, Any]:
    """The message for cases of one device and one wire; ``keep``: with the frames in the answer."""
    device = group[0].device
    links = [Link(name="eth0", kind="ethernet")]
    if device.link is not None:
        links.append(_addressed(device.link, group))
    return {
        "plan": encode_plan(Plan(name="sweep", links=tuple(links))),
        "mtu": group[0].link_mtu,
        "device_mtu": _ROOMY_MTU,
        "cases": [{**_question(case, at), "keep": keep} for at, case in enumerate(group)],
    }


def _addressed(link: Link, group: list[Case]) -> Link:
    """With an address of each family that is sent: a device of less than 1280 bytes takes none of IPv6."""
    families = {case.family for case in group}
    kept = tuple(item for item in link.addresses if item.address.family in families)
    return msgspec.structs.replace(link, addresses=kept, mtu_bytes=None)


def _question(case: Case, at: int) -> dict[str, Any]:
    """Every case of a group has a destination of its own: what the kernel learnt of a path is remembered."""
    protection, device = case.protection, case.device
    plain = device.link is None
    far = (_BESIDE if plain else _FAR)[case.family]
    target = Address(case.family, far.network.value + at + 1)
    if plain and protection is not None and protection.mode == "transport":
        target = Address.parse(_ENDS[device.outer][1])
    esp = None if protection is None else _esp(device, protection, far)
    return {"target": str(target), "esp": esp, "largest": case.largest, "wire": case.wire}


def _esp(device: Device, protection: Protection, far: Prefix) -> dict[str, Any]:
    virtual = device.link is not None and device.link.kind == "xfrm"
    to_far = protection.mode == "tunnel" and (virtual or device.link is None)
    return {
        "outer": device.outer,
        "mode": protection.mode,
        "udp": protection.udp,
        "far": str(far) if to_far else None,
        "if_id": 1 if virtual else 0,
        "aead": protection.transform.aead,
        "cipher": protection.transform.cipher,
        "integrity": protection.transform.integrity,
    }


def grouped(wanted: Iterable[Case], most: int = 40) -> Iterator[list[Case]]:
    """Runs of at most ``most`` cases with the same device and the same wire."""
    group: list[Case] = []
    for case in wanted:
        same = group and group[0].device is case.device and group[0].link_mtu == case.link_mtu
        if group and (not same or len(group) == most):
            yield group
            group = []
        group.append(case)
    if group:
        yield group


def answers(group: list[Case], answer: dict[str, Any]) -> Iterator[Answer]:
    """The guest's answer for one group, case by case."""
    for case, seen in zip(group, answer["cases"], strict=True):
        frames = tuple(base64.b64decode(text) for text in seen["frames"])
        yield Answer(case, tuple(seen["wire"]), seen["told"], answer["own_mtu"], frames)
