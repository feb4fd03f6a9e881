"""``sapper fix CONFIG [PEER_CONFIG]``: the commands that make every property proved, at both ends.

How it is done is in :mod:`sapper.fix`; here are options, files and output. Nothing is printed that was not proved with
the whole configuration, and with ``--write`` nothing is written unless all of it is.
"""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from sapper.cli.arguments import Parser, one_of
from sapper.cli.failure import FINDINGS, Unusable
from sapper.cli.output import write_file
from sapper.cli.project import Projects
from sapper.cli.source import Input, read_inputs, warn
from sapper.cli.terminal import print_json, print_lines, write
from sapper.config.read import read
from sapper.config.tree import UnreadableText
from sapper.fix.choose import STRATEGIES
from sapper.fix.failing import unproved
from sapper.fix.mend import Mended, MendedEnd, Unmendable, mend
from sapper.kernel.plan import Plan
from sapper.model.project import Project
from sapper.render.hidden import hide_in_text
from sapper.render.line import Line, Piece, line
from sapper.render.nftables import render
from sapper.rules.check import subject_of
from sapper.rules.subject import Subject

_COMMAND = "fix"


class FixedEnd(msgspec.Struct, frozen=True, kw_only=True):
    """``nftables`` is a file for ``nft -f`` where the release's own firewall has no words for a guard."""

    path: str
    commands: tuple[str, ...] = ()
    nftables: str | None = None


class FixReport(msgspec.Struct, frozen=True, kw_only=True):
    """The document "sapper/fix/1". ``strategy`` None: nothing had to be done, or nothing could (``reasons``)."""

    schema: Literal["sapper/fix/1"] = "sapper/fix/1"
    strategy: str | None = None
    why: str | None = None
    reasons: tuple[str, ...] = ()
    ends: tuple[FixedEnd, ...] = ()


def run(words: list[str]) -> int:
    """Mend what the command line names."""
    options = _options(words)
    inputs = [_readable(entry) for entry in read_inputs(options.configs)]
    if len(inputs) > 2:
        raise Unusable(f"a tunnel has two ends, and {len(inputs)} configurations were given", _COMMAND)
    projects = Projects()
    of_inputs = [projects.of(entry.path) for entry in inputs]
    subjects = [_subject(entry, project) for entry, project in zip(inputs, of_inputs, strict=True)]
    if not any(True for subject in subjects for _ in unproved(subject)):
        return _nothing_to_do(options, subjects)
    far = subjects[1] if len(subjects) > 1 else None
    try:
        mended = mend(subjects[0], far, options.strategy, (of_inputs[0], of_inputs[-1]))
    except Unmendable as error:
        return _unmendable(options, error)
    ends = [mended.near] + ([mended.far] if mended.far is not None else [])
    if options.format == "json":
        print_json(_report(mended, ends))
    elif options.diff:
        write("".join(_difference(entry, end) for entry, end in zip(inputs, ends, strict=True)))
    else:
        print_lines(list(_lines(mended, ends)))
    if options.write:
        for entry, end in zip(inputs, ends, strict=True):
            if end.text != entry.text:
                write_file(Path(entry.path), end.text)
    return 0


def _options(words: list[str]) -> argparse.Namespace:
    parser = Parser(
        _COMMAND,
        "Print the commands that make every property proved, for one router or for both ends of its tunnels.",
        "Every set of commands is proved with the whole configuration before it is printed.\n"
        "Exit status 1 if no strategy can prove it; the reasons are printed.",
    )
    parser.add_argument("configs", nargs="+", metavar="CONFIG", help="one configuration, and that of its peer")
    parser.add_argument(
        "--strategy",
        type=one_of("auto", *STRATEGIES),
        default="auto",
        metavar="STRATEGY",
        help="auto, vti, dummy or guard (default: auto, which says why)",
    )
    parser.add_argument("--write", action="store_true", help="change the files; comments and order stay")
    parser.add_argument("--diff", action="store_true", help="print what changes in the files instead of commands")
    parser.add_argument(
        "--format",
        type=one_of("text", "json"),
        default="text",
        metavar="FORMAT",
        help="text or json (default: text)",
    )
    options = parser.parse(words)
    if options.write and "-" in options.configs:
        raise Unusable("--write needs files, not standard input", _COMMAND)
    return options


def _readable(entry: Input) -> Input:
    if entry.failure is not None:
        raise Unusable(f"{entry.path}:{entry.place.line}:{entry.place.column}: {entry.failure}", None)
    return entry


def _subject(entry: Input, project: Project) -> Subject:
    try:
        document = read(entry.text, entry.path)
    except UnreadableText as error:
        raise Unusable(str(error), None) from None
    return subject_of(document, project)


def _nothing_to_do(options: argparse.Namespace, subjects: list[Subject]) -> int:
    if options.format == "json":
        print_json(FixReport(ends=tuple(FixedEnd(path=subject.document.source.path) for subject in subjects)))
    elif not options.diff:
        print_lines([line(Piece("nothing to fix: every property that was examined is proved", "good"))])
    return 0


def _unmendable(options: argparse.Namespace, error: Unmendable) -> int:
    if options.format == "json":
        print_json(FixReport(reasons=tuple(error.reasons)))
    else:
        for reason in error.reasons:
            warn(f"fix: {reason}")
    return FINDINGS


def _report(mended: Mended, ends: list[MendedEnd]) -> FixReport:
    return FixReport(
        strategy=mended.strategy,
        why=mended.why,
        ends=tuple(FixedEnd(path=end.path, commands=end.commands, nftables=_nftables(end)) for end in ends),
    )


def _lines(mended: Mended, ends: list[MendedEnd]) -> Iterator[Line]:
    yield line(Piece(f"# strategy {mended.strategy}: {mended.why}", "note"))
    for end in ends:
        yield line(Piece(f"# {end.path}", "title"), Piece("" if end.commands else ": nothing to change", "faint"))
        yield from (line(command) for command in end.commands)
        rules = _nftables(end)
        if rules:
            yield line(Piece("# beside it, for nft -f, at every start:", "note"))
            yield from (line(each) for each in rules.splitlines() if each)
    if mended.far is None:
        yield line(Piece("# the far end needs the same; give its configuration as PEER_CONFIG", "note"))


def _nftables(end: MendedEnd) -> str | None:
    if not end.guards:
        return None
    families = {guard.family for guard in end.guards}
    rules = render(Plan(name="guard", guards=end.guards))["sapper.nft"].splitlines(keepends=True)
    unused = () if 6 in families else ("add table ip6 ", "delete table ip6 ")
    return "".join(each for each in rules if each.strip() and not each.startswith(("#", *unused)))


def _difference(entry: Input, end: MendedEnd) -> str:
    """A unified diff; secrets in the lines around a change are hidden."""
    before, after = (hide_in_text(text)[0].splitlines(keepends=True) for text in (entry.text, end.text))
    return "".join(difflib.unified_diff(before, after, entry.path, entry.path))
