"""A scenario file: TOML with one ``[[step]]`` after the other, each an event and what is expected after it.

Pure: text in, one value out. A wrong word is one line with file, line and column (:class:`UnreadableText`); TOML
keeps no places, so :class:`~sapper.lab.toml_places.Places` finds them. docs/scenarios.md tells the format to people.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from typing import Any, NoReturn

import msgspec

from sapper.config.source import Source, UnreadableText
from sapper.lab.faults.fault import Fault
from sapper.lab.faults.parameters import BadParameter, fault_of
from sapper.lab.faults.register import FAULTS
from sapper.lab.toml_places import Places
from sapper.proof.states.lifecycle import TABLE

_NO_TOML = re.compile(r"(.*) \(at line (\d+), column (\d+)\)")
_COUNT = re.compile(r"(<=|>=|<|>)\s*(\d+)")

# An event's value: true is all routers, a string one of them.
ROUTER_EVENTS = ("start", "load", "unload", "initiate", "terminate", "stop", "wait-gone")
OTHER_EVENTS = {
    "up": "true",
    "block-ike": "true or false",
    "wait": "a number of seconds",
    "undo": "the name of a fault that lasts",
}
_BESIDE = ("expect", "saw", "note")
COUNTS = ("sent", "delivered", "esp", "clear", "clear_outer", "clear_inner", "injected", "decapsulated")
WORDS = ("encrypted", "clear", "dropped", "delivered", "lost", "decapsulated", "refused")
_EXPECT_KEYS = ("router", "tunnel", "row", "packets", *COUNTS)
_TOP_KEYS = ("title", "nat", "step")


class Count(msgspec.Struct, frozen=True):
    """What a number has to be: ``operator`` is one of ``==``, ``<=``, ``>=``, ``<``, ``>``."""

    operator: str
    number: int

    def holds(self, seen: int | None) -> bool:
        """Whether that number is as expected; None never is."""
        if seen is None:
            return False
        return {
            "==": seen == self.number,
            "<=": seen <= self.number,
            ">=": seen >= self.number,
            "<": seen < self.number,
            ">": seen > self.number,
        }[self.operator]

    def __str__(self) -> str:
        return str(self.number) if self.operator == "==" else f"{self.operator} {self.number}"


class Expectation(msgspec.Struct, frozen=True, kw_only=True):
    """What one tunnel of one router (None: its only one, or each) shows after the step.

    ``row`` is a row of the lifecycle table, by its label: then the proof must agree with the wire as well. ``number``
    is its position in the step.
    """

    router: str
    tunnel: str | None = None
    row: str | None = None
    words: tuple[str, ...] = ()
    counts: tuple[tuple[str, Count], ...] = ()
    number: int = 0


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One event, or none (``event`` and ``fault`` None): then it only looks.

    ``router`` None is all routers. ``argument`` belongs to the event: seconds, on or off, a fault's name. ``saw`` is
    what the fault itself must report.
    """

    number: int
    event: str | None = None
    router: str | None = None
    argument: float | bool | str | None = None
    fault: Fault | None = None
    saw: tuple[tuple[str, Count | None], ...] = ()
    expect: tuple[Expectation, ...] = ()
    note: str = ""

    @property
    def text(self) -> str:
        """The step in a few words, for progress and reports."""
        if self.fault is not None:
            fields = {name: getattr(self.fault, name) for name in self.fault.__struct_fields__}
            told = " ".join(f"{name} {value}" for name, value in fields.items() if value is not None)
            return f"{self.fault.name} {told}".strip()
        if self.event is None:
            return "look"
        rest = self.router if self.argument is None else self.argument
        return self.event if rest is None or rest is True else f"{self.event} {rest}"


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file. ``nat`` names the router behind a NAT box."""

    title: str
    nat: str | None
    steps: tuple[Step, ...]
    places: Places

    def complain(self, message: str, *path: str | int) -> UnreadableText:
        """The complaint about what stands at that path."""
        return self.places.complaint(message, *path)


def read_scenario(text: str, path: str) -> Scenario:
    """The scenario in that text. Raises UnreadableText with the place."""
    places = Places(Source(path, text))
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _no_toml(places, str(error)) from None
    return _Reader(places).scenario(document)


def _no_toml(places: Places, message: str) -> UnreadableText:
    found = _NO_TOML.fullmatch(message)
    if found is None:
        return places.complaint_at(
            len(places.source.text), f"no TOML: {message.removesuffix(' (at end of document)')}"
        )
    line, column = int(found[2]), int(found[3])
    return places.complaint_at(places.source.line_starts[line - 1] + column - 1, f"no TOML: {found[1]}")


class _Reader:
    def __init__(self, places: Places) -> None:
        self._places = places

    def _wrong(self, message: str, *path: str | int) -> NoReturn:
        raise self._places.complaint(message, *path)

    def scenario(self, document: dict[str, Any]) -> Scenario:
        self._known(document, _TOP_KEYS)
        for key in ("title", "nat"):
            if not isinstance(document.get(key, ""), str):
                self._wrong(f"{key}: expected a string", key)
        steps = document.get("step")
        if not isinstance(steps, list) or not steps or not all(isinstance(step, dict) for step in steps):
            self._wrong("expected at least one [[step]]", "step")
        return Scenario(
            title=document.get("title", ""),
            nat=document.get("nat"),
            steps=tuple(self._step(number, table) for number, table in enumerate(steps)),
            places=self._places,
        )

    def _step(self, number: int, table: dict[str, Any]) -> Step:
        at = ("step", number)
        self._known(table, (*ROUTER_EVENTS, *OTHER_EVENTS, *FAULTS, *_BESIDE), *at)
        events = [key for key in table if key not in _BESIDE]
        if len(events) > 1:
            self._wrong(f"a step has one event, and here are {' and '.join(events)}", *at, events[1])
        expect = table.get("expect", [])
        if not events and not expect:
            self._wrong("a step needs an event, or something to expect", *at)
        if not isinstance(expect, list) or not all(isinstance(item, dict) for item in expect):
            self._wrong("expect: expected tables, each [[step.expect]]", *at, "expect")
        step = self._event(number, events[0], table[events[0]]) if events else Step(number=number)
        return msgspec.structs.replace(
            step,
            saw=self._saw(table.get("saw", {}), *at, "saw"),
            expect=tuple(self._expectation(item, index, number) for index, item in enumerate(expect)),
            note=self._string(table.get("note", ""), *at, "note"),
        )

    def _event(self, number: int, name: str, value: Any) -> Step:
        at = ("step", number, name)
        if name in FAULTS:
            try:
                return Step(number=number, fault=fault_of(name, value))
            except BadParameter as error:
                self._wrong(f"{name}: {error}", *at, *error.path)
        if name in ROUTER_EVENTS:
            if value is not True and not (isinstance(value, str) and value):
                self._wrong(f"{name}: expected true for all routers, or the name of one", *at)
            return Step(number=number, event=name, router=None if value is True else value)
        right = {
            "up": value is True,
            "block-ike": isinstance(value, bool),
            "wait": isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 60,
            "undo": isinstance(value, str) and value in FAULTS,
        }[name]
        if not right:
            most = ", at most 60" if name == "wait" else ""
            self._wrong(f"{name}: expected {OTHER_EVENTS[name]}{most}, not {_shown(value)}", *at)
        if name == "undo" and not FAULTS[value].undoable:
            self._wrong(f"undo: {value} cannot be taken back", *at)
        return Step(number=number, event=name, argument=value)

    def _saw(self, table: Any, *at: str | int) -> tuple[tuple[str, Count | None], ...]:
        if not isinstance(table, dict):
            self._wrong("saw: expected a table of numbers", *at)
        return tuple(
            (name, None if value == "unknown" else self._count(name, value, *at, name))
            for name, value in table.items()
        )

    def _expectation(self, table: dict[str, Any], number: int, step: int) -> Expectation:
        at = ("step", step, "expect", number)
        self._known(table, _EXPECT_KEYS, *at)
        if "router" not in table:
            self._wrong("expect: needs router", *at)
        row = table.get("row")
        labels = [known.label for known in TABLE if not known.momentary]
        if row is not None and row not in labels:
            self._wrong(f"row: {_shown(row)} is no row of the lifecycle; 'sapper lab list' lists them", *at, "row")
        words = table.get("packets", [])
        words = [words] if isinstance(words, str) else words
        if not isinstance(words, list) or not all(word in WORDS for word in words):
            self._wrong(f"packets: expected one or several of {', '.join(WORDS)}", *at, "packets")
        return Expectation(
            router=self._string(table["router"], *at, "router"),
            tunnel=self._string(table["tunnel"], *at, "tunnel") if "tunnel" in table else None,
            row=row,
            words=tuple(words),
            counts=tuple((key, self._count(key, table[key], *at, key)) for key in COUNTS if key in table),
            number=number,
        )

    def _count(self, name: str, value: Any, *at: str | int) -> Count:
        if isinstance(value, int) and not isinstance(value, bool):
            return Count("==", value)
        found = _COUNT.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            self._wrong(f'{name}: expected a number, or a limit such as ">= 1", not {_shown(value)}', *at)
        return Count(found[1], int(found[2]))

    def _string(self, value: Any, *at: str | int) -> str:
        if not isinstance(value, str):
            self._wrong(f"{at[-1]}: expected a string, not {_shown(value)}", *at)
        return value

    def _known(self, table: Iterable[str], known: tuple[str, ...], *at: str | int) -> None:
        for key in table:
            if key not in known:
                self._wrong(f"unknown key {key!r}{_nearest(key, known)}", *at, key)


def _nearest(word: str, known: Iterable[str]) -> str:
    import difflib

    close = difflib.get_close_matches(word, list(known), 1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}"


def _shown(value: Any) -> str:
    return repr(value) if not isinstance(value, bool) else str(value).lower()
