"""``sapper lab setup|run|list``: options and output of the lab; what it does is in :mod:`sapper.lab`.

JSON goes to standard output alone; progress goes to standard error, so that a long run is never silent. Captures
and the page are written after the run, whatever it found.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from sapper.cli.arguments import Parser, one_of
from sapper.cli.failure import FINDINGS, Refused, Unusable
from sapper.cli.lab_files import write_files
from sapper.cli.lab_place import add_kernel, add_provider, open_place
from sapper.cli.lab_play import checked, hidden, run_scenario, scenario_in
from sapper.cli.nearest import suggestion
from sapper.cli.project import Projects
from sapper.cli.source import Input, printable, read_inputs
from sapper.cli.terminal import print_json, print_lines, write
from sapper.config.read import read
from sapper.config.tree import UnreadableText
from sapper.lab.guest import Guest
from sapper.lab.listing import SECTIONS, listing
from sapper.lab.page.document import lab_page
from sapper.lab.pairing import End, UnusablePair
from sapper.lab.report import lab_report
from sapper.lab.result import LabRun
from sapper.lab.run import Setup, prepare_all, run_pair
from sapper.lab.setup import setup as set_up
from sapper.lab.table import table
from sapper.lab.topology_file import drawing
from sapper.lab.unavailable import LabUnavailable
from sapper.model.of_document import of_document
from sapper.model.project import Project
from sapper.proof.states.lifecycle import STATES

_HELP = """\
usage: sapper lab setup|run|shell|list [OPTION…]

Boot routers on a real kernel with a real IKE daemon, drive every
lifecycle state, and compare what is on the wire with what the proof predicts.

  setup  fetch and unpack what the lab needs; 'run' does it by itself
  run    run the routers of two or more configurations
  shell  open a shell in a router that is in one of the states
  list   the states that are driven, and the other words that the lab knows

'sapper lab run --help' says more.
"""


def run(words: list[str]) -> int:
    """Run one of the lab's own commands."""
    commands: dict[str, Callable[[list[str]], int]] = {"setup": _setup, "run": _run, "shell": _shell, "list": _list}
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
        "Boot the routers, drive every lifecycle state and compare the wire with the proof.",
        "Exit status 1 if the kernel contradicts the proof anywhere, 3 if no kernel can be booted here.",
    )
    parser.add_argument(
        "configs",
        nargs="+",
        metavar="CONFIG",
        help="the routers, two or more; each is named for its file",
    )
    parser.add_argument("--topology", type=Path, metavar="FILE.toml", help="what the network between them is like")
    parser.add_argument("--nat", metavar="NAME", help="put a NAT box in front of the router of that name")
    parser.add_argument(
        "--states", type=_states, default=None, metavar="LIST", help="all, or state names separated by commas"
    )
    add_provider(parser)
    parser.add_argument(
        "--scenario", type=Path, metavar="FILE.toml", help="play this file's steps instead of the lifecycle"
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
    ends = _read_ends(options.configs)
    scenario = scenario_in(options.scenario) if options.scenario else None
    if scenario is not None and options.states:
        raise Unusable("a scenario has no --states", "lab run")
    nat = options.nat or (hidden(scenario, [end.router.name for end in ends]) if scenario is not None else None)
    setup = _prepare(ends, nat, topology=options.topology)
    if scenario is not None:
        checked(setup, scenario)
        place = open_place(options, progress)
        return run_scenario(setup, scenario, place, progress, options)
    result = _drive(setup, options.states, open_place(options, progress))
    write_results([result], options.pcap, options.report)
    if options.format == "json":
        print_json(lab_report([result]))
    else:
        print_lines(table([result]))
    return FINDINGS if result.disagreements else 0


def _read_ends(paths: list[str]) -> list[End]:
    """The routers of these files, with what is stated about them as ``check`` finds it."""
    projects = Projects()
    return [_read_end(entry, projects.of(entry.path)) for entry in read_inputs(paths)]


def _read_end(entry: Input, project: Project) -> End:
    """One router, named for its file."""
    if entry.failure is not None:
        raise Unusable(f"{entry.path}:{entry.place.line}:{entry.place.column}: {entry.failure}", None)
    try:
        document = read(entry.text, entry.path)
    except UnreadableText as error:
        raise Unusable(str(error), None) from None
    made = of_document(document, project)
    for wrong in made.directives.misunderstood:
        place = document.source.place(wrong.span.start)
        progress(f"{entry.path}:{place.line}:{place.column}: {wrong.message}")
    router = made.built.router
    return End(document.source, replace(router, name="router") if entry.path == "-" else router)


def prepare_files(
    paths: list[str], nat: str | None, title: str | None = None, topology: Path | None = None
) -> Setup:
    """The routers of these files, ready to run. Raises Unusable with one line."""
    return _prepare(_read_ends(paths), nat, title, topology)


def _prepare(ends: list[End], nat: str | None, title: str | None = None, topology: Path | None = None) -> Setup:
    first = ends[0]
    if len(ends) == 1:
        origin = next((peer.origin for peer in first.router.peers), None)
        missing = "give the other router's as the second CONFIG" if origin else "it has no site-to-site peer"
        raise Unusable(f"{first.place(origin)}: one configuration makes no pair; {missing}", None)
    names = [end.router.name for end in ends]
    title = title or (" and ".join(names) if len(names) <= 3 else f"{names[0]} and {len(names) - 1} others")
    try:
        return prepare_all(title, ends, drawing(topology) if topology else None, nat)
    except UnusablePair as error:
        places = (*(end.source.path for end in ends), *([str(topology)] if topology else ()))
        raise Unusable(str(error), None if str(error).startswith(places) else "lab run") from None


def _drive(setup: Setup, states: tuple[str, ...] | None, place: Guest) -> LabRun:
    try:
        with place as guest:
            return run_pair(setup, guest, progress, frozenset(states or STATES))
    except UnusablePair as error:
        raise Unusable(str(error), "lab run") from None


def write_results(runs: list[LabRun], pcap: Path | None, report: Path | None) -> None:
    """Write the captures and the page, where they are wanted. Raises Refused where the system says no."""
    write_files(runs, pcap, report, partial(lab_page, runs), progress)


def _setup(words: list[str]) -> int:
    parser = Parser("lab setup", "Fetch and unpack what the lab needs: a guest kernel, QEMU, strongSwan.")
    parser.add_argument("--force", action="store_true", help="make everything anew, whatever is there")
    add_kernel(parser)
    options = parser.parse(words)
    installed = set_up(progress, force=options.force, kernel=options.kernel)
    rows = {**installed.versions, "cache": printable(installed.cache)}
    write("".join(f"{name:<12}  {value}\n" for name, value in rows.items()))
    return 0


def _shell(words: list[str]) -> int:
    from sapper.cli.lab_shell import run as run_shell

    return run_shell(words)


def _list(words: list[str]) -> int:
    parser = Parser("lab list", "List what the lab knows: the states that it drives, events, providers, kernels.")
    parser.add_argument("section", nargs="?", type=one_of(*SECTIONS), metavar="SECTION", help=", ".join(SECTIONS))
    write(listing(parser.parse(words).section))
    return 0
