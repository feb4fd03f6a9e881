"""``sapper convert CONFIG --to FORMAT``: reads one configuration, writes it in another syntax, generation or format.

What a conversion is, is in :mod:`sapper.render`; here are options, files, terminals and the exit status. What the
target cannot say is named with its place, and then nothing is written at all.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sapper.cli.arguments import Parser, one_of
from sapper.cli.failure import FINDINGS, UNUSABLE, Unusable
from sapper.cli.output import write_exactly, write_file, write_files
from sapper.cli.source import printable, read_inputs, warn
from sapper.config.generation import ReportedGeneration
from sapper.config.read import read
from sapper.config.tree import Document, Span, Syntax, UnreadableText

if TYPE_CHECKING:
    import argparse

_COMMAND = "convert"
_SYNTAXES = ("set", "braces", "json")
_FORMATS = ("iproute2", "swanctl", "nftables", "networkd")
_GENERATIONS = ("1.2", "1.3", "1.4", "1.5")
_LOST = frozenset({"SYN003", "SYN004"})
"""Defects of a text that leave a part of it unread."""


def run(words: list[str]) -> int:
    """Convert what the command line names."""
    options = _options(words)
    document = _read(options.config)
    if document is None:
        return UNUSABLE
    for defect in document.defects:
        _say(document, defect.span, defect.message)
    lost = any(defect.code in _LOST for defect in document.defects)
    failed = _to_format(document, options) if options.to in _FORMATS else _to_syntax(document, options)
    return FINDINGS if failed or lost else 0


def _options(words: list[str]) -> argparse.Namespace:
    parser = Parser(
        _COMMAND,
        "Write a configuration in another syntax, in the words of another VyOS generation, or for other programs.",
        "Without --generation the configuration keeps its own, without --to its syntax. What need not change does not.\n"
        "Exit status 1 if the target cannot say something: that is named, and nothing is written.",
    )
    parser.add_argument("config", metavar="CONFIG", help="a file, or - for standard input")
    parser.add_argument(
        "--to",
        type=one_of(*_SYNTAXES, *_FORMATS),
        metavar="FORMAT",
        help="set, braces, json, iproute2, swanctl, nftables or networkd",
    )
    parser.add_argument("--generation", type=one_of(*_GENERATIONS), metavar="RELEASE", help="1.2, 1.3, 1.4 or 1.5")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="write there instead of standard output, mode 0600; a directory where a format has several files",
    )
    options = parser.parse(words)
    if options.to is None and options.generation is None:
        raise Unusable("say what to convert to: --to FORMAT, --generation RELEASE or both", _COMMAND)
    if options.generation is not None and options.to in _FORMATS:
        raise Unusable("--generation goes with --to set, braces or json", _COMMAND)
    if options.config != "-" and Path(options.config).is_dir():
        raise Unusable(f"{options.config} is a directory; expected one file", _COMMAND)
    return options


def _read(config: str) -> Document | None:
    """The document; None after the one line that says why there is none."""
    entry = next(read_inputs([config]))
    if entry.failure is not None:
        place = f"{entry.path}:{entry.place.line}:{entry.place.column}"
        sys.stderr.write(f"{place}: {printable(' '.join(entry.failure.split()))}\n")
        return None
    try:
        return read(entry.text, entry.path)
    except UnreadableText as error:
        sys.stderr.write(printable(" ".join(str(error).split())) + "\n")
        return None


def _to_syntax(document: Document, options: argparse.Namespace) -> bool:
    """Write the configuration; True if the target cannot say it."""
    from sapper.render.conversion import convert
    from sapper.render.hidden import hide_in_text

    syntax = cast("Syntax", options.to or document.syntax)
    generation = cast("ReportedGeneration | None", options.generation)
    done = convert(document, syntax, generation)
    for note in done.notes:
        _say(document, note.span, f"{' '.join(note.path)}: {note.message}")
    for lacking in done.lacking:
        _say(document, lacking.span, f"{' '.join(lacking.path)} cannot be said in {done.target}: {lacking.reason}")
    if done.lacking:
        return True
    if done.copied:
        warn(f"{document.source.path}: not modelled, copied unchanged: {', '.join(done.copied)}")
    if done.without_footer:
        warn(f"{document.source.path}: no version footer, because the input has none; --generation writes one")
    if options.output is not None:
        write_file(options.output, done.text)
    elif sys.stdout.isatty():
        text, hidden = hide_in_text(done.text)
        write_exactly(printable(text))
        _say_hidden(hidden)
    else:
        write_exactly(done.text)
    return False


def _to_format(document: Document, options: argparse.Namespace) -> bool:
    """Write the files of another program; True if the format cannot say something."""
    from pathlib import PurePath

    from sapper.config.upgrade import upgrade
    from sapper.kernel.compile import compile_router
    from sapper.model.build import build
    from sapper.render.hidden import hide_in_plan
    from sapper.render.inexpressible import Inexpressible

    upgraded = upgrade(document)
    built = build(upgraded.root, upgraded.generation, PurePath(document.source.path).stem)
    plan = compile_router(built.router)
    shown = options.output is None and sys.stdout.isatty()
    covered = hide_in_plan(plan) if shown else plan
    try:
        files: dict[str, str] = _renderer(options.to).render(covered)
    except Inexpressible as error:
        sys.stderr.write(
            printable(f"{document.source.path}: {error.path} cannot be said in {options.to}: {error.reason}\n")
        )
        return True
    if built.router.unmodelled:
        warn(f"{document.source.path}: not modelled, left out: {', '.join(built.router.unmodelled)}")
    if options.output is None:
        write_exactly(_joined(files))
        _say_hidden(int(covered is not plan))
    elif len(files) == 1 and not options.output.is_dir():
        write_file(options.output, next(iter(files.values())))
    else:
        write_files(options.output, files)
    return False


def _renderer(name: str) -> Any:
    return import_module(f"sapper.render.{name}")


def _joined(files: dict[str, str]) -> str:
    """Several files one after the other, each under a comment with its name."""
    if len(files) == 1:
        return next(iter(files.values()))
    return "".join(f"# ---- {name} ----\n{text}" for name, text in files.items())


def _say(document: Document, span: Span, message: str) -> None:
    place = document.source.place(span.start)
    where = f"{document.source.path}:{place.line}:{place.column}"
    sys.stderr.write(printable(f"{where}: {' '.join(message.split())}\n"))


def _say_hidden(places: int) -> None:
    if places:
        warn("secrets are shown as ***; redirect the output or use --output FILE to have them written")
