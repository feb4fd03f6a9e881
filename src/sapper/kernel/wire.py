"""A Plan as JSON and back, for the way into a guest. Secrets do not travel this way: encoding one raises.

The IKE daemon is told of connections by another way, so they are left out; WireGuard's keys are left out as well.
"""

from __future__ import annotations

from typing import Any

import msgspec

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import Link, Plan
from sapper.secret import Secret


def encode_plan(plan: Plan) -> str:
    """JSON text of a Plan without its connections and without WireGuard's private and preshared keys."""
    bare = msgspec.structs.replace(plan, connections=(), links=tuple(map(_without_keys, plan.links)))
    return msgspec.json.encode(bare, enc_hook=_to_text, order="deterministic").decode()


def decode_plan(text: str) -> Plan:
    """The Plan that :func:`encode_plan` wrote. Raises msgspec.ValidationError for anything else."""
    return msgspec.json.decode(text, type=Plan, dec_hook=_from_text)


def _without_keys(link: Link) -> Link:
    device = link.wireguard
    if device is None:
        return link
    peers = tuple(msgspec.structs.replace(peer, preshared_key=None) for peer in device.peers)
    return msgspec.structs.replace(link, wireguard=msgspec.structs.replace(device, private_key=None, peers=peers))


def _to_text(value: object) -> str:
    if isinstance(value, Address | Prefix | Attached):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} does not travel in a Plan")


def _from_text(kind: type, value: Any) -> object:
    if kind in (Address, Prefix, Attached):
        return kind.parse(value)
    raise NotImplementedError(f"{kind.__name__} does not travel in a Plan, not even {Secret.__name__}s")
