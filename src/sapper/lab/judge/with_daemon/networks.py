"""Random pairs of routers as configuration text: two small routers with one connection between them.

A :class:`Wish` is what is drawn; :func:`texts` writes it. Everything that the lifecycle depends on is drawn for each
end by itself: who initiates, traps or waits, what happens when the SA is closed or the peer is gone.
"""

from __future__ import annotations

import random
from typing import Literal

import msgspec

Kind = Literal[
    "gre", "ipip", "sit", "gretap", "ipip6", "gre-dummy", "gre-dummy-blackhole", "ip6ip6-dummy", "vti",
    "vti-unreachable", "policy", "policy-masquerade",
]  # fmt: skip
KINDS: tuple[Kind, ...] = Kind.__args__  # type: ignore[attr-defined]
_WITH_PREFIXES = ("gre-dummy", "gre-dummy-blackhole", "policy", "policy-masquerade")
_BEHIND_NAT = ("gre-dummy", "gre-dummy-blackhole", "vti", "vti-unreachable", "policy")


class EndWish(msgspec.Struct, frozen=True, kw_only=True):
    """One end's choices, in VyOS' words; ``dpd`` None: no dead peer detection."""

    connection_type: Literal["initiate", "none", "trap"] = "none"
    close_action: Literal["none", "trap", "start"] = "none"
    dpd: Literal["clear", "trap", "restart"] | None = None


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A pair; ``nat``: East is behind a NAT box, and West knows no address of its peer."""

    kind: Kind
    ends: tuple[EndWish, EndWish]
    transport: bool = False
    version: Literal["ikev1", "ikev2"] = "ikev2"
    nat: bool = False
    mobike: bool = True


def draw(source: random.Random) -> Wish:
    """A random pair."""
    kind = source.choice(KINDS)
    nat = kind in _BEHIND_NAT and source.random() < 0.25
    return Wish(
        kind=kind,
        ends=(_end(source), _end(source)),
        transport=kind in ("gre", "ipip", "sit", "gretap", "ipip6") and source.random() < 0.7,
        version="ikev1" if not nat and source.random() < 0.2 else "ikev2",
        nat=nat,
        mobike=source.random() < 0.5,
    )


def _end(source: random.Random) -> EndWish:
    return EndWish(
        connection_type=source.choice(("initiate", "none", "trap")),
        close_action=source.choice(("none", "none", "trap", "start")),
        dpd=source.choice((None, None, "clear", "trap", "restart")),
    )


def texts(wish: Wish) -> tuple[str, str]:
    """Both configurations as set commands."""
    return _text(wish, 0), _text(wish, 1)


class _Place(msgspec.Struct, frozen=True):
    """Addresses of one end."""

    name: str
    wan: str
    gateway: str
    lan: str
    lan6: str
    wan6: str
    gateway6: str
    dummy: str
    dummy6: str
    inner: str
    inner6: str


_PLACES = (
    _Place("east", "192.0.2.10", "192.0.2.1", "10.1.0", "2001:db8:a1:", "2001:db8:e::10", "2001:db8:e::1",
           "10.10.0.1", "2001:db8:d::1", "10.0.0.1/29", "2001:db8:bb::1/64"),
    _Place("west", "203.0.113.20", "203.0.113.1", "10.2.0", "2001:db8:a2:", "2001:db8:f::20", "2001:db8:f::1",
           "10.10.0.2", "2001:db8:d::2", "10.0.0.2/29", "2001:db8:bb::2/64"),
)  # fmt: skip
_HIDDEN = ("192.168.99.2", "192.168.99.1")


def _text(wish: Wish, at: int) -> str:
    here, there = _PLACES[at], _PLACES[1 - at]
    if wish.nat and at == 0:
        here = msgspec.structs.replace(here, wan=_HIDDEN[0], gateway=_HIDDEN[1])
    lines = [
        f"interfaces ethernet eth0 address '{here.wan}/24'",
        f"protocols static route 0.0.0.0/0 next-hop {here.gateway}",
        f"system host-name '{here.name}'",
    ]
    if wish.kind != "gretap":
        lines.append(f"interfaces ethernet eth1 address '{here.lan}.1/24'")
    if _over_v6(wish.kind):
        lines += [
            f"interfaces ethernet eth0 address '{here.wan6}/64'",
            f"protocols static route6 ::/0 next-hop {here.gateway6}",
        ]
    lines += [*_links(wish, here, there), *_groups(wish, at), *_peer(wish, at, here, there)]
    return "".join(f"set {line}\n" for line in lines)


def _over_v6(kind: Kind) -> bool:
    return kind in ("ipip6", "ip6ip6-dummy")


def _links(wish: Wish, here: _Place, there: _Place) -> list[str]:
    kind = wish.kind
    far = f"{there.lan}.0/24"
    if kind.startswith("vti"):
        lines = [f"interfaces vti vti0 address '{here.inner}'", f"protocols static route {far} interface vti0"]
        if kind == "vti-unreachable":
            lines += [f"protocols static route {net} reject distance '254'" for net in (far, "10.0.0.0/29")]
        return lines
    if kind == "policy":
        return []
    if kind == "policy-masquerade":
        return [
            "nat source rule 100 outbound-interface name 'eth0'",
            "nat source rule 100 translation address 'masquerade'",
        ]
    return _tunnel(kind, here, there)


def _tunnel(kind: Kind, here: _Place, there: _Place) -> list[str]:
    dummies = "dummy" in kind
    word = kind.partition("-")[0]
    own, far = (here.dummy, there.dummy) if dummies else (here.wan, there.wan)
    if _over_v6(kind):
        own, far = (here.dummy6, there.dummy6) if dummies else (here.wan6, there.wan6)
    tunnel = "interfaces tunnel tun0"
    lines = [f"{tunnel} encapsulation '{word}'", f"{tunnel} source-address '{own}'", f"{tunnel} remote '{far}'"]
    if kind == "gretap":
        members = ("eth1", "tun0")
        lines.append("interfaces ethernet eth1 description 'LAN'")
        return [*lines, *(f"interfaces bridge br0 member interface {member}" for member in members)]
    if word in ("sit", "ip6ip6"):
        lines += [
            f"{tunnel} address '{here.inner6}'",
            f"interfaces ethernet eth1 address '{here.lan6}:1/64'",
            f"protocols static route6 {there.lan6}:/64 interface tun0",
        ]
    else:
        lines += [f"{tunnel} address '{here.inner}'", f"protocols static route {there.lan}.0/24 interface tun0"]
    if dummies:
        lines.append(f"interfaces dummy dum0 address '{own}/{128 if _over_v6(kind) else 32}'")
    if kind == "gre-dummy-blackhole":
        lines.append(f"protocols static route {far}/32 blackhole distance '254'")
    return lines


def _groups(wish: Wish, at: int) -> list[str]:
    end = wish.ends[at]
    esp, ike = "vpn ipsec esp-group ESP", "vpn ipsec ike-group IKE"
    lines = [
        f"{esp} mode '{'transport' if wish.transport else 'tunnel'}'",
        f"{esp} pfs 'disable'",
        f"{esp} proposal 1 encryption 'aes256gcm128'",
        f"{esp} proposal 1 hash 'sha256'",
        f"{ike} key-exchange '{wish.version}'",
        f"{ike} close-action '{end.close_action}'",
        f"{ike} proposal 1 dh-group '19'",
        f"{ike} proposal 1 encryption 'aes128'",
        f"{ike} proposal 1 hash 'sha256'",
    ]
    if end.dpd is not None:
        lines += [
            f"{ike} dead-peer-detection action '{end.dpd}'",
            f"{ike} dead-peer-detection interval '30'",
        ]
    if not wish.mobike and wish.version == "ikev2":
        lines.append(f"{ike} disable-mobike")
    return lines


def _peer(wish: Wish, at: int, here: _Place, there: _Place) -> list[str]:
    peer = f"vpn ipsec site-to-site peer {there.name.upper()}"
    psk = f"vpn ipsec authentication psk {there.name.upper()}"
    v6 = _over_v6(wish.kind)
    own, far = (here.wan6, there.wan6) if v6 else (here.wan, there.wan)
    names = (here.name, there.name) if wish.nat else (own, far)
    lines = [
        *(f"{psk} id '{name}'" for name in names),
        f"{psk} secret 'correct-horse-battery-tunnel'",
        f"{peer} authentication mode 'pre-shared-secret'",
        f"{peer} connection-type '{wish.ends[at].connection_type}'",
        f"{peer} default-esp-group 'ESP'",
        f"{peer} ike-group 'IKE'",
        f"{peer} local-address '{own}'",
        f"{peer} remote-address '{'any' if wish.nat and at == 1 else far}'",
    ]
    if wish.nat:
        lines += [
            f"{peer} authentication local-id '{names[0]}'",
            f"{peer} authentication remote-id '{names[1]}'",
        ]
    return [*lines, *_tunnel_of_peer(wish, peer, here, there)]


def _tunnel_of_peer(wish: Wish, peer: str, here: _Place, there: _Place) -> list[str]:
    if wish.kind.startswith("vti"):
        return [f"{peer} vti bind 'vti0'", f"{peer} vti esp-group 'ESP'"]
    local, remote = f"{here.lan}.0/24", f"{there.lan}.0/24"
    if "dummy" in wish.kind:
        v6 = _over_v6(wish.kind)
        local, remote = (
            (f"{here.dummy6}/128", f"{there.dummy6}/128") if v6 else (f"{here.dummy}/32", f"{there.dummy}/32")
        )
    elif wish.kind not in _WITH_PREFIXES:
        protocol = {"gre": "gre", "gretap": "gre", "ipip": "4", "ipip6": "4", "sit": "41"}[wish.kind]
        lines = [f"{peer} tunnel 1 protocol '{protocol}'"]
        if not wish.transport:
            v6 = _over_v6(wish.kind)
            ends = (f"{here.wan6}/128", f"{there.wan6}/128") if v6 else (f"{here.wan}/32", f"{there.wan}/32")
            lines += [f"{peer} tunnel 1 local prefix '{ends[0]}'", f"{peer} tunnel 1 remote prefix '{ends[1]}'"]
        return lines
    return [f"{peer} tunnel 1 local prefix '{local}'", f"{peer} tunnel 1 remote prefix '{remote}'"]
