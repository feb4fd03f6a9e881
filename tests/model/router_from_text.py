"""From a text to a Router, and a Router without its places, to compare two that were written differently."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from sapper.config.read import read
from sapper.config.upgrade import upgrade
from sapper.model.build import Built, build
from sapper.model.origin import Origin
from sapper.model.router import Router

NOWHERE = Origin("", 0, 0)
Record = TypeVar("Record")


def built_from(text: str) -> Built:
    upgraded = upgrade(read(text, "east.conf"))
    return build(upgraded.root, upgraded.generation, "east")


def router_from(text: str) -> Router:
    return built_from(text).router


def placeless(value: Record) -> Record:
    """The same record with every origin, however deep, replaced by one."""
    if isinstance(value, Origin):
        return NOWHERE  # type: ignore[return-value]
    if isinstance(value, tuple):
        return tuple(placeless(item) for item in value)  # type: ignore[return-value]
    if isinstance(value, msgspec.Struct):
        fields = {name: placeless(getattr(value, name)) for name in value.__struct_fields__}
        return type(value)(**fields)
    return value
