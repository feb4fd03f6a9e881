"""Real configurations: what a router had saved and what VyOS' own upgrade made of it give the same Router.

VyOS' upgrade is the second opinion on ours. What it changes on purpose is named below.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from router_from_text import placeless, router_from

from sapper.model.interface import Wireguard
from sapper.model.router import Router

CONFIGS = Path(__file__).parents[3] / "shared" / "oracles" / "vyos-configs"
NAMES = sorted(path.stem for path in CONFIGS.glob("*.boot"))


def keyless(wireguard: Wireguard) -> Wireguard:
    """Without its own key, which old releases kept in a file, and with its peers in order."""
    peers = tuple(sorted(wireguard.peers, key=lambda peer: peer.name))
    return msgspec.structs.replace(wireguard, private_key=None, peers=peers)


def said(router: Router) -> dict[str, object]:
    """What must not change; a tunnel's time to live does, because VyOS' default did."""
    bare = placeless(router)
    return {
        "ethernets": sorted((port.name, port.addresses, port.dynamic, port.disabled) for port in bare.ethernets),
        "dummies": bare.dummies,
        "loopbacks": [loopback.addresses for loopback in bare.loopbacks],
        "bridges": [(bridge.name, sorted(bridge.members)) for bridge in bare.bridges],
        "tunnels": [(tunnel.name, tunnel.encapsulation, tunnel.local, tunnel.remote) for tunnel in bare.tunnels],
        "vtis": bare.vtis,
        "routes": sorted(map(repr, bare.routes)),
        "nat": (bare.source_nat, bare.destination_nat),
        "wireguards": [keyless(wireguard) for wireguard in bare.wireguards],
        "other links": (bare.vxlans, bare.l2tpv3s, bare.geneves),
        "pppoe": bare.pppoes,
        "options": sorted((port.name, port.options) for port in bare.ethernets),
        "policies": sorted(map(repr, bare.policies)),
        "vrfs": sorted(map(repr, bare.vrfs)),
        "dmvpn": (bare.profiles, bare.nhrp),
        "sysctls": sorted(map(repr, bare.sysctls)),
        "peers": bare.peers,
    }


@pytest.mark.skipif(not NAMES, reason="the real configurations are not here")
@pytest.mark.parametrize("name", NAMES or ["none"])
def test_the_saved_file_and_vyos_own_upgrade_say_the_same(name: str) -> None:
    saved = router_from((CONFIGS / f"{name}.boot").read_text())
    upgraded = router_from((CONFIGS / f"{name}.expected.set").read_text())
    assert said(saved) == said(upgraded)
