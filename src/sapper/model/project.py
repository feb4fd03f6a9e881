"""``sapper.toml``: what a person states about the configurations beside it, for all of them or for one router.

Keys, at the top for every router and below ``[[router]]`` for the one that ``name`` says (the configuration's file
name without its ending): ``protect`` (networks, or names of tunnels), ``trusted`` (interfaces), ``ignore`` (tables
with ``code``, ``reason`` and, if wanted, ``path``) and ``target`` (a release such as 1.4, or a kernel such as 6.12).
Pure: text in, one value out; whoever reads the file finds it. TOML keeps no places, so a wrong key or value is
looked for in the text again.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

import msgspec

from sapper.address import Prefix
from sapper.config.generation import ReportedGeneration
from sapper.config.source import Source, Span, UnreadableText
from sapper.model.directive import Ignore, waiver_words
from sapper.model.stated import Stated

NAME = "sapper.toml"
_KEYS = ("protect", "trusted", "ignore", "target")
RELEASES: tuple[ReportedGeneration, ...] = ("1.2", "1.3", "1.4", "1.5")
_KERNEL = re.compile(r"[3-9]\.[0-9]{1,2}(?:\.[0-9]+)?")
_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """The top of the file, or one ``[[router]]``."""

    router: str | None = None
    stated: Stated = Stated()
    ignores: tuple[Ignore, ...] = ()
    target: str | None = None


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """A whole file; ``path`` is its name for people. Without a file it is empty."""

    path: str = ""
    sections: tuple[Section, ...] = ()

    def stated(self, router: str) -> Stated:
        """What is stated about that router."""
        found = Stated()
        for section in self._of(router):
            found = found.with_more(section.stated)
        return found

    def ignores(self, router: str) -> tuple[Ignore, ...]:
        """The waivers for that router's findings."""
        return tuple(ignore for section in self._of(router) for ignore in section.ignores)

    def target(self, router: str) -> str | None:
        """What that router will run on, as its own section says or else the top."""
        return next((section.target for section in reversed(self._of(router)) if section.target), None)

    def for_target(self, target: str) -> Project:
        """This project with every router running on that target."""
        kept = tuple(msgspec.structs.replace(section, target=target) for section in self.sections)
        return msgspec.structs.replace(self, sections=kept or (Section(target=target),))

    def _of(self, router: str) -> list[Section]:
        return [section for section in self.sections if section.router in (None, router)]


def release_of(target: str | None) -> ReportedGeneration | None:
    """The release of VyOS that a target is; None for none, and for a version of the kernel."""
    return next((release for release in RELEASES if release == target), None)


def checked_target(text: str) -> str:
    """The target. Raises ValueError with one line."""
    if release_of(text) is None and not _KERNEL.fullmatch(text):
        raise ValueError(f"{text!r} is no target; expected a release from 1.2 to 1.5 or a kernel such as 6.12")
    return text


def read_project(text: str, path: str) -> Project:
    """The file's content. Raises UnreadableText that names the place."""
    source = Source(path, text)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _no_toml(source, str(error)) from None
    return _Reader(source).project(table)


def _no_toml(source: Source, message: str) -> UnreadableText:
    found = _PLACE.search(message)
    words = _PLACE.sub("", message).strip()
    if found is None:
        return UnreadableText(source.path, source.place(len(source.text)), f"no TOML: {words}")
    line, column = int(found[1]), int(found[2])
    offset = min(source.line_starts[min(line, len(source.line_starts)) - 1] + column - 1, len(source.text))
    return UnreadableText(source.path, source.place(offset), f"no TOML: {words}")


class _Reader:
    """Checks the tables; a complaint stands where the word that it is about stands in the text."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._waivers_seen: dict[str, int] = {}

    def project(self, table: dict[str, Any]) -> Project:
        top = self._section({key: value for key, value in table.items() if key != "router"}, None)
        routers = table.get("router", [])
        if not isinstance(routers, list) or not all(isinstance(router, dict) for router in routers):
            raise self._wrong("router", "expected tables that begin with [[router]]")
        return Project(path=self._source.path, sections=(top, *map(self._router, routers)))

    def _router(self, table: dict[str, Any]) -> Section:
        name = table.get("name")
        if not isinstance(name, str) or not name:
            raise self._wrong(
                "router", "each [[router]] needs name, the configuration's file name without its ending"
            )
        return self._section({key: value for key, value in table.items() if key != "name"}, name)

    def _section(self, table: dict[str, Any], router: str | None) -> Section:
        for key in table:
            if key not in _KEYS:
                known = ", ".join((*_KEYS, "router") if router is None else ("name", *_KEYS))
                raise self._wrong(key, f"unknown key {key!r}; known are {known}")
        target = table.get("target")
        if target is not None and not isinstance(target, str):
            raise self._wrong("target", 'expected a string such as "1.4" or "6.12"')
        return Section(
            router=router,
            stated=self._stated(table),
            ignores=tuple(self._ignores(table.get("ignore", []))),
            target=self._valid(target, checked_target) if target is not None else None,
        )

    def _stated(self, table: dict[str, Any]) -> Stated:
        networks, tunnels = [], []
        for word in self._words(table, "protect"):
            if "." in word or ":" in word:
                networks.append(self._valid(word, self._network))
            else:
                tunnels.append(word)
        trusted = self._words(table, "trusted")
        return Stated(protect=tuple(networks), tunnels=tuple(tunnels), trusted=tuple(trusted))

    def _words(self, table: dict[str, Any], key: str) -> list[str]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
            what = "networks or tunnels" if key == "protect" else "interfaces"
            raise self._wrong(key, f"expected a list of {what} as strings")
        return value

    def _ignores(self, value: Any) -> list[Ignore]:
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self._wrong("ignore", "expected tables with code, reason and, if wanted, path")
        return [self._ignore(item) for item in value]

    def _ignore(self, table: dict[str, Any]) -> Ignore:
        for key, content in table.items():
            if key not in ("code", "reason", "path"):
                raise self._wrong(key, f"unknown key {key!r}; known are code, reason and path")
            if not isinstance(content, str):
                raise self._wrong(key, "expected a string")
        code = table.get("code")
        if code is None:
            raise self._wrong("ignore", "each needs a code and a reason")
        span = self._nth(code)
        try:
            code, reason = waiver_words([code, *table.get("reason", "").split()])
        except ValueError as error:
            raise self._at(span.start, str(error)) from None
        return Ignore(code=code, reason=reason, path=tuple(table.get("path", "").split()), span=span)

    def _nth(self, code: str) -> Span:
        """Where that code stands the next time: waivers are read in the order of the text."""
        at = self._source.text.find(f'"{code}"', self._waivers_seen.get(code, 0))
        at = at if at >= 0 else self._source.text.find(code)
        self._waivers_seen[code] = at + 1
        return Span(max(at, 0), max(at, 0) + len(code) + 2)

    @staticmethod
    def _network(word: str) -> Prefix:
        try:
            return Prefix.parse(word)
        except ValueError:
            raise ValueError(f"{word!r} is neither a network such as 10.1.0.0/16 nor a tunnel's name") from None

    def _valid(self, word: str, check: Any) -> Any:
        try:
            return check(word)
        except ValueError as error:
            raise self._at(max(self._source.text.find(word), 0), str(error)) from None

    def _wrong(self, key: str, message: str) -> UnreadableText:
        found = re.search(rf"(?m)^[ \t\[]*\"?{re.escape(key)}\b|\b{re.escape(key)}\b(?=[ \t]*=)", self._source.text)
        return self._at(found.start() if found else 0, f"{key}: {message}")

    def _at(self, offset: int, message: str) -> UnreadableText:
        return UnreadableText(self._source.path, self._source.place(offset), message)
