"""IKE and ESP groups of the tree to groups of the Router, and the groups that VyOS' defaults alone make.

The dead-peer-detection defaults hold only where the node stands. What older releases had for defaults, the upgrade
has written into the tree.
"""

from __future__ import annotations

from sapper.model.branch import Branch
from sapper.model.ipsec import CloseAction, Dpd, DpdAction, EspGroup, EspMode, IkeGroup, KeyExchange, Proposal

_MODES: dict[str, EspMode] = {"tunnel": "tunnel", "transport": "transport"}
_EXCHANGES: dict[str, KeyExchange] = {"ikev1": "ikev1", "ikev2": "ikev2"}
_CLOSE: dict[str, CloseAction] = {"none": "none", "trap": "trap", "start": "start"}
_GONE: dict[str, DpdAction] = {"clear": "clear", "trap": "trap", "restart": "restart"}

NO_NAME = "default"
"""What the stand-in is called where no group is named."""

DEFAULT_DH_GROUP = 2
IKE_DEFAULTS = (
    "VyOS refuses it, sapper goes on with the defaults: IKEv1 and IKEv2, aes128-sha1-modp1024, lifetime 28800 s, "
    "close-action none, no dead peer detection"
)
ESP_DEFAULTS = (
    "VyOS refuses it, sapper goes on with the defaults: tunnel mode, aes128-sha1, perfect forward secrecy, "
    "lifetime 3600 s"
)
DEFAULT_IKE_PROPOSAL = Proposal(encryption="aes128", hash="sha1", dh_group=DEFAULT_DH_GROUP)
DEFAULT_ESP_PROPOSAL = Proposal(encryption="aes128", hash="sha1")


class Groups:
    """The groups of a configuration by name. One that is not there gets a stand-in, the same for all who name it."""

    __slots__ = ("_esp", "_ike")

    def __init__(self, root: Branch) -> None:
        self._esp = {branch.name: _esp_group(branch) for branch in root.each("vpn", "ipsec", "esp-group")}
        self._ike = {branch.name: _ike_group(branch) for branch in root.each("vpn", "ipsec", "ike-group")}

    def esp(self, name: str, user: Branch) -> EspGroup:
        """The group of that name; else VyOS' defaults: tunnel mode, aes128-sha1, pfs, 3600 s."""
        group = self._esp.get(name)
        if group is None:
            group = self._esp[name] = EspGroup(name=name, origin=user.origin, proposals=(DEFAULT_ESP_PROPOSAL,))
        return group

    def ike(self, name: str, user: Branch) -> IkeGroup:
        """The group of that name; else VyOS' defaults: both versions, aes128-sha1-modp1024, no DPD."""
        group = self._ike.get(name)
        if group is None:
            group = self._ike[name] = IkeGroup(name=name, origin=user.origin, proposals=(DEFAULT_IKE_PROPOSAL,))
        return group


def _esp_group(branch: Branch) -> EspGroup:
    return EspGroup(
        name=branch.name,
        origin=branch.origin,
        mode=_MODES[branch.text("mode") or "tunnel"],
        lifetime_s=branch.number("lifetime") or 3600,
        life_bytes=branch.number("life-bytes"),
        life_packets=branch.number("life-packets"),
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
