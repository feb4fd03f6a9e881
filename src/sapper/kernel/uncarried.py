"""Configured things that the Router knows and the Plan has no field for, each with its path and what it may do.

The effects are those of :mod:`sapper.kernel.gaps`. A thing that both may add a way and may drop is named twice: then
neither ``proved`` nor ``refuted`` stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from sapper.kernel.effect import ADDS_WAYS, DROPS, NO_WAY_CHANGED
from sapper.kernel.interface_settings import interfaces_of
from sapper.kernel.membership import vrf_tables
from sapper.kernel.policy_routing import clampable, rules_in_force, table_of
from sapper.model.interface import Interface
from sapper.model.ipsec import Peer
from sapper.model.router import Router

Uncarried = tuple[str, str]

NOT_NEEDED = {
    "interfaces * disable-link-detect": "a lost carrier is asked nowhere: the move `wan-down` is the link set down",
    "interfaces bonding * member interface": "a member has no address and no route; the bond is the link",
    "interfaces pppoe * mru": "limits what comes in; what leaves has the MTU",
    "interfaces pppoe * remote-address": "the provider's end of the link, which no route names",
    "protocols nhrp tunnel * map * nbma-address": "the tunnel itself is named: what NHRP learns is not known",
    "protocols nhrp tunnel * dynamic-map * nbma-domain-name": "the tunnel itself is named: what NHRP learns is not known",
    "vpn ipsec profile * authentication mode": "it has one value only, and whether there is a key says the same",
}
"""Options (``*`` is any words) that the Router has and the Plan does not need, each with the reason."""


def uncarried(router: Router) -> Iterator[Uncarried]:
    """Path and effect of each."""
    for interface in interfaces_of(router):
        yield from _of_options(interface)
    yield from chain(_of_devices(router), _of_policies(router), _of_routes(router), _of_nat(router))
    for peer in router.peers:
        if not peer.disabled:
            yield from _of_peer(peer)
    for tunnel in router.nhrp:
        # Shortcuts are routes that are learnt.
        yield tunnel.origin.path, ADDS_WAYS


def _of_options(interface: Interface) -> Iterator[Uncarried]:
    path, options = interface.origin.path, interface.options
    if options.mirror:
        yield f"{path} mirror", ADDS_WAYS
    if options.redirect is not None:
        yield f"{path} redirect", ADDS_WAYS
    if options.source_validation_ipv6 in ("strict", "loose"):
        yield f"{path} ipv6 source-validation", DROPS


def _of_devices(router: Router) -> Iterator[Uncarried]:
    for vxlan in router.vxlans:
        if vxlan.neighbor_suppress:
            yield f"{vxlan.origin.path} parameters neighbor-suppress", NO_WAY_CHANGED
    for ethernet in router.ethernets:
        if ethernet.vlan_protocol != "802.1q":
            yield f"{ethernet.origin.path} protocol {ethernet.vlan_protocol}", NO_WAY_CHANGED
    for pppoe in router.pppoes:
        if pppoe.autoconf:
            yield f"{pppoe.origin.path} ipv6 address autoconf", ADDS_WAYS


def _of_policies(router: Router) -> Iterator[Uncarried]:
    tables = vrf_tables(router)
    for _, rule in rules_in_force(router):
        path = rule.origin.path
        if rule.action in ("drop", "reject"):
            yield path, DROPS
        if rule.vrf is not None and table_of(rule, tables) is None:
            yield f"{path} set vrf", ADDS_WAYS
        if rule.mss == "pmtu" or (rule.mss is not None and not clampable(rule)):
            yield f"{path} set tcp-mss", NO_WAY_CHANGED


def _of_routes(router: Router) -> Iterator[Uncarried]:
    for route in router.routes:
        if route.next_hop_vrf is not None and route.next_hop_vrf != (route.vrf or "default"):
            yield f"{route.origin.path} vrf", ADDS_WAYS
            yield f"{route.origin.path} vrf", DROPS


def _of_nat(router: Router) -> Iterator[Uncarried]:
    """A new source port matters to selectors that ask for a port, and to those of others: either way round."""
    tunnels = [tunnel for peer in router.peers for tunnel in peer.tunnels]
    if any(tunnel.local_port is not None or tunnel.remote_port is not None for tunnel in tunnels):
        for rule in router.source_nat:
            if rule.translation_port is not None and not rule.exclude:
                yield f"{rule.origin.path} translation port", ADDS_WAYS
                yield f"{rule.origin.path} translation port", DROPS


def _of_peer(peer: Peer) -> Iterator[Uncarried]:
    """A far end that is known by a name only is no address, and not any address either."""
    if peer.virtual_addresses:
        yield f"{peer.origin.path} virtual-address", ADDS_WAYS
    if peer.remote_names:
        yield f"{peer.origin.path} remote-address", ADDS_WAYS
        yield f"{peer.origin.path} remote-address", DROPS
