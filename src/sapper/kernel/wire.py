"""A Plan as JSON and back, for the way into a guest. Secrets do not travel this way: encoding one raises."""

from __future__ import annotations

from typing import Any

import msgspec

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import Plan
from sapper.secret import Secret


def encode_plan(plan: Plan) -> str:
    """JSON text of a Plan without its connections, which the IKE daemon is told of by another way."""
    bare = msgspec.structs.replace(plan, connections=())
    return msgspec.json.encode(bare, enc_hook=_to_text, order="deterministic").decode()


def decode_plan(text: str) -> Plan:
    """The Plan that :func:`encode_plan` wrote. Raises msgspec.ValidationError for anything else."""
    return msgspec.json.decode(text, type=Plan, dec_hook=_from_text)


def _to_text(value: object) -> str:
    if isinstance(value, Address | Prefix | Attached):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} does not travel in a Plan")


def _from_text(kind: type, value: Any) -> object:
    if kind in (Address, Prefix, Attached):
        return kind.parse(value)
    raise NotImplementedError(f"{kind.__name__} does not travel in a Plan, not even {Secret.__name__}s")
