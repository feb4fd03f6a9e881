"""Generic netlink: families have names, and the kernel gives each a number when its module is loaded.

A message is a netlink message of the family's number, with a header of command and version. Asking for a family's
number makes the kernel load its module. Source: include/uapi/linux/genetlink.h, net/netlink/genetlink.c.
"""

from __future__ import annotations

import struct

from sapper.live.netlink.attribute import parse_attributes, text
from sapper.live.netlink.connection import NetlinkConnection
from sapper.live.netlink.message import Request

NETLINK_GENERIC = 16
GENL_ID_CTRL = 16
CTRL_CMD_GETFAMILY = 3
CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 1, 2
HEADER = struct.Struct("=BBxx")  # command, version


def generic(family: int, command: int, attributes: bytes, flags: int, about: str) -> Request:
    """One message of version 1 to the family of that number."""
    return Request(family, flags, HEADER.pack(command, 1) + attributes, about)


def family_number(connection: NetlinkConnection, name: str) -> int:
    """The number of a family. Raises KernelRefused where the kernel has none of that name."""
    request = generic(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, text(CTRL_ATTR_FAMILY_NAME, name), 0, f"family {name}")
    attributes = parse_attributes(connection.get(request).payload, HEADER.size)
    return int(struct.unpack_from("=H", attributes[CTRL_ATTR_FAMILY_ID])[0])
