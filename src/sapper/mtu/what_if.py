"""Which transform leaves the most room: every ESP transform in the place of a stack's outermost one.

Transforms that leave the same room on this link make one row. What encrypts nothing, and what is too weak to be
advised, makes rows of its own that say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sapper.mtu.misread import NoRoom, WrongStack
from sapper.mtu.parse import parse
from sapper.mtu.protocols.esp_transform import ENCRYPTION, INTEGRITY
from sapper.mtu.sizes import sizes
from sapper.mtu.stack import Stack

_CIPHERS = (
    "aes256gcm128", "aes256gcm96", "aes256gcm64", "chacha20poly1305", "aes256ccm128", "aes256ccm96", "aes256ccm64",
    "camellia256ccm128", "camellia256ccm96", "camellia256ccm64", "aes256", "camellia256", "serpent256", "twofish256",
    "aes256ctr", "camellia256ctr", "3des", "blowfish256", "cast128", "des", "aes256gmac", "null",
)  # fmt: skip
_INTEGRITY = ("sha256", "sha384", "sha512", "sha1", "sha1_160", "aesxcbc", "aescmac", "sha256_96", "md5", "md5_128")
_WEAK = frozenset({"3des", "blowfish256", "cast128", "des"})
_CLEAR = frozenset({"aes256gmac", "null"})


class Alternative(NamedTuple):
    """``transforms`` are proposals with the same largest packet; ``gain`` is over the stack's own.

    ``remark`` is about all of them: ``encrypts nothing``, ``weak``, or empty.
    """

    transforms: tuple[str, ...]
    inner_mtu: int
    gain: int
    remark: str = ""


def alternatives(stack: Stack, link: int) -> list[Alternative]:
    """Every transform, the most room first. Raises WrongStack without ESP, NoRoom if nothing fits."""
    own = sizes(stack).largest(link)
    at = next((at for at, layer in enumerate(stack.layers) if layer.word == "esp"), None)
    if at is None:
        raise WrongStack("--what-if compares ESP transforms, and this stack has no esp layer")
    rows: dict[tuple[int, str], list[str]] = {}
    for remark, proposal in _proposals():
        try:
            room = sizes(parse(_with(stack, at, proposal))).largest(link)
        except NoRoom:
            continue
        rows.setdefault((-room, remark), []).append(proposal)
    return [Alternative(tuple(names), -room, -room - own, remark) for (room, remark), names in sorted(rows.items())]


def _proposals() -> Iterator[tuple[str, str]]:
    """Each with the remark about it."""
    for cipher in _CIPHERS:
        for proposal in [cipher] if ENCRYPTION[cipher].icv_bytes else [f"{cipher}-{name}" for name in _INTEGRITY]:
            yield _remark(cipher, proposal), proposal


def _remark(cipher: str, proposal: str) -> str:
    if cipher in _CLEAR:
        return "encrypts nothing"
    return "weak" if cipher in _WEAK or "-md5" in proposal else ""


def _with(stack: Stack, at: int, proposal: str) -> str:
    """The stack's text with another transform in its layer number ``at``; the layer's other options stay."""
    keys = [layer.key for layer in stack.layers]
    word, _, options = keys[at].partition(":")
    kept = [option for option in options.split(",") if not _is_transform(option)]
    keys[at] = f"{word}:{','.join([proposal, *kept])}"
    return "/".join(keys)


def _is_transform(option: str) -> bool:
    return any(word in ENCRYPTION or word in INTEGRITY for word in option.strip().split("-"))
