"""What IPsec does around a stack of the sweep: every transform that a guest's kernel has, in each mode.

ESP in transport, tunnel and BEET mode, with and without UDP around it; padding of payloads (TFC) in tunnel mode; AH
with its ICV padded to 4 bytes, as strongSwan asks for, and to 8, which the kernel does by itself; IPComp inside of ESP.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from sapper.lab.sweep_devices import Device

Mode = Literal["transport", "tunnel", "beet"]
_COMPRESSED = ("aes128gcm128", "aes256-sha256", "null-sha1")
_PADDED = ("aes128gcm128", "aes256-sha256")
TFC_FITTED = 65535
"""More than any link takes: the kernel pads up to what fits."""


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
AH_TRANSFORMS = (
    Transform("md5", integrity=("hmac(md5)", 16, 96)),
    Transform("sha1", integrity=_SHA1),
    Transform("sha1_160", integrity=("hmac(sha1)", 20, 160)),
    Transform("sha256", integrity=_SHA256),
    Transform("sha384", integrity=("hmac(sha384)", 48, 192)),
    Transform("sha512", integrity=("hmac(sha512)", 64, 256)),
    Transform("aesxcbc", integrity=("xcbc(aes)", 16, 96)),
    Transform("aescmac", integrity=("cmac(aes)", 16, 96)),
)


class Protection(NamedTuple):
    """``tfc`` is the length up to which payloads are padded. ``aligned`` is AH's padding of its ICV, in bytes."""

    transform: Transform
    mode: Mode
    udp: bool = False
    tfc: int = 0
    is_ah: bool = False
    aligned: Literal[4, 8] = 4
    compresses: bool = False

    @property
    def words(self) -> list[str]:
        """The layers in the stack language; the mode is said where a layer can say it."""
        udp = ["udp"] * self.udp
        if self.is_ah:
            return [f"ah:{self.transform.word}" + (",align8" if self.aligned == 8 else "")]
        if self.compresses:
            return [*udp, f"esp:{self.transform.word}", "ipcomp"]
        fill = {0: "", TFC_FITTED: ",tfc=mtu"}.get(self.tfc, f",tfc={self.tfc}")
        return [*udp, f"esp:{self.transform.word},{self.mode}{fill}"]


def protections() -> Iterator[Protection | None]:
    """All of them, and none."""
    yield None
    for udp in (False, True):
        for transform in TRANSFORMS:
            yield Protection(transform, "transport", udp)
            yield Protection(transform, "tunnel", udp)
            yield Protection(transform, "beet", udp)
            if transform.word in _COMPRESSED:
                yield Protection(transform, "transport", udp, compresses=True)
                yield Protection(transform, "tunnel", udp, compresses=True)
            if transform.word in _PADDED:
                yield Protection(transform, "tunnel", udp, tfc=700)
                yield Protection(transform, "tunnel", udp, tfc=TFC_FITTED)
    for transform in AH_TRANSFORMS:
        for aligned in (4, 8):
            yield Protection(transform, "transport", is_ah=True, aligned=4 if aligned == 4 else 8)
            yield Protection(transform, "tunnel", is_ah=True, aligned=4 if aligned == 4 else 8)


def layers(device: Device, family: int, protection: Protection | None) -> list[str] | None:
    """The stack in the stack language; None where the kernel cannot build it, or it would be no stack."""
    inner = f"ipv{family}"
    own = [] if device.is_plain or device.is_virtual else [device.ip, *device.layers]
    if protection is None:
        return [device.ip, *device.layers, inner] if own or device.encap else None
    if not device.takes_ipsec:
        return None
    if protection.mode == "transport":
        if device.is_virtual or (device.is_plain and family != device.outer):
            return None
        return [device.ip, *protection.words, *device.layers, inner] if own else [inner, *protection.words]
    if protection.mode == "beet" and device.is_virtual:
        return None
    if protection.compresses and not own and family != device.outer:
        # The state behind it is in transport mode, and its selector is of one family (xfrm_init_state).
        return None
    return [f"ipv{device.outer}", *protection.words, *own, inner]


def steps(protection: Protection) -> list[dict[str, Any]]:
    """The states that a packet goes through, from the inside out, as the guest's agent makes them."""
    transform, mode = protection.transform, protection.mode
    outermost = {
        "protocol": 51 if protection.is_ah else 50,
        "mode": "transport" if protection.compresses else mode,
        "udp": protection.udp,
        "tfc": protection.tfc,
        "align4": protection.is_ah and protection.aligned == 4,
        "aead": transform.aead,
        "cipher": transform.cipher,
        "integrity": transform.integrity,
    }
    return [{"protocol": 108, "mode": mode}, outermost] if protection.compresses else [outermost]
