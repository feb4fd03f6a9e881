"""Measures, inside the guest, what the kernel makes of sizes: one tunnel device and many ESP transforms at a time.

Two namespaces, one wire. A tunnel device with an MTU far above the wire's leaves the decision to the kernel's own
arithmetic. For each case a socket with don't-fragment sends one packet that should be too large and one that should
just fit; the far end of the wire tells what came. What the socket was told of the path's MTU after the first is the
value that the kernel reports as "too big" (RFC 1191, RFC 8201). States are made by netlink; nothing is decrypted.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import os
import select
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import Plan, Route
from sapper.kernel.wire import decode_plan
from sapper.live.install import install
from sapper.live.namespace import create_namespace, inside, netlink_inside, open_namespace, socket_inside
from sapper.live.netlink.address import add_address
from sapper.live.netlink.connection import NETLINK_XFRM, NetlinkConnection
from sapper.live.netlink.link import LinkMessage, change_link, create_veth, decode_link, delete_link, list_links
from sapper.live.netlink.policy import PolicyMessage, Template, add_policy, flush_policies
from sapper.live.netlink.route import add_route
from sapper.live.netlink.state import Algorithm, StateMessage, add_state, flush_states
from sapper.live.netlink.xfrm import Mode, XfrmSelector
from sapper.secret import Secret

HERE, THERE, WIRE = "size-a", "size-b", "eth0"
_ENDS = {4: ("192.0.2.1/24", "192.0.2.2/24"), 6: ("2001:db8::1/64", "2001:db8::2/64")}
_BESIDE = ("172.16.0.1/12", "fd80::1/16")  # where packets of policies without a device come from
_ETHERNET_BYTES = 14
_IFF_NOARP = 0x80
_ETH_P_ALL = 3
_IP_MTU_DISCOVER, _IPV6_MTU_DISCOVER = 10, 23  # include/uapi/linux/in.h, in6.h
_IP_MTU, _IPV6_MTU = 14, 24
_PMTUDISC_DO = 2
_AF_UNSPEC = 32  # XFRM_STATE_AF_UNSPEC, include/uapi/linux/xfrm.h: the packets inside may be of either family
_OPTIONS = {
    4: (socket.IPPROTO_IP, _IP_MTU_DISCOVER, _IP_MTU),
    6: (socket.IPPROTO_IPV6, _IPV6_MTU_DISCOVER, _IPV6_MTU),
}
_UDP_BYTES = 8
_HEADERS = {4: 20 + _UDP_BYTES, 6: 40 + _UDP_BYTES}
_KEY = "5a"
_QUIET_S, _SOON_S = 0.01, 1.0
_NOISE_BYTES = 400
"""Below it is what the kernel sends by itself through a new device: multicast listeners, router solicitations."""


def prepare(_: dict[str, Any]) -> dict[str, Any]:
    """Two namespaces with one wire between them, addressed in both families; neighbours are known beforehand."""
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
            for place in ("accept_dad", "dad_transmits"):
                Path("/proc/sys/net/ipv6/conf/all", place).write_text("0")
        with netlink_inside(name) as connection:
            index = _index(connection, WIRE)
            # No neighbour discovery on the wire: whatever is sent is heard by the socket at the other end.
            connection.send(
                [change_link(LinkMessage(index=index, flags=_IFF_NOARP | 1, change=_IFF_NOARP | 1), WIRE)]
            )
            texts = [ends[at] for ends in _ENDS.values()] + list(_BESIDE if name == HERE else ())
            connection.send(add_address(index, WIRE, Attached.parse(text)) for text in texts)
    return {}


def sweep(message: dict[str, Any]) -> dict[str, Any]:
    """``groups``: each a Plan (text) with at most one tunnel, the wire's ``mtu``, and ``cases``.

    A case has ``target``, ``esp`` (or None), ``largest`` and ``wire`` as predicted, and ``keep``. Returns for each group the
    kernel's own MTU of the device, and for each case the lengths of all packets on the wire, the frames themselves if
    they are to be kept, and the path MTU that the socket was told.
    """
    with socket_inside(THERE, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL)) as sniffer:
        sniffer.bind((WIRE, _ETH_P_ALL))
        sniffer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        sniffer.setblocking(False)
        return {"groups": [_group(group, sniffer) for group in message["groups"]]}


def _group(group: dict[str, Any], sniffer: socket.socket) -> dict[str, Any]:
    plan = decode_plan(group["plan"])
    _set_mtu(WIRE, group["mtu"])
    with _installed(plan) as device:
        own = None
        if device is not None:
            own = _mtu_of(device)
            _set_mtu(device, group["device_mtu"])
        cases = [_case(case, device, sniffer) for case in group["cases"]]
    return {"own_mtu": own, "cases": cases}


@contextlib.contextmanager
def _installed(plan: Plan) -> Iterator[str | None]:
    """The Plan's one tunnel in this side's namespace while the block runs; its name."""
    device = next((link.name for link in plan.links if link.kind not in ("ethernet", "loopback")), None)
    if device is None:
        yield None
        return
    try:
        with inside(HERE), NetlinkConnection.open() as connection:
            install(plan, connection, existing=frozenset())
        with netlink_inside(HERE) as connection:
            index = _index(connection, device)
            connection.send([change_link(LinkMessage(index=index, flags=_IFF_NOARP, change=_IFF_NOARP), device)])
        yield device
    finally:
        with netlink_inside(HERE) as connection:
            connection.send([delete_link(_index(connection, device), device)])


def _case(case: dict[str, Any], device: str | None, sniffer: socket.socket) -> dict[str, Any]:
    _protect(case["esp"])
    target = Address.parse(case["target"])
    if device is not None:
        _give_way(target, device)
    kind = socket.AF_INET6 if target.family == 6 else socket.AF_INET
    with socket_inside(HERE, kind, socket.SOCK_DGRAM) as sender:
        level, discover, ask = _OPTIONS[target.family]
        sender.setsockopt(level, discover, _PMTUDISC_DO)
        sender.connect((case["target"], 9))
        payload = case["largest"] - _HEADERS[target.family]
        _frames(sniffer, 0, 0.0)
        _send(sender, payload + 1)
        told = sender.getsockopt(level, ask)
        _send(sender, payload)
        frames = _frames(sniffer, case["wire"], _SOON_S)
    return {
        "wire": [len(frame) - _ETHERNET_BYTES for frame in frames],
        "told": told,
        "frames": [base64.b64encode(frame).decode() for frame in frames] if case["keep"] else [],
    }


def _give_way(target: Address, device: str) -> None:
    """A route of its own: what an IPv6 packet teaches of the path is kept for the whole route (net/ipv4/ip_tunnel.c)."""
    with netlink_inside(HERE) as connection:
        route = Route(prefix=Prefix.host(target), link=device)
        connection.send([add_route(route, _index(connection, device))])


def _send(sender: socket.socket, payload: int) -> None:
    """One datagram; a refusal says nothing that the wire does not say."""
    # The "too big" of an earlier packet is kept for the next call on the socket.
    sender.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    try:
        sender.send(bytes(payload))
    except OSError as error:
        if error.errno != errno.EMSGSIZE:
            raise


def _frames(sniffer: socket.socket, wanted: int, limit_s: float) -> list[bytes]:
    """The frames that came: until one with a packet of the wanted length did, and then a moment for more."""
    frames: list[bytes] = []
    here = False
    while select.select([sniffer], [], [], _QUIET_S if here else limit_s)[0]:
        frame = sniffer.recv(65535)
        length = len(frame) - _ETHERNET_BYTES
        here = here or length == wanted
        if length >= _NOISE_BYTES:
            frames.append(frame)
    return frames


def _protect(esp: dict[str, Any] | None) -> None:
    """Policies and states of this case alone: everything between the two ends, or to the far networks."""
    with netlink_inside(HERE, NETLINK_XFRM) as connection:
        connection.send([flush_policies(), flush_states()])
        if esp is None:
            return
        source, destination = (Attached.parse(text).address for text in _ENDS[esp["outer"]])
        mode: Mode = esp["mode"]
        connection.send([add_state(_state(esp, source, destination, mode))])
        template = Template(source=source, destination=destination, reqid=1, mode=mode)
        selector = _selector(esp["far"], source, destination)
        policy = PolicyMessage(selector=selector, direction="out", templates=(template,), if_id=esp["if_id"])
        connection.send([add_policy(policy)])


def _selector(far: str | None, source: Address, destination: Address) -> XfrmSelector:
    """Everything between the two ends, or everything to the far network."""
    if far is None:
        return XfrmSelector(source=Prefix.host(source), destination=Prefix.host(destination))
    prefix = Prefix.parse(far)
    return XfrmSelector(source=Prefix.parse("0.0.0.0/0" if prefix.family == 4 else "::/0"), destination=prefix)


def _state(esp: dict[str, Any], source: Address, destination: Address, mode: Mode) -> StateMessage:
    def algorithm(words: list[Any] | None) -> Algorithm | None:
        """``words``: the kernel's name, the length of its key in bytes, the ICV in bits."""
        return None if words is None else Algorithm(words[0], Secret(_KEY * words[1]), words[2])

    return StateMessage(
        source=source,
        destination=destination,
        spi=0x1000,
        reqid=1,
        mode=mode,
        flags=_AF_UNSPEC if mode == "tunnel" else 0,
        if_id=esp["if_id"],
        udp_ports=(4500, 4500) if esp["udp"] else None,
        aead=algorithm(esp["aead"]),
        cipher=algorithm(esp["cipher"]),
        integrity=algorithm(esp["integrity"]),
    )


def _index(connection: NetlinkConnection, name: str) -> int:
    links = (decode_link(answer.payload) for answer in connection.dump(list_links()))
    return next(link.index for link in links if link.name == name)


def _set_mtu(name: str, mtu: int) -> None:
    for node in (HERE, THERE) if name == WIRE else (HERE,):
        with netlink_inside(node) as connection:
            index = _index(connection, name)
            size = mtu if node == HERE else 65535
            connection.send([change_link(LinkMessage(index=index, mtu_bytes=size), name)])


def _mtu_of(name: str) -> int | None:
    with netlink_inside(HERE) as connection:
        links = (decode_link(answer.payload) for answer in connection.dump(list_links()))
        return next(link.mtu_bytes for link in links if link.name == name)
