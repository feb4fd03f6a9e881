"""OpenVPN's data channel: opcode, packet identifier, authentication, and with CBC an IV and padding.

AEAD ciphers: opcode and peer identifier 4 (1 in the first format, ``v1``), packet identifier 4, tag 16. CBC: opcode,
HMAC, IV; inside it packet identifier 4, the payload, and 1 to 16 (8 for 64-bit blocks) bytes of padding. ``epoch``:
packet identifiers of 8 (2.7). ``static``: a pre-shared key, no opcode, packet identifiers of 8. ``comp`` adds 1,
``fragment`` 4, both inside. Over TCP a length of 2 stands before each packet. A tap device carries a frame: write
``openvpn:…,tap``. Source: OpenVPN doc/doxygen/doc_protocol_overview.h, src/openvpn/mtu.c, crypto.c.
"""

from __future__ import annotations

from sapper.mtu.misread import WrongOption, nearest
from sapper.mtu.protocol import IP, Options, Protocol
from sapper.mtu.shape import Shape

TAG_BYTES = 16
_AEAD = {f"aes-{bits}-gcm" for bits in (128, 192, 256)} | {"chacha20-poly1305"}
_CBC = {f"{name}-{bits}-cbc": 16 for name in ("aes", "camellia") for bits in (128, 192, 256)}
_CBC |= {"bf-cbc": 8, "des-ede3-cbc": 8, "cast5-cbc": 8}
_DIGESTS = {"none": 0, "md5": 16, "sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64}
_FLAGS = {
    "v1": "the first data format: 1 byte of opcode instead of 4",
    "epoch": "packet identifiers of 8 bytes (2.7)",
    "static": "a pre-shared key instead of TLS",
    "comp": "compression framing, 1 byte",
    "fragment": "the fragment header, 4 bytes",
    "tap": "an Ethernet frame inside",
}


def shape(options: Options, outer: str) -> Shape:
    ciphers = [word for word in options.words if word not in _FLAGS]
    if not ciphers:
        raise WrongOption("", "openvpn needs a cipher, for example openvpn:aes-256-gcm")
    if len(ciphers) > 1:
        raise WrongOption(ciphers[1], f"openvpn has no option {ciphers[1]!r}{nearest(ciphers[1], _FLAGS)}")
    inside = (1 if options.has("comp") else 0) + (4 if options.has("fragment") else 0)
    front = 2 if outer == "tcp" else 0
    front += 0 if options.has("static") else 1 if options.has("v1") else 4
    packet_id = 8 if options.has("epoch") or options.has("static") else 4
    carries, implies = (frozenset({"ethernet"}), "ethernet") if options.has("tap") else (IP, "")
    if ciphers[0] in _AEAD:
        if options.has("static"):
            raise WrongOption("static", "OpenVPN has no AEAD cipher with a static key")
        return Shape(front=front + packet_id + TAG_BYTES + inside, carries=carries, implies=implies)
    block, digest = _cbc(ciphers[0])
    if options.has("epoch"):
        raise WrongOption("epoch", "only AEAD ciphers have the epoch format")
    return Shape(
        front=front + digest + block,
        tail=packet_id + inside + 1,
        block=block,
        carries=carries,
        implies=implies,
        note=f"HMAC {digest}, IV {block}, packet identifier {packet_id}, padding 1 to {block}",
    )


def _cbc(word: str) -> tuple[int, int]:
    """Block and HMAC bytes of ``aes-256-cbc-sha256``; OpenVPN's default digest is SHA1."""
    for cipher, block in _CBC.items():
        if word == cipher:
            return block, _DIGESTS["sha1"]
        if word.startswith(f"{cipher}-") and word.removeprefix(f"{cipher}-") in _DIGESTS:
            return block, _DIGESTS[word.removeprefix(f"{cipher}-")]
    hint = nearest(word, [*_AEAD, *_CBC]) or "; for example aes-256-gcm or aes-256-cbc-sha256"
    raise WrongOption(word, f"no OpenVPN cipher is called {word!r}{hint}")


PROTOCOL = Protocol(
    word="openvpn",
    title="OpenVPN",
    source="OpenVPN src/openvpn/mtu.c",
    groups=frozenset({"udp-tunnel", "openvpn"}),
    shape=shape,
    options={"CIPHER[-DIGEST]": "for example aes-256-gcm or aes-256-cbc-sha256", **_FLAGS},
    rides="udp",
    open_options=True,
    example="openvpn:aes-256-gcm",
)
