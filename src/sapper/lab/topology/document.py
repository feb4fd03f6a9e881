"""The file that says what the configurations do not: ``sapper lab run … --topology FILE.toml``.

    [[wan]]       name, networks, interfaces, delay_ms, loss_percent, mtu, icmp, isolated
    [[nat]]       router, interface, port_preserving, outside, forward      (several of one router: a chain)
    [[lan]]       router, interface, hosts
    [[attacker]]  name, wan, address
    [[routing]]   router, protocol, interfaces, asn, networks

A router is named for its file. What cannot be used is one line: file:line:column, and what was expected.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sapper.address import Address, Attached, Prefix
from sapper.lab.topology.places import Places, unknown
from sapper.lab.topology.sketch import Attacker, Lan, NatBox, Routing, Sketch, Wan
from sapper.lab.topology.value import NAT

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}")
_ASNS = (1, 4294967295)
_MTUS = (576, 65535)  # RFC 791: every network carries 576 bytes
Links = Mapping[str, Sequence[str]]


class UnusableSketch(Exception):
    """The file cannot be used; the message is one line with a place."""


class _Key(NamedTuple):
    """How a value is read; what it raises is a ValueError that ends the sentence ``expected …``."""

    read: Callable[[Any, Links], Any]
    needed: bool = False


def read_sketch(text: str, path: str, links: Links) -> Sketch:
    """The sketch in a TOML text; ``links`` are the interfaces of each router. Raises UnusableSketch."""
    places = Places(text)

    def refuse(place: tuple[int, int], message: str) -> UnusableSketch:
        return UnusableSketch(f"{path}:{place[0]}:{place[1]}: {message}")

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place, message = places.of_error(str(error))
        raise refuse(place, message) from None
    found: dict[str, list[Any]] = {name: [] for name in _TABLES}
    for name, tables in document.items():
        if name not in _TABLES:
            raise refuse(places.of(name), unknown(name, {f"[[{table}]]": 0 for table in _TABLES}))
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise refuse(places.of(name), f"expected tables [[{name}]]")
        for number, table in enumerate(tables):
            try:
                found[name].append(_table(name, table, links))
            except _Wrong as wrong:
                raise refuse(places.of(name, number, wrong.key), str(wrong)) from None
    sketch = Sketch(
        wans=tuple(found["wan"]),
        nats=tuple(found["nat"]),
        lans=tuple(found["lan"]),
        attackers=tuple(found["attacker"]),
        routing=tuple(found["routing"]),
    )
    for name, number, key, message in _contradictions(sketch, links):
        raise refuse(places.of(name, number, key), message)
    return sketch


class _Wrong(Exception):
    def __init__(self, key: str | None, message: str) -> None:
        super().__init__(message)
        self.key = key


def _table(name: str, table: dict[str, Any], links: Links) -> Any:
    record, keys = _TABLES[name]
    values = {}
    for key, value in table.items():
        if key not in keys:
            raise _Wrong(key, unknown(key, keys))
        try:
            values[key] = keys[key].read(value, links)
        except ValueError as error:
            raise _Wrong(key, f"{key}: expected {error}") from None
    for key, reading in keys.items():
        if reading.needed and key not in values:
            raise _Wrong(None, f"expected a key {key} in [[{name}]]")
    router, interface = values.get("router"), values.get("interface")
    for link in (*values.get("interfaces", ()), *([interface] if interface else ())):
        if router is not None and link not in links[router]:
            raise _Wrong(
                "interface" if interface else "interfaces",
                f"{router} has no interface {link}; expected one of {', '.join(links[router])}",
            )
    return record(**values)


def _contradictions(sketch: Sketch, links: Links) -> Sequence[tuple[str, int, str, str]]:
    """What is wrong only together: names that are taken, WANs that are not there."""
    found = []
    taken = {NAT, *links}
    named = [("wan", number, wan.name) for number, wan in enumerate(sketch.wans)]
    named += [("attacker", number, attacker.name) for number, attacker in enumerate(sketch.attackers)]
    for table, number, name in named:
        if name in taken:
            found.append((table, number, "name", f"name: {name} is taken; expected another name"))
        taken.add(name)
    wans = {wan.name: 0 for wan in sketch.wans}
    for number, attacker in enumerate(sketch.attackers):
        if attacker.wan is not None and attacker.wan not in wans:
            found.append(("attacker", number, "wan", f"wan: {unknown(attacker.wan, wans)}"))
    attached: set[tuple[str, str]] = set()
    for number, wan in enumerate(sketch.wans):
        for pair in wan.interfaces:
            if pair in attached:
                found.append(
                    ("wan", number, "interfaces", f"interfaces: {':'.join(pair)} is on another WAN already")
                )
            attached.add(pair)
    return found


def _name(value: Any, _: Links) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ValueError("a name of at most 15 letters, digits, dots, dashes")
    return value


def _router(value: Any, links: Links) -> str:
    if value not in links:
        raise ValueError(f"one of the routers {', '.join(links)}")
    return str(value)


def _word(value: Any, _: Links) -> str:
    if not isinstance(value, str):
        raise ValueError("an interface's name")
    return value


def _yes_or_no(value: Any, _: Links) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _number(least: float, most: float, what: str) -> Callable[[Any, Links], float]:
    def read(value: Any, _: Links) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise ValueError(f"{what} from {least:g} to {most:g}")
        return float(value)

    return read


def _whole(least: int, most: int, what: str) -> Callable[[Any, Links], int]:
    def read(value: Any, _: Links) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f"{what} from {least} to {most}")
        return value

    return read


def _list(read_one: Callable[[Any, Links], Any]) -> Callable[[Any, Links], tuple[Any, ...]]:
    def read(value: Any, links: Links) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise ValueError("a list")
        return tuple(read_one(item, links) for item in value)

    return read


def _prefix(value: Any, _: Links) -> Prefix:
    try:
        return Prefix.parse(value)
    except (ValueError, TypeError, AttributeError):
        raise ValueError(f'a network such as "192.0.2.0/24", not {value!r}') from None


def _address(value: Any, _: Links) -> Address:
    try:
        return Address.parse(value)
    except (ValueError, TypeError):
        raise ValueError(f'an address such as "192.0.2.1", not {value!r}') from None


def _attached(value: Any, _: Links) -> Attached:
    """An address with a length; without one it is in a network of 256 addresses (IPv6: 64 bits)."""
    try:
        text = str(value)
        return Attached.parse(text if "/" in text else f"{text}/{64 if ':' in text else 24}")
    except ValueError:
        raise ValueError(f'an address such as "198.51.100.7/24", not {value!r}') from None


def _place(value: Any, links: Links) -> tuple[str, str]:
    router, _, link = value.partition(":") if isinstance(value, str) else ("", "", "")
    if router not in links or link not in links[router]:
        raise ValueError(f'"ROUTER:INTERFACE" of {", ".join(links)}, not {value!r}')
    return router, link


def _protocol(value: Any, _: Links) -> str:
    if value not in ("ospf", "bgp"):
        raise ValueError('"ospf" or "bgp"')
    return str(value)


_ROUTER = _Key(_router, needed=True)
_TABLES: dict[str, tuple[type[Any], dict[str, _Key]]] = {
    "wan": (
        Wan,
        {
            "name": _Key(_name, needed=True),
            "networks": _Key(_list(_prefix)),
            "interfaces": _Key(_list(_place)),
            "delay_ms": _Key(_number(0, 10_000, "milliseconds")),
            "loss_percent": _Key(_number(0, 100, "a percentage")),
            "mtu": _Key(_whole(*_MTUS, "bytes")),
            "icmp": _Key(_yes_or_no),
            "isolated": _Key(_yes_or_no),
        },
    ),
    "nat": (
        NatBox,
        {
            "router": _ROUTER,
            "interface": _Key(_word),
            "port_preserving": _Key(_yes_or_no),
            "outside": _Key(_attached),
            "forward": _Key(_yes_or_no),
        },
    ),
    "lan": (Lan, {"router": _ROUTER, "interface": _Key(_word, needed=True), "hosts": _Key(_list(_address))}),
    "attacker": (Attacker, {"name": _Key(_name, needed=True), "wan": _Key(_name), "address": _Key(_attached)}),
    "routing": (
        Routing,
        {
            "router": _ROUTER,
            "protocol": _Key(_protocol, needed=True),
            "interfaces": _Key(_list(_word), needed=True),
            "asn": _Key(_whole(*_ASNS, "an AS number")),
            "networks": _Key(_list(_prefix)),
        },
    ),
}
