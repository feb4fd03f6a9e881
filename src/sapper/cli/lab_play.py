"""``sapper lab run … --scenario FILE``: plays one scenario file instead of driving the lifecycle."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from sapper.cli.failure import FINDINGS, Unusable
from sapper.cli.lab_files import write_files
from sapper.cli.terminal import print_json, print_lines
from sapper.config.tree import UnreadableText
from sapper.lab.guest import Guest
from sapper.lab.page.scenario import scenario_page
from sapper.lab.play import check, play
from sapper.lab.run import Setup
from sapper.lab.scenario_file import Scenario, read_scenario
from sapper.lab.scenario_report import scenario_lines, scenario_report


def scenario_in(path: Path) -> Scenario:
    """The scenario of that file. Raises Unusable with one line."""
    try:
        return read_scenario(path.read_bytes().decode(), str(path))
    except OSError as error:
        raise Unusable(f"{path}:1:1: {error.strerror or error}", None) from None
    except UnicodeDecodeError:
        raise Unusable(f"{path}:1:1: expected TOML, which is UTF-8 text", None) from None
    except UnreadableText as error:
        raise Unusable(str(error), None) from None


def hidden(scenario: Scenario, names: Sequence[str]) -> str | None:
    """The router that the file puts behind a NAT box. Raises Unusable where there is none of that name."""
    if scenario.nat is not None and scenario.nat not in names:
        message = f"nat: there is no router {scenario.nat!r}; the routers are {', '.join(names)}"
        raise Unusable(str(scenario.complain(message, "nat")), None)
    return scenario.nat


def checked(setup: Setup, scenario: Scenario) -> None:
    """That the scenario fits the routers, before anything is booted. Raises Unusable with one line."""
    try:
        check(scenario, setup)
    except UnreadableText as error:
        raise Unusable(str(error), None) from None


def run_scenario(
    setup: Setup, scenario: Scenario, place: Guest, progress: Callable[[str], None], options: Namespace
) -> int:
    """Plays it, prints what came out and writes what is wanted. Exit status 1 where something was not as expected."""
    with place as guest:
        played = play(setup, scenario, guest, progress)
    write_files([played.run], options.pcap, options.report, partial(scenario_page, played), progress)
    if options.format == "json":
        print_json(scenario_report(played))
    else:
        print_lines(scenario_lines(played))
    return FINDINGS if played.wrong else 0
