"""ESP: SPI and sequence number (8), the IV, the payload with its padding and 2 bytes of trailer, the ICV.

For p bytes inside: 8 + IV + roundup(p + 2, block) + ICV; the block is the cipher's, at least 4. An IP layer right
inside is tunnel mode; with ``beet`` its header is not sent; anything else is transport mode. UDP right outside is NAT
traversal (RFC 3948). ``tfc=N`` fills every payload up to N bytes, ``tfc=mtu`` up to what the link takes (RFC 4303 2.7;
the kernel does it in tunnel mode only). Source: RFC 4303 2, 2.4; net/ipv4/esp4.c; draft-nikander-esp-beet-mode 5.
"""

from __future__ import annotations

from sapper.mtu.misread import WrongOption, nearest
from sapper.mtu.protocol import IN_IP, Options, Protocol
from sapper.mtu.protocols.esp_transform import transform
from sapper.mtu.shape import FITTED, Shape

SPI_SEQUENCE_BYTES = 8
TRAILER_BYTES = 2  # pad length and next header
MODES = ("tunnel", "transport", "beet")
_OPTIONS = {
    "ENCRYPTION[-INTEGRITY]": "the transform, for example aes256gcm128 or aes256-sha256",
    "tunnel": "say that it is tunnel mode",
    "transport": "say that it is transport mode",
    "beet": "BEET mode: the inner IP header is not sent",
    "tfc": "traffic flow confidentiality: pad payloads to N bytes, or to mtu",
}


def shape(options: Options, outer: str) -> Shape:
    proposals = [word for word in options.words if word not in (*MODES, "tfc")]
    if not proposals:
        raise WrongOption("", "esp needs a transform, for example esp:aes256gcm128 or esp:aes256-sha256")
    known = transform(proposals[0])
    if len(proposals) > 1:
        hint = nearest(proposals[1], [*MODES, "tfc"])
        raise WrongOption(proposals[1], f"esp has no option {proposals[1]!r}{hint}")
    modes = [mode for mode in MODES if options.has(mode)]
    if len(modes) > 1:
        raise WrongOption(modes[1], "esp has one mode: tunnel, transport or beet")
    if options.has("tfc") and modes not in ([], ["tunnel"]):
        raise WrongOption("tfc", "the kernel pads payloads (tfc) in tunnel mode only")
    return Shape(
        front=SPI_SEQUENCE_BYTES + known.iv_bytes,
        tail=TRAILER_BYTES,
        block=known.block,
        back=known.icv_bytes,
        pad_to=_pad_to(options),
        carries=_carries(options),
        implies=_implied(options, outer),
        strips=options.has("beet"),
        note=_note(known.name, known.iv_bytes, known.block, known.icv_bytes, known.note),
    )


def _carries(options: Options) -> frozenset[str]:
    if options.has("tunnel") or options.has("beet") or options.has("tfc"):
        return frozenset({"ip"})
    return IN_IP


def _implied(options: Options, outer: str) -> str:
    """What BEET mode takes a header from must be there: a packet of the outer family, unless another is named."""
    if not options.has("beet"):
        return ""
    return "ipv6" if outer in ("ipv6", "ip6ip6", "ipip6") else "ipv4"


def _pad_to(options: Options) -> int | None:
    if not options.has("tfc"):
        return None
    if options.words["tfc"] == "mtu":
        return FITTED
    return options.number("tfc", 0, 1, 65535)


def _note(name: str, iv: int, block: int, icv: int, remark: str) -> str:
    parts = f"{name}: IV {iv}, padding 0 to {block - 1}, ICV {icv}"
    return f"{parts}; {remark}" if remark else parts


PROTOCOL = Protocol(
    word="esp",
    title="ESP",
    source="RFC 4303",
    groups=frozenset({"ipsec", "esp"}),
    shape=shape,
    options=_OPTIONS,
    open_options=True,
    example="esp:aes256gcm128",
)
