"""``vpn ipsec esp-group`` and ``ike-group``: transforms, lifetimes and what to do when the peer is gone.

The three dead-peer-detection defaults hold only where the node is written: without it there is no detection.
Algorithm names are strongSwan's and pass through unchanged.
"""

from __future__ import annotations

from sapper.schema.option import Option, as_immaterial, flag, leaf, node, tag
from sapper.schema.value import NAME, number, one_of, word_of

_AES = tuple(
    f"aes{bits}{mode}"
    for bits in (128, 192, 256)
    for mode in ("", "ctr", "ccm64", "ccm96", "ccm128", "gcm64", "gcm96", "gcm128", "gmac")
)
_CAMELLIA = tuple(
    f"camellia{bits}{mode}" for bits in (128, 192, 256) for mode in ("", "ctr", "ccm64", "ccm96", "ccm128")
)
_BLOCK = tuple(f"{cipher}{bits}" for cipher in ("serpent", "twofish", "blowfish") for bits in (128, 192, 256))
_OLD = ("null", "3des", "cast128", "chacha20poly1305")


ENCRYPTION = word_of("encryption algorithm", (*_AES, *_CAMELLIA, *_BLOCK, *_OLD))
HASH = word_of(
    "hash algorithm",
    (
        *("md5", "md5_128", "sha1", "sha1_160", "sha256", "sha256_96", "sha384", "sha512"),
        *("aesxcbc", "aescmac", "aes128gmac", "aes192gmac", "aes256gmac"),
    ),
)
DH_GROUPS = tuple(str(group) for group in (1, 2, 5, *range(14, 33)))
PRF = one_of("prfmd5", "prfsha1", "prfaesxcbc", "prfaescmac", "prfsha256", "prfsha384", "prfsha512")
PFS = word_of(
    "perfect forward secrecy setting", ("enable", "disable", *(f"dh-group{group}" for group in DH_GROUPS))
)

_ESP = "vpn ipsec esp-group *"
_IKE = "vpn ipsec ike-group *"
_DPD = f"{_IKE} dead-peer-detection"
_DPD_SECONDS = number(2, 86400)

ESP_OPTIONS: tuple[Option, ...] = (
    tag("vpn ipsec esp-group", "How packets are encrypted", NAME),
    leaf(f"{_ESP} mode", "Encrypt the whole packet, or its payload only", one_of("tunnel", "transport"), "tunnel"),
    leaf(f"{_ESP} lifetime", "Hard lifetime of an SA", number(30, 86400), "3600", "seconds"),
    leaf(f"{_ESP} pfs", "Fresh key exchange for each SA", PFS, "enable"),
    flag(f"{_ESP} disable-rekey", "Let an SA expire instead of replacing it"),
    flag(f"{_ESP} compression", "Compress before encryption"),
    tag(f"{_ESP} proposal", "Transforms that are offered", NAME),
    leaf(f"{_ESP} proposal * encryption", "Cipher", ENCRYPTION, "aes128"),
    leaf(f"{_ESP} proposal * hash", "Integrity algorithm", HASH, "sha1"),
    leaf(f"{_ESP} life-bytes", "Hard lifetime of an SA by volume", number(1024, 26843545600000), unit="bytes"),
    leaf(f"{_ESP} life-packets", "Hard lifetime of an SA by packets", number(1000, 26843545600000), unit="packets"),
)

IKE_OPTIONS: tuple[Option, ...] = (
    tag("vpn ipsec ike-group", "How the peers agree on keys", NAME),
    leaf(f"{_IKE} key-exchange", "Version of IKE; without it both", one_of("ikev1", "ikev2")),
    leaf(f"{_IKE} lifetime", "Lifetime of the IKE SA; 0 never rekeys", number(0, 86400), "28800", "seconds"),
    leaf(f"{_IKE} mode", "Exchange of IKEv1", one_of("main", "aggressive"), "main"),
    leaf(f"{_IKE} close-action", "What to do when the peer closes an SA", one_of("none", "trap", "start"), "none"),
    node(_DPD, "Notice that the peer is gone"),
    leaf(f"{_DPD} action", "What to do when it is gone", one_of("trap", "clear", "restart"), "clear"),
    leaf(f"{_DPD} interval", "Time between questions", _DPD_SECONDS, "30", "seconds"),
    leaf(f"{_DPD} timeout", "Time without an answer, IKEv1 only", _DPD_SECONDS, "120", "seconds"),
    flag(f"{_IKE} disable-mobike", "Keep the addresses of an SA fixed"),
    tag(f"{_IKE} proposal", "Transforms that are offered", NAME),
    leaf(f"{_IKE} proposal * encryption", "Cipher", ENCRYPTION, "aes128"),
    leaf(f"{_IKE} proposal * hash", "Integrity algorithm", HASH, "sha1"),
    leaf(f"{_IKE} proposal * dh-group", "Diffie-Hellman group", one_of(*DH_GROUPS), "2"),
    leaf(f"{_IKE} proposal * prf", "Pseudo-random function", PRF),
    *as_immaterial(
        "accepted by VyOS and not rendered for peers",
        flag(f"{_IKE} ikev2-reauth", "Authenticate anew instead of rekeying"),
    ),
)

OPTIONS: tuple[Option, ...] = ESP_OPTIONS + IKE_OPTIONS
