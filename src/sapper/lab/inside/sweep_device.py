"""The two namespaces of the sweep of sizes, their wire, and one tunnel at a time between them.

A tunnel is a link of a Plan, iproute2's commands, or an encapsulation of the routes to its destinations (RTA_ENCAP:
MPLS, and the header that a VXLAN-GPE device takes from its route). WireGuard has a device at the other end too, and
sends nothing before the two have shaken hands. Source: include/uapi/linux/lwtunnel.h, mpls_iptunnel.h, rtnetlink.h.
"""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import Plan, Route
from sapper.kernel.wire import decode_plan
from sapper.lab.inside.sweep_states import ENDS
from sapper.lab.sweep_devices import DEVICE, wireguard_key
from sapper.live.install import install
from sapper.live.namespace import create_namespace, inside, netlink_inside, open_namespace, socket_inside
from sapper.live.netlink.address import add_address
from sapper.live.netlink.attribute import attribute, nested, u8, u16
from sapper.live.netlink.connection import NetlinkConnection
from sapper.live.netlink.link import LinkMessage, change_link, create_veth, decode_link, delete_link, list_links
from sapper.live.netlink.message import NLM_F_ACK, Request
from sapper.live.netlink.route import RTM_DELROUTE, add_route
from sapper.secret import Secret

HERE, THERE, WIRE = "size-a", "size-b", "eth0"
_BESIDE = ("172.16.0.1/12", "fd80::1/16")  # where packets of policies without a device come from
_MODULES = ("fou", "fou6", "mpls_iptunnel", "l2tp_eth", "l2tp_ip", "l2tp_ip6", "macsec", "ipcomp", "ipcomp6")
_QUIET = """
table inet quiet {
  chain output {
    type filter hook output priority 0
    meta l4proto igmp drop
    icmpv6 type { 130, 131, 132, 133, 135, 143 } drop
  }
}
"""
"""Drops what the kernel sends by itself through a new device: reports of multicast listeners, solicitations."""
_DEAF = """
table inet deaf {
  chain prerouting {
    type filter hook prerouting priority raw
    udp dport 51820 accept
    drop
  }
}
"""
"""The other end says nothing about what it cannot take, but answers WireGuard."""
_ADDRESS = "02:00:00:00:00:01"
"""Both ends' link address: without neighbour discovery the kernel writes its own as the destination."""
_UP, _NOARP = 0x1, 0x80
_RTA_ENCAP_TYPE, _RTA_ENCAP = 21, 22
_ENCAP_MPLS, _ENCAP_IP, _ENCAP_IP6 = 1, 2, 4
_DONT_FRAGMENT = 0x0100  # TUNNEL_DONT_FRAGMENT, include/net/ip_tunnels.h
_HANDSHAKE_S = 5.0


def prepare(_: dict[str, Any]) -> dict[str, Any]:
    """Two namespaces with one wire between them, addressed in both families; neighbours are known beforehand."""
    subprocess.run(["modprobe", "-a", *_MODULES], check=False, capture_output=True, timeout=60)
    for name in (HERE, THERE):
        create_namespace(name)
    descriptors = [open_namespace(name) for name in (HERE, THERE)]
    try:
        with NetlinkConnection.open() as connection:
            connection.send([create_veth(WIRE, WIRE, netns_fd=descriptors[0], peer_netns_fd=descriptors[1])])
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    for at, name in enumerate((HERE, THERE)):
        with inside(name):
            for place in ("all", "default"):
                for setting in ("accept_dad", "dad_transmits", "router_solicitations"):
                    Path("/proc/sys/net/ipv6/conf", place, setting).write_text("0")
        with netlink_inside(name) as connection:
            index = _index(connection, WIRE)
            # No neighbour discovery on the wire: whatever is sent is heard by the socket at the other end.
            connection.send([change_link(LinkMessage(index=index, flags=_NOARP | _UP, change=_NOARP | _UP), WIRE)])
            texts = [ends[at] for ends in ENDS.values()] + list(_BESIDE if name == HERE else ())
            connection.send(add_address(index, WIRE, Attached.parse(text)) for text in texts)
    for name, rules in ((HERE, _QUIET), (THERE, _DEAF)):
        with inside(name):
            _run(["ip", "link", "set", WIRE, "address", _ADDRESS], "")
            _run(["nft", "-f", "-"], rules)
    return {}


@contextlib.contextmanager
def installed(group: dict[str, Any]) -> Iterator[str | None]:
    """The group's tunnel in this side's namespace while the block runs; its name, None where it has no device."""
    plan = decode_plan(group["plan"])
    far = decode_plan(group["far_plan"]) if group["far_plan"] else None
    by_plan = any(link.kind not in ("ethernet", "loopback") for link in plan.links)
    if not by_plan and not group["lines"]:
        yield None
        return
    try:
        if by_plan:
            _install(plan, HERE)
        if far is not None:
            _install(far, THERE)
        _iproute2(group["lines"])
        with netlink_inside(HERE) as connection:
            index = _index(connection, DEVICE)
            connection.send([change_link(LinkMessage(index=index, flags=_NOARP, change=_NOARP), DEVICE)])
        yield DEVICE
    finally:
        if group["undo"]:
            _iproute2(group["undo"])
        for node in [HERE] * by_plan + [THERE] * (far is not None):
            with netlink_inside(node) as connection:
                connection.send([delete_link(_index(connection, DEVICE), DEVICE)])


def _install(plan: Plan, node: str) -> None:
    key = Secret(base64.b64encode(wireguard_key(int(node == THERE))).decode())
    links = (
        link
        if link.wireguard is None
        else msgspec.structs.replace(link, wireguard=msgspec.structs.replace(link.wireguard, private_key=key))
        for link in plan.links
    )
    plan = msgspec.structs.replace(plan, links=tuple(links))
    with inside(node), NetlinkConnection.open() as connection:
        install(plan, connection, existing=frozenset())


def _iproute2(lines: list[str]) -> None:
    """Run the commands in this side's namespace. Raises RuntimeError with what iproute2 said."""
    if lines:
        with inside(HERE):
            _run(["ip", "-batch", "-"], "\n".join(lines))


def _run(words: list[str], text: str) -> None:
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()} in {text!r}")


@contextlib.contextmanager
def ways(targets: Sequence[Address], device: str | None, encap: dict[str, Any] | None) -> Iterator[None]:
    """While the block runs, a route for each destination, where there is a tunnel.

    Its own, because what an IPv6 packet teaches of the path is kept for the whole route (net/ipv4/ip_tunnel.c).
    """
    wanted = targets if device is not None or encap is not None else ()
    with netlink_inside(HERE) as connection:
        index = _index(connection, device or WIRE)
        requests = [_way(target, device, index, encap) for target in wanted]
        connection.send(requests)
    yield
    if device is None:
        with netlink_inside(HERE) as connection:
            connection.send(request._replace(kind=RTM_DELROUTE, flags=NLM_F_ACK) for request in requests)


def _way(target: Address, device: str | None, index: int, encap: dict[str, Any] | None) -> Request:
    via = None if device else Attached.parse(ENDS[target.family][1]).address
    request = add_route(Route(prefix=Prefix.host(target), link=device or WIRE, via=via), index)
    return request if encap is None else _encapsulated(request, encap)


def _encapsulated(route: Request, encap: dict[str, Any]) -> Request:
    """The route with what it encapsulates in: MPLS labels, or the outer IP header for a device that asks for one."""
    if encap["kind"] == "mpls":
        entries = [label << 12 for label in encap["labels"]]
        entries[-1] |= 0x100  # bottom of the stack, RFC 3032 2.1
        labels = b"".join(entry.to_bytes(4, "big") for entry in entries)
        number, inner = _ENCAP_MPLS, attribute(1, labels)
    else:
        number = _ENCAP_IP if encap["kind"] == "ipv4" else _ENCAP_IP6
        inner = (
            attribute(1, encap["id"].to_bytes(8, "big"))
            + attribute(2, Address.parse(encap["destination"]).packed)
            + attribute(3, Address.parse(encap["source"]).packed)
            + u8(4, 64)
            + attribute(6, _DONT_FRAGMENT.to_bytes(2, "big"))
        )
    return route._replace(payload=route.payload + u16(_RTA_ENCAP_TYPE, number) + nested(_RTA_ENCAP, inner))


def shake_hands(target: Address) -> None:
    """Make WireGuard open its session, by a packet that must come out at the other end. Raises TimeoutError."""
    kind = socket.AF_INET6 if target.family == 6 else socket.AF_INET
    deadline = time.monotonic() + _HANDSHAKE_S
    with socket_inside(HERE, kind, socket.SOCK_DGRAM) as sender:
        while _received(THERE) == 0:
            if time.monotonic() > deadline:
                raise TimeoutError("WireGuard did not shake hands")
            with contextlib.suppress(OSError):
                sender.sendto(b"", (str(target), 9))
            time.sleep(0.05)


def _received(node: str) -> int:
    """The packets that came out of the tunnel device of a namespace."""
    with inside(node):
        lines = Path("/proc/thread-self/net/dev").read_text().splitlines()
    own = next(line for line in lines if line.strip().startswith(f"{DEVICE}:"))
    return int(own.split()[2])


def set_mtu(name: str, mtu: int) -> None:
    """Set a device's MTU here; the wire's other end takes whatever comes."""
    for node in (HERE, THERE) if name == WIRE else (HERE,):
        with netlink_inside(node) as connection:
            index = _index(connection, name)
            size = mtu if node == HERE else 65535
            connection.send([change_link(LinkMessage(index=index, mtu_bytes=size), name)])


def mtu_of(name: str) -> int | None:
    """The MTU that a device has here."""
    with netlink_inside(HERE) as connection:
        links = (decode_link(answer.payload) for answer in connection.dump(list_links()))
        return next(link.mtu_bytes for link in links if link.name == name)


def _index(connection: NetlinkConnection, name: str) -> int:
    links = (decode_link(answer.payload) for answer in connection.dump(list_links()))
    return next(link.index for link in links if link.name == name)
