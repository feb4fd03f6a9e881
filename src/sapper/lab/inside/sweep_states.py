"""The policy and the states of one stack of the sweep, by netlink: ESP, AH and IPComp, in any mode.

States are only ever used to send. Padding of payloads and compression are attributes that no Plan has: they are put
behind a state's own. Source: include/uapi/linux/xfrm.h, net/xfrm/xfrm_user.c.
"""

from __future__ import annotations

from typing import Any

from sapper.address import Address, Attached, Prefix
from sapper.live.namespace import netlink_inside
from sapper.live.netlink.attribute import attribute, u32
from sapper.live.netlink.connection import NETLINK_XFRM
from sapper.live.netlink.message import Request
from sapper.live.netlink.policy import PolicyMessage, Template, add_policy, flush_policies
from sapper.live.netlink.state import Algorithm, StateMessage, add_state, flush_states
from sapper.live.netlink.xfrm import Mode, XfrmSelector
from sapper.secret import Secret

ENDS = {4: ("192.0.2.1/24", "192.0.2.2/24"), 6: ("2001:db8::1/64", "2001:db8::2/64")}
COMPRESSION = 108
_AF_UNSPEC, _ALIGN4 = 32, 64  # XFRM_STATE_*; AF_UNSPEC: packets inside may be of either family
_ALG_COMP, _TFC_PADDING = 3, 22  # XFRMA_*
_KEY = "5a"
_SPI = 0x1000


def protect(node: str, ipsec: dict[str, Any] | None) -> None:
    """In place of all policies and states of the namespace: everything between the two ends, or to the far network.

    ``ipsec`` has ``outer`` (4 or 6), ``far`` (a prefix or None), ``if_id`` and ``steps`` from the inside out.
    """
    with netlink_inside(node, NETLINK_XFRM) as connection:
        connection.send([flush_policies(), flush_states()])
        if ipsec is None:
            return
        source, destination = (Attached.parse(text).address for text in ENDS[ipsec["outer"]])
        selector = _selector(ipsec["far"], source, destination)
        templates = tuple(
            Template(source=source, destination=destination, protocol=step["protocol"], reqid=1, mode=step["mode"])
            for step in ipsec["steps"]
        )
        connection.send(_state(step, ipsec["if_id"], source, destination, selector) for step in ipsec["steps"])
        policy = PolicyMessage(selector=selector, direction="out", templates=templates, if_id=ipsec["if_id"])
        connection.send([add_policy(policy)])


def _selector(far: str | None, source: Address, destination: Address) -> XfrmSelector:
    if far is None:
        return XfrmSelector(source=Prefix.host(source), destination=Prefix.host(destination))
    prefix = Prefix.parse(far)
    return XfrmSelector(source=Prefix.everything(prefix.family), destination=prefix)


def _state(
    step: dict[str, Any], if_id: int, source: Address, destination: Address, selector: XfrmSelector
) -> Request:
    mode: Mode = step["mode"]
    state = StateMessage(
        source=source,
        destination=destination,
        spi=_SPI,
        protocol=step["protocol"],
        # BEET mode learns the family of the packets inside from the state's selector.
        selector=selector if mode == "beet" else None,
        reqid=1,
        mode=mode,
        flags=(_AF_UNSPEC if mode == "tunnel" else 0) | (_ALIGN4 if step.get("align4") else 0),
        if_id=if_id,
        udp_ports=(4500, 4500) if step.get("udp") else None,
        aead=_algorithm(step.get("aead")),
        cipher=_algorithm(step.get("cipher")),
        integrity=_algorithm(step.get("integrity")),
    )
    request = add_state(state)
    more = attribute(_ALG_COMP, b"deflate".ljust(64, b"\0") + bytes(4)) if step["protocol"] == COMPRESSION else b""
    if step.get("tfc"):
        more += u32(_TFC_PADDING, step["tfc"])
    return request._replace(payload=request.payload + more)


def _algorithm(words: list[Any] | None) -> Algorithm | None:
    """``words``: the kernel's name, the length of its key in bytes, the ICV in bits."""
    return None if words is None else Algorithm(words[0], Secret(_KEY * words[1]), words[2])
