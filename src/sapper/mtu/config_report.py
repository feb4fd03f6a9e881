"""The tunnels of configurations as the document "sapper/mtu/1", ready for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapper.mtu.of_plan import TunnelSizes

if TYPE_CHECKING:
    from sapper.mtu.document import ConfigReport, TunnelReport


def config_report(routers: list[tuple[str, list[TunnelSizes]]]) -> ConfigReport:
    """``routers`` are pairs of a name and its tunnels' sizes."""
    tunnels = [_tunnel(router, tunnel) for router, found in routers for tunnel in found]
    return {"schema": "sapper/mtu/1", "tunnels": tunnels}


def _tunnel(router: str, tunnel: TunnelSizes) -> TunnelReport:
    inner, least = tunnel.inner_mtu, tunnel.least
    return {
        "router": router,
        "name": tunnel.name,
        "stack": tunnel.stack,
        "underlay": tunnel.underlay,
        "link_mtu": tunnel.link_mtu or None,
        "configured_mtu": tunnel.configured_mtu,
        "inner_mtu": inner,
        "range": None if inner is None or least is None else {"min": least, "max": inner},
        "mss": {"ipv4": tunnel.mss[0], "ipv6": tunnel.mss[1]},
        "commands": list(tunnel.commands),
        "notes": list(tunnel.notes),
    }
