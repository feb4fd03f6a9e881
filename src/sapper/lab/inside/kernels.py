"""What the routers' kernels hold, in a form that compares: policies, states, charon's routes, raised VTIs.

The host says which answers it takes; the agent looks until the kernels have given one of them twice in a row, so that
nobody waits for a time. :func:`expire` ends states as their hard lifetime would, at once (XFRM_MSG_EXPIRE, xfrm_user.c,
xfrm_add_sa_expire): charon hears of it from the kernel as it does of a true expiry.
"""

from __future__ import annotations

import time
from typing import Any

from sapper.lab.inside import daemon
from sapper.lab.inside.network import flags_of
from sapper.live.namespace import inside, netlink_inside
from sapper.live.netlink.connection import NETLINK_XFRM, NetlinkConnection
from sapper.live.netlink.message import NLM_F_ACK, Request

_XFRM_MSG_EXPIRE = 0x18
_STATE_INFO_BYTES = 224
_CHARON_TABLE = 220
_POLL_S = 0.1
_UNSETTLED = frozenset({b"CREATED", b"CONNECTING", b"REKEYING", b"DELETING", b"DESTROYING"})
_UNSETTLED_CHILD = frozenset({b"CREATED", b"INSTALLING", b"UPDATING", b"REKEYING", b"DELETING", b"RETRYING"})


def wait_for_kernels(message: dict[str, Any]) -> dict[str, Any]:
    """Until the kernels of all ``nodes`` are as one of ``wanted`` says, twice in a row, or ``deadline_s`` is over.

    ``vtis`` names each node's links to look at. A wanted entry has ``kernels`` (node to what :func:`kernel_of` gives)
    and ``calm``: no daemon may be in the middle of something.
    """
    end = time.monotonic() + message["deadline_s"]
    before: dict[str, Any] | None = None
    while True:
        found = {node: kernel_of(node, message["vtis"].get(node, [])) for node in message["nodes"]}
        fitting = [entry for entry in message["wanted"] if entry["kernels"] == found]
        late = time.monotonic() > end
        if late or (fitting and before == found):
            busy = [node for node in message["nodes"] if _busy(node)]
            if late or not busy or any(not entry["calm"] for entry in fitting):
                return {"done": bool(fitting), "kernels": found, "busy": busy}
        before = found
        time.sleep(_POLL_S)


def kernel_of(node: str, vtis: list[str]) -> dict[str, Any]:
    """``policies`` (outbound), ``mirrored``: each has its inbound half; ``states``: any that could decrypt."""
    from sapper.live.netlink.policy import decode_policy, list_policies
    from sapper.live.netlink.state import decode_state, list_states

    with inside(node), NetlinkConnection.open(NETLINK_XFRM) as connection:
        policies = [decode_policy(answer.payload) for answer in connection.dump(list_policies())]
        states = [decode_state(answer.payload) for answer in connection.dump(list_states())]
    halves: dict[str, list[list[Any]]] = {"in": [], "out": []}
    for policy in policies:
        if policy.direction not in halves:
            continue
        selector = policy.selector
        ends = [str(selector.source), str(selector.destination)]
        if policy.direction == "in":
            ends.reverse()
        mode = policy.templates[0].mode if policy.templates else "pass"
        halves[policy.direction].append([*ends, selector.protocol, policy.priority, policy.if_id, mode])
    return {
        "policies": sorted(halves["out"]),
        "mirrored": sorted(halves["in"]) == sorted(halves["out"]),
        "states": any(not state.larval for state in states),
        "routes": _charon_routes(node),
        "raised": sorted(name for name, up in flags_of(node, vtis).items() if up),
    }


def _charon_routes(node: str) -> list[list[str]]:
    from sapper.live.netlink.link import decode_link, list_links
    from sapper.live.netlink.route import decode_route, list_routes

    found = []
    with netlink_inside(node) as connection:
        names = {}
        for answer in connection.dump(list_links()):
            link = decode_link(answer.payload)
            names[link.index] = link.name
        for family in (4, 6):
            for answer in connection.dump(list_routes(family)):
                route = decode_route(answer.payload)
                if route.table == _CHARON_TABLE:
                    way = str(route.via) if route.via else ""
                    found.append([str(route.prefix), way, names.get(route.out or 0, "") or ""])
    return sorted(found)


def _busy(node: str) -> bool:
    if node not in daemon._sessions:
        return False
    # To its end before anything is made of it: what is left of an answer would be taken for the next one's.
    for sa in daemon._sas(node):
        for connection in sa.values():
            children = connection.get("child-sas", {}).values()
            if connection.get("state") in _UNSETTLED or any(
                child.get("state") in _UNSETTLED_CHILD for child in children
            ):
                return True
    return False


def expire(message: dict[str, Any]) -> dict[str, Any]:
    """The hard lifetime of every state of these nodes is over now."""
    from sapper.live.netlink.state import decode_state, list_states

    for node in message["nodes"]:
        with inside(node), NetlinkConnection.open(NETLINK_XFRM) as connection:
            payloads = [answer.payload for answer in connection.dump(list_states())]
            connection.attempt(
                Request(_XFRM_MSG_EXPIRE, NLM_F_ACK, payload[:_STATE_INFO_BYTES] + b"\x01" + bytes(7), "expiry")
                for payload in payloads
                if not decode_state(payload).larval
            )
    return {}


def wipe(message: dict[str, Any]) -> dict[str, Any]:
    """These nodes as after a boot: no daemon, no policy, no state, no route of charon's."""
    from sapper.lab.inside.network import flush
    from sapper.live.netlink.route import decode_route, list_routes

    daemon.kill(message)
    flush(message)
    for node in message["nodes"]:
        with netlink_inside(node) as connection:
            for family in (4, 6):
                payloads = [answer.payload for answer in connection.dump(list_routes(family))]
                connection.attempt(
                    Request(_RTM_DELROUTE, NLM_F_ACK, payload, "charon's route")
                    for payload in payloads
                    if decode_route(payload).table == _CHARON_TABLE
                )
    return {}


_RTM_DELROUTE = 25

HANDLERS = {"wait-for-kernels": wait_for_kernels, "expire": expire, "wipe": wipe}
