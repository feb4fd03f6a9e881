"""Connection tracking: IPCTNL_MSG_CT_DELETE without a tuple forgets every connection of the namespace.

Source: include/uapi/linux/netfilter/nfnetlink.h and nfnetlink_conntrack.h, net/netfilter/nf_conntrack_netlink.c.
"""

from __future__ import annotations

import struct

from sapper.live.netlink.message import NLM_F_ACK, Request

NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_DELETE = 1, 2
_GENERIC = struct.Struct("!BBH")  # struct nfgenmsg: family (0: all), version, resource


def flush_connections() -> Request:
    """Forget every tracked connection, of both families."""
    kind = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE
    return Request(kind, NLM_F_ACK, _GENERIC.pack(0, 0, 0), "tracked connections")
