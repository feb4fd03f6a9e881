"""A fault from its name and what a scenario file says of it: each parameter checked, with a sentence if it is wrong."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from sapper.address import Address, Prefix
from sapper.lab.faults.fault import Fault
from sapper.lab.faults.register import FAULTS

_SAID = {
    str: "a string",
    int: "a whole number",
    bool: "true or false",
    Address: "an IP address",
    Prefix: "a network",
}


class BadParameter(Exception):
    """One line; ``path`` is the key that it is about, if one is there."""

    def __init__(self, message: str, *path: str) -> None:
        self.path = path
        super().__init__(message)


def fault_of(name: str, value: Any) -> Fault:
    """The fault; a string stands for its router, true for no parameters. Raises BadParameter."""
    kind = FAULTS[name]
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    takes = f"{name} takes {', '.join(fields)}" if fields else f"{name} takes no parameters"
    if value is True:
        value = {}
    elif isinstance(value, str) and "router" in fields:
        value = {"router": value}
    elif not isinstance(value, dict):
        raise BadParameter(f"expected a table of parameters; {takes}")
    for key in value:
        if key not in fields:
            raise BadParameter(f"unknown parameter {key!r}; {takes}", key)
    for key, field in fields.items():
        if field.required and key not in value:
            raise BadParameter(f"needs {key}, {said(field.type)}")
    return kind(**{key: _converted(key, fields[key].type, given) for key, given in value.items()})


def _converted(key: str, wanted: Any, given: Any) -> Any:
    try:
        return msgspec.convert(given, wanted, dec_hook=_parsed)
    except msgspec.ValidationError:
        raise BadParameter(f"{key}: expected {said(wanted)}, not {given!r}", key) from None


def _parsed(wanted: type, given: Any) -> Any:
    if wanted in (Address, Prefix) and isinstance(given, str):
        return wanted.parse(given)
    raise ValueError("not a text")


def said(wanted: Any) -> str:
    """A parameter's type in words."""
    if get_origin(wanted) in (Union, UnionType):
        return " or ".join(said(item) for item in get_args(wanted) if item is not NoneType)
    if get_origin(wanted) is Literal:
        return f"one of {', '.join(map(str, get_args(wanted)))}"
    return _SAID.get(wanted, str(wanted))
