"""``sapper lab shell ROUTER CONFIG…``: a router of a running lab, entered by a person or a script.

Progress goes to standard error, so that what a command prints in the router is alone on standard output. The exit
status is the shell's own once there is one.
"""

from __future__ import annotations

from pathlib import Path

from sapper.cli.arguments import Parser, one_of
from sapper.cli.failure import Refused, Unusable
from sapper.cli.lab import prepare_files, progress
from sapper.cli.lab_place import add_provider, open_place
from sapper.cli.nearest import suggestion
from sapper.lab.pairing import UnusablePair
from sapper.lab.shell import CAUSES, NeverThere, Wanted, shell_in
from sapper.lab.unavailable import LabUnavailable
from sapper.proof.states.lifecycle import STATES

_ABOUT = "lab shell"


def _parser() -> Parser:
    parser = Parser(
        _ABOUT,
        "Boot the lab, drive it to a lifecycle state, and open a shell in one of its routers.",
        "'exit' ends the lab. Without a terminal, the commands on standard input are run and their output is printed.",
    )
    parser.add_argument(
        "router", metavar="ROUTER", help="a router, named for its file, or any other node of the lab"
    )
    parser.add_argument("configs", nargs="+", metavar="CONFIG", help="the routers' configurations")
    parser.add_argument("--state", type=one_of(*STATES), default="up", metavar="STATE", help="default: up")
    parser.add_argument("--cause", type=one_of(*CAUSES), metavar="CAUSE", help=f"of deleted: {', '.join(CAUSES)}")
    parser.add_argument("--topology", type=Path, metavar="FILE.toml", help="what the network between them is like")
    parser.add_argument("--nat", metavar="NAME", help="put a NAT box in front of the router of that name")
    add_provider(parser)
    parser.add_argument("-c", dest="command", metavar="COMMAND", help="run this instead of a shell")
    return parser


def run(words: list[str]) -> int:
    """The exit status of the shell."""
    options = _parser().parse(words)
    if "-" in options.configs:
        raise Unusable("standard input belongs to the shell; give the configurations as files", _ABOUT)
    setup = prepare_files(options.configs, options.nat, topology=options.topology)
    nodes = setup.topology.plans
    if options.router not in nodes:
        hint = suggestion(options.router, nodes) or f"; there are {', '.join(nodes)}"
        raise Unusable(f"no router {options.router!r} here{hint}", _ABOUT)
    wanted = Wanted(options.state, options.cause)
    try:
        with open_place(options, progress) as guest:
            return shell_in(setup, guest, options.router, wanted, progress, options.command)
    except (NeverThere, UnusablePair) as error:
        raise Unusable(str(error), _ABOUT) from None
    except LabUnavailable as error:
        raise Refused(str(error), _ABOUT) from None
