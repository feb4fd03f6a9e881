"""What there is to see of the last measurement beside frames: times of sending, counters, logs, and the SAs' SPIs.

Asked for once after each measurement. No key leaves the kernel: of an SA only what stands in clear on the wire, or
names its owner, is told.
"""

from __future__ import annotations

from typing import Any

from sapper.lab.inside import counters, logs, traffic
from sapper.live.namespace import inside
from sapper.live.netlink.connection import NETLINK_XFRM, NetlinkConnection
from sapper.live.netlink.state import decode_state, list_states


def observe(message: dict[str, Any]) -> dict[str, Any]:
    """``routers`` are the nodes whose SAs are listed."""
    return {
        "sent": list(traffic.sent),
        "counters": counters.differences(),
        "logs": logs.collect(),
        "associations": [row for node in message["routers"] for row in _associations(node)],
    }


def _associations(node: str) -> list[list[Any]]:
    with inside(node), NetlinkConnection.open(NETLINK_XFRM) as connection:
        states = [decode_state(answer.payload) for answer in connection.dump(list_states())]
    return [
        [node, state.spi, str(state.source), str(state.destination), state.mode, state.reqid, state.packets]
        for state in states
        if not state.larval
    ]


HANDLERS = {"observe": observe}
