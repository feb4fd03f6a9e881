"""IKE and ESP groups of the tree to groups of the Router, and the groups that VyOS' defaults alone make.

The dead-peer-detection defaults hold only where the node stands. What older releases had for defaults, the upgrade
has written into the tree.
"""

from __future__ import annotations

from sapper.model.branch import Branch
from sapper.model.ipsec import CloseAction, Dpd, DpdAction, EspGroup, EspMode, IkeGroup, KeyExchange, Proposal
from sapper.model.origin import Origin

_MODES: dict[str, EspMode] = {"tunnel": "tunnel", "transport": "transport"}
_EXCHANGES: dict[str, KeyExchange] = {"ikev1": "ikev1", "ikev2": "ikev2"}
_CLOSE: dict[str, CloseAction] = {"none": "none", "trap": "trap", "start": "start"}
_GONE: dict[str, DpdAction] = {"clear": "clear", "trap": "trap", "restart": "restart"}

DEFAULT_DH_GROUP = 2
DEFAULT_IKE_PROPOSAL = Proposal(encryption="aes128", hash="sha1", dh_group=DEFAULT_DH_GROUP)
DEFAULT_ESP_PROPOSAL = Proposal(encryption="aes128", hash="sha1")


def default_ike_group(origin: Origin, name: str = "default") -> IkeGroup:
    """What stands in for a group that is not there: both versions, aes128-sha1-modp1024, no DPD."""
    return IkeGroup(name=name, origin=origin, proposals=(DEFAULT_IKE_PROPOSAL,))


def default_esp_group(origin: Origin, name: str = "default") -> EspGroup:
    """What stands in for a group that is not there: tunnel mode, aes128-sha1, pfs, 3600 s."""
    return EspGroup(name=name, origin=origin, proposals=(DEFAULT_ESP_PROPOSAL,))


def build_esp_groups(root: Branch) -> dict[str, EspGroup]:
    """By name."""
    return {branch.name: _esp_group(branch) for branch in root.each("vpn", "ipsec", "esp-group")}


def build_ike_groups(root: Branch) -> dict[str, IkeGroup]:
    """By name."""
    return {branch.name: _ike_group(branch) for branch in root.each("vpn", "ipsec", "ike-group")}


def _esp_group(branch: Branch) -> EspGroup:
    return EspGroup(
        name=branch.name,
        origin=branch.origin,
        mode=_MODES[branch.text("mode") or "tunnel"],
        lifetime_s=branch.number("lifetime") or 3600,
        pfs=branch.text("pfs") or "enable",
        rekey=not branch.has("disable-rekey"),
        compression=branch.has("compression"),
        proposals=_proposals(branch) or (DEFAULT_ESP_PROPOSAL,),
    )


def _ike_group(branch: Branch) -> IkeGroup:
    lifetime = branch.number("lifetime")
    return IkeGroup(
        name=branch.name,
        origin=branch.origin,
        key_exchange=_EXCHANGES.get(branch.text("key-exchange") or "", "any"),
        lifetime_s=28800 if lifetime is None else lifetime,
        aggressive=branch.text("mode") == "aggressive",
        close_action=_CLOSE[branch.text("close-action") or "none"],
        dpd=_dpd(branch),
        mobike=not branch.has("disable-mobike"),
        proposals=_proposals(branch) or (DEFAULT_IKE_PROPOSAL,),
    )


def _dpd(branch: Branch) -> Dpd | None:
    node = branch.below("dead-peer-detection")
    if node is None:
        return None
    return Dpd(_GONE[node.text("action") or "clear"], node.number("interval") or 30, node.number("timeout") or 120)


def _proposals(branch: Branch) -> tuple[Proposal, ...]:
    """In ascending order of their numbers."""
    ordered = sorted(branch.each("proposal"), key=lambda proposal: (len(proposal.name), proposal.name))
    return tuple(
        Proposal(
            encryption=proposal.text("encryption") or "aes128",
            hash=proposal.text("hash") or "sha1",
            dh_group=proposal.number("dh-group"),
            prf=proposal.text("prf"),
        )
        for proposal in ordered
    )
