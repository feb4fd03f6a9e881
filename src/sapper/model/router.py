"""The typed, validated Router: what a configuration says, in the newest generation's terms, before any kernel.

Every record knows its ``origin``: the path in the configuration and the place in the text, for findings. Values
here are what VyOS would work with after defaults; what the text left out and sapper filled in is named by a
finding, not here. Lengths are bytes, times are seconds. The records live in the files beside this one:
``interface``, ``ipsec`` and ``routing``.
"""

from __future__ import annotations

import msgspec

from sapper.model.guard import GuardRule
from sapper.model.interface import (
    Bridge,
    Dummy,
    Ethernet,
    Geneve,
    L2tpv3,
    Loopback,
    Pppoe,
    Tunnel,
    Vti,
    Vxlan,
    Wireguard,
)
from sapper.model.ipsec import NhrpTunnel, Peer, Profile
from sapper.model.routing import DestinationNat, PolicyRoute, SourceNat, StaticRoute, SysctlSetting, Vrf
from sapper.model.stated import Stated


class Router(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``unmodelled`` are the paths that were kept but not understood, such as ``protocols bgp``."""

    name: str
    generation: str
    ethernets: tuple[Ethernet, ...] = ()
    dummies: tuple[Dummy, ...] = ()
    loopbacks: tuple[Loopback, ...] = ()
    bridges: tuple[Bridge, ...] = ()
    tunnels: tuple[Tunnel, ...] = ()
    vtis: tuple[Vti, ...] = ()
    wireguards: tuple[Wireguard, ...] = ()
    vxlans: tuple[Vxlan, ...] = ()
    geneves: tuple[Geneve, ...] = ()
    l2tpv3s: tuple[L2tpv3, ...] = ()
    pppoes: tuple[Pppoe, ...] = ()
    vrfs: tuple[Vrf, ...] = ()
    routes: tuple[StaticRoute, ...] = ()
    peers: tuple[Peer, ...] = ()
    profiles: tuple[Profile, ...] = ()
    nhrp: tuple[NhrpTunnel, ...] = ()
    source_nat: tuple[SourceNat, ...] = ()
    destination_nat: tuple[DestinationNat, ...] = ()
    policies: tuple[PolicyRoute, ...] = ()
    guards: tuple[GuardRule, ...] = ()
    sysctls: tuple[SysctlSetting, ...] = ()
    route_autoinstall: bool = True
    stated: Stated = Stated()
    unmodelled: tuple[str, ...] = ()
