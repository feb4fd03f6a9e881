"""The transforms that strongSwan 5.9 knows, with what each adds to an ESP packet: IV, block, ICV.

The words are those of its proposals, which VyOS passes on unchanged. ``Cipher.icv_bytes`` None: the ICV is the
integrity algorithm's. Sources: RFC 4106 (GCM), 4309 (CCM), 7634 (ChaCha20-Poly1305), 3686 and 5528 (CTR), 3602 and
4312 (AES and Camellia CBC), 5529 (Camellia CCM), 2451 (other CBC), 2405 (DES), 2410 (null), 4543 (GMAC); 2403, 2404,
3566, 4494, 4868 (integrity). Extended sequence numbers do not change the length.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sapper.mtu.misread import WrongOption, nearest


class Cipher(NamedTuple):
    """All in bytes; ``block`` is the cipher's block or 4, whichever is larger (RFC 4303 2.4)."""

    name: str
    iv_bytes: int
    block: int
    icv_bytes: int | None = None


_KEY_BITS = ("128", "192", "256")
_TAGS = {"8": 8, "64": 8, "12": 12, "96": 12, "16": 16, "128": 16}


def _ciphers() -> Iterator[tuple[str, Cipher]]:
    yield "null", Cipher("null", 0, 4)
    yield "des", Cipher("des-cbc", 8, 8)
    yield "3des", Cipher("3des-cbc", 8, 8)
    yield "cast128", Cipher("cast-cbc", 8, 8)
    for name, block in (("aes", 16), ("camellia", 16), ("serpent", 16), ("twofish", 16), ("blowfish", 8)):
        for bits in ("", *_KEY_BITS):
            yield f"{name}{bits}", Cipher(f"{name}-cbc", block, block)
    for bits in _KEY_BITS:
        yield f"aes{bits}ctr", Cipher("aes-ctr", 8, 4)
        yield f"camellia{bits}ctr", Cipher("camellia-ctr", 8, 4)
        yield f"aes{bits}gmac", Cipher("aes-gmac", 8, 4, 16)
        for suffix, tag in _TAGS.items():
            yield f"aes{bits}gcm{suffix}", Cipher(f"aes-gcm-{tag}", 8, 4, tag)
            yield f"aes{bits}ccm{suffix}", Cipher(f"aes-ccm-{tag}", 8, 4, tag)
            yield f"camellia{bits}ccm{suffix}", Cipher(f"camellia-ccm-{tag}", 8, 4, tag)
        yield f"aes{bits}gcm", Cipher("aes-gcm-16", 8, 4, 16)
        yield f"aes{bits}ccm", Cipher("aes-ccm-16", 8, 4, 16)
    yield "chacha20poly1305", Cipher("chacha20-poly1305", 8, 4, 16)
    yield "chacha20poly1305compat", Cipher("chacha20-poly1305", 8, 4, 16)


ENCRYPTION: dict[str, Cipher] = dict(_ciphers())

INTEGRITY: dict[str, int] = {
    "md5": 12,
    "md5_128": 16,
    "sha": 12,
    "sha1": 12,
    "sha1_160": 20,
    "sha256": 16,
    "sha2_256": 16,
    "sha256_96": 12,
    "sha2_256_96": 12,
    "sha384": 24,
    "sha2_384": 24,
    "sha512": 32,
    "sha2_512": 32,
    "aesxcbc": 12,
    "camelliaxcbc": 12,
    "aescmac": 12,
}
"""The ICV of each algorithm, in bytes: the truncated length."""

_NO_SIZE = (
    "modp",
    "ecp",
    "curve",
    "x25519",
    "x448",
    "ntru",
    "newhope",
    "prf",
    "esn",
    "noesn",
    "none",
    "ke1_",
    "ke2_",
)
"""Words of a proposal that do not change the length: key exchange, PRF, sequence numbers."""


class Transform(NamedTuple):
    """What one proposal makes of a packet. ``note`` says what of the proposal has no effect on it, or is missing."""

    name: str
    iv_bytes: int
    block: int
    icv_bytes: int
    note: str = ""


def transform(proposal: str) -> Transform:
    """Read ``ENCRYPTION[-INTEGRITY][-…]``. Raises WrongOption, whose option is the proposal."""
    cipher: Cipher | None = None
    integrity: str | None = None
    for word in proposal.split("-"):
        if word in ENCRYPTION:
            if cipher is not None:
                raise WrongOption(proposal, f"two encryption algorithms in {proposal!r}; name one")
            cipher = ENCRYPTION[word]
        elif word in INTEGRITY:
            if integrity is not None:
                raise WrongOption(proposal, f"two integrity algorithms in {proposal!r}; name one")
            integrity = word
        elif not word.startswith(_NO_SIZE):
            raise WrongOption(proposal, f"no ESP transform is called {word!r}{_hint(word)}")
    if cipher is None:
        raise WrongOption(proposal, f"no encryption algorithm in {proposal!r}; for example aes256-sha256")
    if cipher.icv_bytes is not None:
        note = f"{integrity} has no effect beside {cipher.name}" if integrity else ""
        return Transform(cipher.name, cipher.iv_bytes, cipher.block, cipher.icv_bytes, note)
    if integrity is None:
        return Transform(cipher.name, cipher.iv_bytes, cipher.block, 0, "no integrity algorithm")
    return Transform(f"{cipher.name} with {integrity}", cipher.iv_bytes, cipher.block, INTEGRITY[integrity])


def sized_words(proposal: str) -> str:
    """The proposal without the words that do not change the length: what a stack is written with."""
    return "-".join(word for word in proposal.split("-") if not word.startswith(_NO_SIZE))


def _hint(word: str) -> str:
    return nearest(word, [*ENCRYPTION, *INTEGRITY]) or "; for example aes256gcm128, or aes256-sha256"
