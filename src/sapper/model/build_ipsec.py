"""Site-to-site peers of the tree to peers of the Router, and what had to be assumed for them.

A peer without authentication, IKE group or ESP group is refused by VyOS; sapper goes on with VyOS' defaults and
says so. A group that is named but not defined is stood in for likewise, and a finding of its own names it. Empty
prefixes stay empty: what strongSwan makes of them is the Plan's business.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from sapper.address import Address, Prefix
from sapper.config.tree import Node
from sapper.model.branch import Assumed, Branch, first_span
from sapper.model.build_groups import ESP_DEFAULTS, IKE_DEFAULTS, NO_NAME, Groups
from sapper.model.ipsec import Authentication, ConnectionType, EspGroup, IkeGroup, Peer, PeerTunnel, VtiBind
from sapper.model.psk import ANY_ID, KeyRing, build_keys
from sapper.schema.protocol import protocol_number

_CONNECTION: dict[str, ConnectionType] = {
    "initiate": "initiate",
    "trap": "trap",
    "respond": "trap",
    "none": "none",
}
_MODES: dict[str, Literal["pre-shared-secret", "rsa", "x509"]] = {
    "pre-shared-secret": "pre-shared-secret",
    "rsa": "rsa",
    "x509": "x509",
}
_NO_IKE_GROUP = f"this peer names no ike-group; {IKE_DEFAULTS}"
_NO_ESP_GROUP = f"this peer names no esp-group; {ESP_DEFAULTS}"

FIRST_NAMED = "1.4"
"""The first release whose peers have names; before it a peer without address was loaded passively."""


class _Ground(NamedTuple):
    """What all peers of a configuration share."""

    generation: str
    groups: Groups
    keys: KeyRing
    defaulted: list[Assumed]
    unmodelled: list[str]


def build_peers(
    root: Branch,
    generation: str,
    groups: Groups,
    defaulted: list[Assumed],
    unmodelled: list[str],
) -> tuple[Peer, ...]:
    """All peers in order of writing, disabled ones too."""
    ground = _Ground(generation, groups, build_keys(root), defaulted, unmodelled)
    return tuple(_peer(branch, ground) for branch in root.each("vpn", "ipsec", "site-to-site", "peer"))


def _peer(branch: Branch, ground: _Ground) -> Peer:
    addresses, names = _remotes(branch)
    local = _address(branch.text("local-address"))
    anyone = not addresses and not names
    return Peer(
        name=branch.name,
        origin=branch.origin,
        ike_group=_ike_group(branch, ground),
        authentication=_authentication(branch, local, addresses, names, ground),
        connection_type=_CONNECTION[branch.text("connection-type") or "initiate"],
        local_address=local,
        dhcp_interface=branch.text("dhcp-interface"),
        remote_addresses=addresses,
        remote_names=names,
        passive=branch.name.startswith("@") or (anyone and ground.generation < FIRST_NAMED),
        force_udp=branch.has("force-udp-encapsulation"),
        replay_window=branch.number_or(32, "replay-window"),
        virtual_addresses=tuple(branch.good_texts("virtual-address")),
        tunnels=_tunnels(branch, ground),
        vti=_vti(branch, ground),
        disabled=branch.has("disable"),
    )


def _remotes(branch: Branch) -> tuple[tuple[Address, ...], tuple[str, ...]]:
    """Addresses and host names of the peer; both empty if it may be anybody, which one ``any`` is enough for."""
    words = [value.word for value in branch.texts("remote-address")]
    if any(word in ("any", ANY_ID, "0.0.0.0", "::") for word in words):
        return (), ()
    addresses = {word: _address(word) for word in words}
    found = tuple(address for address in addresses.values() if address is not None)
    return found, tuple(word for word, address in addresses.items() if address is None)


def _address(text: str | None) -> Address | None:
    """None also for the unspecified address, which is ``any`` in another spelling."""
    try:
        address = Address.parse(text or "")
    except ValueError:
        return None
    return None if address.is_unspecified else address


def _ike_group(branch: Branch, ground: _Ground) -> IkeGroup:
    written = branch.in_force("ike-group")
    if written is None:
        ground.defaulted.append(Assumed("CFG307", _NO_IKE_GROUP, branch.where, first_span(branch.node)))
    return ground.groups.ike(written.word if written is not None else NO_NAME, branch)


def _authentication(
    branch: Branch,
    local: Address | None,
    addresses: tuple[Address, ...],
    names: tuple[str, ...],
    ground: _Ground,
) -> Authentication:
    local_id, remote_id = branch.text("authentication", "local-id"), branch.text("authentication", "remote-id")
    mine = {local_id} if local_id else {str(local)} if local else set()
    others = {*map(str, addresses), *names}
    if remote_id is not None and remote_id != ANY_ID:
        others = {remote_id}
    key = ground.keys.key_for(mine, others)
    if branch.in_force("authentication", "mode") is None:
        message = (
            "this peer names no authentication mode; VyOS refuses it, sapper goes on with "
            "pre-shared-secret" + ("" if key else " and a secret of the lab's own")
        )
        ground.defaulted.append(Assumed("CFG306", message, branch.where, first_span(branch.node)))
    mode = _MODES[branch.text("authentication", "mode") or "pre-shared-secret"]
    if mode != "pre-shared-secret":
        key = None
    return Authentication(
        mode=mode,
        local_id=local_id,
        remote_id=remote_id,
        secret=key.secret if key else None,
        secret_ids=key.ids if key else (),
    )


def _tunnels(branch: Branch, ground: _Ground) -> tuple[PeerTunnel, ...]:
    tunnels = []
    missing = False
    for tunnel in branch.each("tunnel"):
        group = _esp_group(branch, tunnel.in_force("esp-group"), ground)
        if group is None and not missing:
            _assume_esp_group(branch, ground)
            missing = True
        tunnels.append(
            PeerTunnel(
                number=tunnel.name,
                origin=tunnel.origin,
                esp_group=group or ground.groups.esp(NO_NAME, branch),
                protocol=_protocol(tunnel, ground),
                local_prefixes=_prefixes(tunnel, "local"),
                remote_prefixes=_prefixes(tunnel, "remote"),
                local_port=tunnel.number("local", "port"),
                remote_port=tunnel.number("remote", "port"),
                priority=tunnel.number("priority"),
                disabled=tunnel.has("disable"),
            )
        )
    return tuple(tunnels)


def _vti(branch: Branch, ground: _Ground) -> VtiBind | None:
    vti = branch.below("vti")
    interface = branch.text("vti", "bind")
    if vti is None or interface is None:
        return None
    group = _esp_group(branch, vti.in_force("esp-group"), ground)
    if group is None and not branch.has("tunnel"):
        _assume_esp_group(branch, ground)
    return VtiBind(interface=interface, origin=vti.origin, esp_group=group or ground.groups.esp(NO_NAME, branch))


def _esp_group(peer: Branch, written: Node | None, ground: _Ground) -> EspGroup | None:
    """The group that is named here or for the whole peer; None if neither names one."""
    named = written or peer.in_force("default-esp-group")
    return ground.groups.esp(named.word, peer) if named is not None else None


def _assume_esp_group(branch: Branch, ground: _Ground) -> None:
    ground.defaulted.append(Assumed("CFG308", _NO_ESP_GROUP, branch.where, first_span(branch.node)))


def _protocol(tunnel: Branch, ground: _Ground) -> int | None:
    text = tunnel.text("protocol")
    number = protocol_number(text) if text is not None else None
    # charon discards a connection whose protocol it does not know (``all``, ``icmpv6``, ``!tcp``): none of its policies.
    if text is not None and (number is None or number < 0 or text == "icmpv6"):
        ground.unmodelled.append(f"{tunnel.where} protocol {text}")
    return number if number is not None and number >= 0 else None


def _prefixes(tunnel: Branch, side: str) -> tuple[Prefix, ...]:
    """Host bits are cleared; ``any`` is every IPv4 address. What is no network at all is left out."""
    found = []
    for value in tunnel.texts(side, "prefix"):
        text = "0.0.0.0/0" if value.word == "any" else value.word
        try:
            found.append(Prefix.parse(text))
        except ValueError:
            continue
    return tuple(dict.fromkeys(found))
