"""``sapper lab setup|run|list``: options and output of the lab; what it does is in :mod:`sapper.lab`.

JSON goes to standard output alone; progress goes to standard error, so that a long run is never silent. Captures
and the page are written after the run, whatever it found.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from sapper.cli.arguments import Parser, one_of
from sapper.cli.failure import FINDINGS, Refused, Unusable
from sapper.cli.nearest import suggestion
from sapper.cli.source import Input, printable, read_inputs
from sapper.cli.terminal import print_json, print_lines, write
from sapper.config.read import read
from sapper.config.tree import UnreadableText
from sapper.config.upgrade import upgrade
from sapper.lab.guest import Guest
from sapper.lab.page.document import lab_page
from sapper.lab.pairing import End, UnusablePair
from sapper.lab.pcap import write_captures
from sapper.lab.report import lab_report
from sapper.lab.result import LabRun
from sapper.lab.run import Setup, prepare, run_pair
from sapper.lab.setup import setup as set_up
from sapper.lab.table import table
from sapper.lab.unavailable import LabUnavailable
from sapper.model.build import build
from sapper.proof.lifecycle import STATES, TABLE

_HELP = """\
usage: sapper lab setup|run|list [OPTION…]

Boot a pair of routers on a real kernel with a real IKE daemon, drive every
lifecycle state, and compare what is on the wire with what the proof predicts.

  setup  fetch and unpack what the lab needs; 'run' does it by itself
  run    run one pair of configurations
  list   the lifecycle states that are driven

'sapper lab run --help' says more.
"""


def run(words: list[str]) -> int:
    """Run one of the lab's own commands."""
    commands: dict[str, Callable[[list[str]], int]] = {"setup": _setup, "run": _run, "list": _list}
    if not words:
        raise Unusable(f"no command given; known are {', '.join(commands)}", "lab")
    if words[0] in ("-h", "--help", "help"):
        write(_HELP)
        return 0
    if words[0] not in commands:
        what = "option" if words[0].startswith("-") else "command"
        raise Unusable(f"unknown {what} {words[0]!r}{suggestion(words[0], commands)}", "lab")
    try:
        return commands[words[0]](words[1:])
    except LabUnavailable as error:
        raise Refused(str(error), f"lab {words[0]}") from None


def progress(message: str) -> None:
    """One line on standard error."""
    print(printable(message), file=sys.stderr, flush=True)


def _run_parser() -> Parser:
    parser = Parser(
        "lab run",
        "Boot a pair of routers, drive every lifecycle state and compare the wire with the proof.",
        "Exit status 1 if the kernel contradicts the proof anywhere, 3 if no kernel can be booted here.",
    )
    parser.add_argument(
        "configs",
        nargs="+",
        metavar="CONFIG",
        help="the two routers; each is named for its file",
    )
    parser.add_argument("--nat", metavar="NAME", help="put a NAT box in front of the router of that name")
    parser.add_argument(
        "--states", type=_states, default=None, metavar="LIST", help="all, or state names separated by commas"
    )
    parser.add_argument(
        "--provider",
        type=one_of("auto", "host", "vm"),
        default="auto",
        metavar="KIND",
        help="auto, host (network namespaces of this kernel) or vm (a guest kernel)",
    )
    parser.add_argument("--pcap", type=Path, metavar="DIR", help="write every capture below this directory")
    parser.add_argument("--report", type=Path, metavar="FILE.html", help="write an HTML page with pictures")
    parser.add_argument(
        "--format",
        type=one_of("text", "json"),
        default="text",
        metavar="FORMAT",
        help="text or json (default: text)",
    )
    return parser


def _states(text: str) -> tuple[str, ...] | None:
    """The states named; None for all."""
    if text == "all":
        return None
    return tuple(map(one_of(*STATES), (word.strip() for word in text.split(","))))


def _run(words: list[str]) -> int:
    options = _run_parser().parse(words)
    if options.provider == "host":
        raise Refused("provider host is not in this version; use vm", "lab run")
    ends = [_read_end(entry) for entry in read_inputs(options.configs)]
    result = _drive(_prepare(ends, options.nat), options.states)
    write_results([result], options.pcap, options.report)
    if options.format == "json":
        print_json(lab_report([result]))
    else:
        print_lines(table([result]))
    return FINDINGS if result.disagreements else 0


def _read_end(entry: Input) -> End:
    """One router, named for its file."""
    if entry.failure is not None:
        raise Unusable(f"{entry.path}:{entry.place.line}:{entry.place.column}: {entry.failure}", None)
    try:
        document = read(entry.text, entry.path)
    except UnreadableText as error:
        raise Unusable(str(error), None) from None
    upgraded = upgrade(document)
    name = "router" if entry.path == "-" else Path(entry.path).stem
    return End(document.source, build(upgraded.root, upgraded.generation, name).router)


def prepare_files(paths: list[str], nat: str | None, title: str | None = None) -> Setup:
    """The pair that these files make, ready to run. Raises Unusable with one line."""
    return _prepare([_read_end(entry) for entry in read_inputs(paths)], nat, title)


def _prepare(ends: list[End], nat: str | None, title: str | None = None) -> Setup:
    if len(ends) > 2:
        raise Unusable(f"a pair has two routers, and {len(ends)} configurations were given", "lab run")
    first = ends[0]
    if len(ends) == 1:
        origin = next((peer.origin for peer in first.router.peers), None)
        missing = "give the other router's as the second CONFIG" if origin else "it has no site-to-site peer"
        raise Unusable(f"{first.place(origin)}: one configuration makes no pair; {missing}", None)
    try:
        return prepare(title or " and ".join(end.router.name for end in ends), first, ends[1], nat)
    except UnusablePair as error:
        named = str(error).startswith(tuple(end.source.path for end in ends))
        raise Unusable(str(error), None if named else "lab run") from None


def _drive(setup: Setup, states: tuple[str, ...] | None) -> LabRun:
    try:
        with Guest(progress=progress) as guest:
            return run_pair(setup, guest, progress, frozenset(states or STATES))
    except UnusablePair as error:
        raise Unusable(str(error), "lab run") from None


def write_results(runs: list[LabRun], pcap: Path | None, report: Path | None) -> None:
    """Write the captures and the page, where they are wanted. Raises Refused where the system says no."""
    try:
        captures = write_captures(runs, pcap) if pcap else []
        if pcap:
            progress(f"{len(captures)} captures below {pcap}")
        if report:
            report.parent.mkdir(parents=True, exist_ok=True)
            made = time.strftime("%Y-%m-%d %H:%M %Z")
            report.write_text(lab_page(runs, captures, report.parent, made), "utf-8", "backslashreplace")
            progress(f"page in {report}")
    except OSError as error:
        raise Refused(f"{error.filename or pcap or report}: {error.strerror}", "lab run") from None


def _setup(words: list[str]) -> int:
    parser = Parser("lab setup", "Fetch and unpack what the lab needs: a guest kernel, QEMU, strongSwan.")
    parser.add_argument("--force", action="store_true", help="make everything anew, whatever is there")
    options = parser.parse(words)
    installed = set_up(progress, force=options.force)
    write(
        f"guest kernel  Linux {installed.kernel_version} ({installed.release})\n"
        f"IKE daemon    strongSwan {installed.strongswan_version}\n"
        f"cache         {printable(installed.cache)}\n"
    )
    return 0


def _list(words: list[str]) -> int:
    Parser("lab list", "List the lifecycle states that the lab drives.").parse(words)
    write("".join(f"{row.label}\n" for row in TABLE))
    return 0
