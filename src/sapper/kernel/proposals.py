"""VyOS' proposals in strongSwan's words (reference: the swanctl template, algorithm table)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from sapper.model.ipsec import EspGroup, IkeGroup, Proposal

# IKEv2 transform ids of the groups (RFC 7296 3.3.2 and its registry) in strongSwan's keywords.
DH_KEYWORD = {
    1: "modp768", 2: "modp1024", 5: "modp1536", 14: "modp2048", 15: "modp3072", 16: "modp4096", 17: "modp6144",
    18: "modp8192", 19: "ecp256", 20: "ecp384", 21: "ecp521", 22: "modp1024s160", 23: "modp2048s224",
    24: "modp2048s256", 25: "ecp192", 26: "ecp224", 27: "ecp224bp", 28: "ecp256bp", 29: "ecp384bp", 30: "ecp512bp",
    31: "curve25519", 32: "curve448",
}  # fmt: skip
_DEFAULT_GROUP = 2
IKE_VERSION: dict[str, Literal[0, 1, 2]] = {"ikev1": 1, "ikev2": 2, "any": 0}


def ike_proposals(group: IkeGroup) -> tuple[str, ...]:
    """``ENC-HASH[-PRF]-DH`` for each proposal, in order; VyOS' defaults where the group has none."""
    return tuple(_ike_words(proposal) for proposal in _or_default(group.proposals))


def esp_proposals(esp: EspGroup, ike: IkeGroup) -> tuple[str, ...]:
    """``ENC-HASH[-DH]`` for each proposal; ``pfs enable`` takes the first IKE proposal's group."""
    suffix = _pfs_suffix(esp.pfs, ike)
    return tuple(f"{proposal.encryption}-{proposal.hash}{suffix}" for proposal in _or_default(esp.proposals))


def _or_default(proposals: tuple[Proposal, ...]) -> Iterable[Proposal]:
    return proposals or (Proposal(),)


def _ike_words(proposal: Proposal) -> str:
    words = [proposal.encryption, proposal.hash]
    if proposal.prf:
        words.append(proposal.prf)
    words.append(DH_KEYWORD.get(proposal.dh_group or _DEFAULT_GROUP, "modp1024"))
    return "-".join(words)


def _pfs_suffix(pfs: str, ike: IkeGroup) -> str:
    if pfs == "disable":
        return ""
    if pfs.startswith("dh-group") and pfs.removeprefix("dh-group").isdigit():
        return "-" + DH_KEYWORD.get(int(pfs.removeprefix("dh-group")), "modp1024")
    first = next(iter(_or_default(ike.proposals)))
    return "-" + DH_KEYWORD.get(first.dh_group or _DEFAULT_GROUP, "modp1024")
