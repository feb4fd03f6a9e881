"""What a device needs beside rtnetlink: an L2TPv3 session is the device, WireGuard's keys and peers go on one.

Both speak generic netlink on a socket of their own, opened in the namespace of the calling thread. Their families'
modules are loaded by asking for them, so nothing is asked where the Plan has no such link.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable

from sapper.kernel.plan import Link
from sapper.live.netlink import l2tp, wireguard
from sapper.live.netlink.connection import KernelRefused, NetlinkConnection
from sapper.live.netlink.generic import NETLINK_GENERIC, family_number


def open_sessions(links: Iterable[Link]) -> None:
    """Create the L2TPv3 devices of these links. Raises KernelRefused."""
    sessions = {}
    for link in links:
        if link.kind == "l2tpeth" and link.l2tp is None:
            raise KernelRefused(errno.EINVAL, f"link {link.name}", "it lacks an address or an identifier")
        if link.l2tp is not None:
            sessions[link.name] = link.l2tp
    if not sessions:
        return
    with NetlinkConnection.open(NETLINK_GENERIC) as connection:
        family = family_number(connection, l2tp.FAMILY_NAME)
        for name, session in sessions.items():
            connection.send(l2tp.create_session(family, session, name))


def give_keys(links: Iterable[Link]) -> None:
    """Tell the WireGuard devices of these links their keys and peers. Raises KernelRefused."""
    devices = {link.name: link.wireguard for link in links if link.wireguard is not None}
    if not devices:
        return
    with NetlinkConnection.open(NETLINK_GENERIC) as connection:
        family = family_number(connection, wireguard.FAMILY_NAME)
        for name, device in devices.items():
            try:
                connection.send(wireguard.set_device(family, name, device))
            except ValueError as error:
                raise KernelRefused(errno.EINVAL, f"link {name}", str(error)) from error
