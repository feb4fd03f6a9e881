"""Builds and takes down the lab's network inside the guest: namespaces, wires, and the routers' Plans on them."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import struct
import subprocess
from pathlib import Path
from typing import Any

from sapper.kernel.plan import Plan
from sapper.kernel.wire import decode_plan
from sapper.live import nftables
from sapper.live.install import install, lower_link, raise_link
from sapper.live.namespace import create_namespace, delete_namespace, inside, namespace_names, open_namespace
from sapper.live.netlink.connection import NETLINK_XFRM, NetlinkConnection
from sapper.live.netlink.link import create_veth

_SIOCGIFFLAGS, _SIOCGIFHWADDR = 0x8913, 0x8927  # include/uapi/linux/sockios.h
_IFF_UP = 1


_plans: dict[str, Plan] = {}


def build(message: dict[str, Any]) -> dict[str, Any]:
    """``nodes``: names; ``wires``: [[node, interface, node, interface]…]; ``plans``: node to Plan text.

    ``furnishings``: node to what no Plan says, in the words of ip, tc and nft.
    """
    for name in message["nodes"]:
        create_namespace(name)
        _without_duplicate_detection(name)
    descriptors = {name: open_namespace(name) for name in message["nodes"]}
    try:
        with NetlinkConnection.open() as connection:
            connection.send(
                [
                    create_veth(a_link, b_link, netns_fd=descriptors[a], peer_netns_fd=descriptors[b])
                    for a, a_link, b, b_link in message["wires"]
                ]
            )
    finally:
        # A namespace lives as long as a descriptor of it.
        for descriptor in descriptors.values():
            os.close(descriptor)
    for name, text in message["plans"].items():
        plan = _plans[name] = decode_plan(text)
        with inside(name), NetlinkConnection.open() as connection:
            install(plan, connection, existing=frozenset())
    for name, furnishing in message.get("furnishings", {}).items():
        _furnish(name, furnishing)
    return {}


def _furnish(name: str, furnishing: dict[str, Any]) -> None:
    with inside(name):
        for program in ("ip", "tc"):
            lines = furnishing[program]
            if lines:
                _batch(program, lines)
        nftables.apply(furnishing["nft"])


def _batch(program: str, lines: list[str]) -> None:
    """Runs iproute2 with all the lines. Raises RuntimeError with its first line."""
    words = [program, "-batch", "-"]
    environment = {**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}
    done = subprocess.run(
        words, input="\n".join(lines), capture_output=True, text=True, timeout=30, env=environment, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{program}: {(done.stderr.strip().splitlines() or ['failed'])[0]}")


def _without_duplicate_detection(name: str) -> None:
    """IPv6 addresses are usable at once (RFC 4862 5.4 would take a second); must come before the devices."""
    with inside(name):
        for place in ("all", "default"):
            for sysctl in ("accept_dad", "dad_transmits"):
                (Path("/proc/sys/net/ipv6/conf") / place / sysctl).write_text("0")


def plan_of(node: str) -> Plan:
    """The Plan that the node was built with."""
    return _plans[node]


def set_links(message: dict[str, Any]) -> dict[str, Any]:
    """Raises or lowers links by hand, with their routes, as a script that lost an update leaves them."""
    change = raise_link if message["up"] else lower_link
    for node, names in message["links"].items():
        with inside(node), NetlinkConnection.open() as connection:
            for name in names:
                change(_plans[node], name, connection)
    return {}


def take_down(_: dict[str, Any]) -> dict[str, Any]:
    """Deletes every namespace of the lab."""
    _plans.clear()
    for name in namespace_names():
        delete_namespace(name)
    return {}


def block_ike(message: dict[str, Any]) -> dict[str, Any]:
    """Lets the network between eat IKE but not ESP: UDP 500, and UDP 4500 with the non-ESP marker (RFC 3948 2.2).

    ``everything``: all else, too.
    """
    with inside(message["node"]):
        if message["on"]:
            nftables.apply(_drop_all() if message.get("everything") else _drop_ike())
        else:
            nftables.apply(nftables.remove_table("inet", nftables.DROP_TABLE))
    return {}


def _drop_all() -> list[nftables.Json]:
    commands = nftables.drop_udp_ports({500})
    rule = {"family": "inet", "table": nftables.DROP_TABLE, "chain": "forward", "expr": [{"drop": None}]}
    return [*commands, {"add": {"rule": rule}}]


def _drop_ike() -> list[nftables.Json]:
    commands = nftables.drop_udp_ports({500})
    marker = {"payload": {"base": "th", "offset": 64, "len": 32}}
    expression: list[nftables.Json] = [
        {"match": {"op": "==", "left": {"payload": {"protocol": "udp", "field": "dport"}}, "right": 4500}},
        {"match": {"op": "==", "left": marker, "right": 0}},
        {"drop": None},
    ]
    rule = {"family": "inet", "table": nftables.DROP_TABLE, "chain": "forward", "expr": expression}
    return [*commands, {"add": {"rule": rule}}]


def flags_of(node: str, names: list[str]) -> dict[str, bool]:
    """Whether each of these links is there and administratively up."""
    return {name: _is_up(node, name) for name in names}


def _is_up(node: str, name: str) -> bool:
    try:
        return bool(struct.unpack("=H", _ioctl(node, name, _SIOCGIFFLAGS)[:2])[0] & _IFF_UP)
    except OSError as error:
        if error.errno == errno.ENODEV:
            return False
        raise


def mac_of(node: str, name: str) -> bytes:
    """A link's Ethernet address."""
    return _ioctl(node, name, _SIOCGIFHWADDR)[2:8]


def _ioctl(node: str, name: str, request: int) -> bytes:
    """What the kernel answers in an ifreq after the link's name (netdevice(7))."""
    with inside(node), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        return fcntl.ioctl(probe, request, struct.pack("16s24x", name.encode()))[16:]


def xfrm_counts(message: dict[str, Any]) -> dict[str, Any]:
    """How many policies (without those of sockets) and states each node has."""
    from sapper.live.netlink.policy import decode_policy, list_policies
    from sapper.live.netlink.state import decode_state, list_states

    found = {}
    for node in message["nodes"]:
        with inside(node), NetlinkConnection.open(NETLINK_XFRM) as connection:
            policies = [decode_policy(answer.payload) for answer in connection.dump(list_policies())]
            # An acquire, and an SPI that charon asked for, leave a state without keys for a while: it decrypts nothing.
            states = [decode_state(answer.payload) for answer in connection.dump(list_states())]
            keyed = [
                state for state in states if not state.larval and (state.aead or state.cipher or state.integrity)
            ]
        found[node] = {
            "policies": sum(not policy.direction.startswith("socket") for policy in policies),
            "states": len(keyed),
            "longest_s": max((state.hard_s or 0 for state in keyed), default=0),
        }
    return {"xfrm": found}


def flush(message: dict[str, Any]) -> dict[str, Any]:
    """Flushes policies and states. charon's routes in table 220 stay."""
    from sapper.live.netlink.policy import flush_policies
    from sapper.live.netlink.state import flush_states

    for node in message["nodes"]:
        with inside(node), NetlinkConnection.open(NETLINK_XFRM) as connection:
            connection.send([flush_policies(), flush_states()])
    return {}
