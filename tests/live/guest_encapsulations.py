"""The agent that installs, in a guest, Plans that the test made from configurations, and reports what shows of them.

A Plan comes as JSON, without secrets; the keys of its WireGuard device come beside it.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any, NamedTuple

from msgspec import structs

from sapper.kernel.plan import Plan
from sapper.kernel.wire import decode_plan
from sapper.live.install import install, sysctl_path
from sapper.live.namespace import create_namespace, delete_namespace, inside, open_namespace
from sapper.live.netlink import l2tp, wireguard
from sapper.live.netlink.connection import KernelRefused, NetlinkConnection
from sapper.live.netlink.generic import NETLINK_GENERIC, family_number
from sapper.live.netlink.link import create_veth, list_links
from sapper.live.netlink.vxlan import list_forwarding
from sapper.secret import Secret

NAMESPACE = "sapper-made"


class Keys(NamedTuple):
    """The secrets of a WireGuard device, which do not travel in a Plan."""

    private: str
    preshared: dict[str, str]


def with_keys(plan: Plan, keys: Keys | None) -> Plan:
    """The Plan whose WireGuard devices have their secrets back."""
    if keys is None:
        return plan
    links = []
    for link in plan.links:
        if link.wireguard is not None:
            peers = tuple(
                structs.replace(peer, preshared_key=Secret(keys.preshared[peer.public_key]))
                if peer.public_key in keys.preshared
                else peer
                for peer in link.wireguard.peers
            )
            device = structs.replace(link.wireguard, private_key=Secret(keys.private), peers=peers)
            link = structs.replace(link, wireguard=device)
        links.append(link)
    return structs.replace(plan, links=tuple(links))


def observe(plan: Plan) -> dict[str, Any]:
    """Install a Plan that the test made from a configuration, and report everything that shows of it."""
    create_namespace(NAMESPACE)
    descriptor = open_namespace(NAMESPACE)
    try:
        with NetlinkConnection.open() as outside:
            outside.send([create_veth("eth0", "far0", netns_fd=descriptor, peer_netns_fd=descriptor)])
            outside.send([create_veth("eth1", "far1", netns_fd=descriptor, peer_netns_fd=descriptor)])
        with inside(NAMESPACE), NetlinkConnection.open() as connection:
            run("ip link set far0 up")
            run("ip link set far1 up")
            waiting = install(plan, connection)
            return {
                "waiting": [str(route.prefix) for route in waiting],
                "links": json.loads(run("ip -d -j link show")),
                "addresses": json.loads(run("ip -j addr show")),
                "raw": [sent.payload.hex() for sent in connection.dump(list_links())],
                "forwarding": [sent.payload.hex() for sent in connection.dump(list_forwarding())],
                "vlans": json.loads(run("bridge -j vlan tunnelshow") or "[]"),
                "routes": json.loads(run("ip -j route show table all")),
                "routes6": json.loads(run("ip -6 -j route show table all")),
                "rules": json.loads(run("ip -j rule show") or "[]"),
                "rules6": json.loads(run("ip -6 -j rule show") or "[]"),
                "sysctls": {item.name: sysctl_path(item.name, plan).read_text().strip() for item in plan.sysctls},
                "nft": run("nft -s list ruleset"),
                **generic_answers(plan),
            }
    finally:
        os.close(descriptor)
        delete_namespace(NAMESPACE)


def generic_answers(plan: Plan) -> dict[str, Any]:
    """What generic netlink and iproute2 say of L2TP sessions and WireGuard devices, where the Plan has some."""
    said: dict[str, Any] = {}
    with NetlinkConnection.open(NETLINK_GENERIC) as connection:
        if any(link.l2tp for link in plan.links):
            family = family_number(connection, l2tp.FAMILY_NAME)
            said["l2tp_tunnels"] = [sent.payload.hex() for sent in connection.dump(l2tp.list_tunnels(family))]
            said["l2tp_sessions"] = [sent.payload.hex() for sent in connection.dump(l2tp.list_sessions(family))]
            said["l2tp_shown"] = [
                json.loads(run("ip -j l2tp show tunnel")),
                json.loads(run("ip -j l2tp show session")),
            ]
        for link in plan.links:
            if link.wireguard is not None:
                family = family_number(connection, wireguard.FAMILY_NAME)
                answers = connection.dump(wireguard.get_device(family, link.name))
                said["wireguard"] = [sent.payload.hex() for sent in answers]
    return said


def run(command: str) -> str:
    return subprocess.run(command.split(), capture_output=True, text=True, check=False).stdout


def main() -> None:
    from sapper.lab.channel import ChannelClosed, LineChannel, open_port

    channel = LineChannel(open_port())
    channel.send({"hello": "encapsulations", "kernel": os.uname().release})
    while True:
        try:
            message = channel.receive()
        except ChannelClosed:
            return
        keys = Keys(**message["keys"]) if "keys" in message else None
        try:
            channel.send(observe(with_keys(decode_plan(message["made"]), keys)))
        except KernelRefused as refusal:
            channel.send({"refused": str(refusal)})


if __name__ == "__main__":
    main()
