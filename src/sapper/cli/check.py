"""``sapper check CONFIG…``: reads the inputs, checks each and the pairs of ends among them, prints one document.

Everything that decides anything is in :mod:`sapper.rules.check`; here are options, files and output formats.
"""

from __future__ import annotations

import argparse
import sys

from sapper.cli.arguments import Parser, one_of
from sapper.cli.failure import UNUSABLE
from sapper.cli.project import Projects
from sapper.cli.source import Input, read_inputs
from sapper.cli.terminal import print_json, print_lines, write
from sapper.model.directive import Ignore
from sapper.model.project import checked_target
from sapper.rules.check import Checked, check_end, compared, idle_statements, selected, status, unreadable
from sapper.rules.report import CheckReport, FileReport


def run(words: list[str]) -> int:
    """Check what the command line names."""
    options = _parser().parse(words)
    inputs = list(read_inputs(options.configs))
    projects = Projects()
    if options.verify is not None:
        from sapper.cli.certificate import verify_certificate

        return verify_certificate(options, inputs, projects)
    checked = [_check(entry, projects, options.target, paired=len(inputs) > 1) for entry in inputs]
    files = tuple(selected(file, options.select, options.ignore) for file in _compared(checked, projects))
    if all(file.syntax is None for file in files):
        return _nothing_read(files)
    if options.certificate is not None:
        from sapper.cli.certificate import write_certificate

        write_certificate(options.certificate, inputs, projects, options.target)
    report = CheckReport(files=files)
    _print(report, options.format)
    return status(report, options.fail_on)


def _parser() -> Parser:
    parser = Parser(
        "check",
        "Find leaks and errors in configurations; prove or refute every tunnel's properties.",
        "A property that is refuted or unknown gives exit status 1, as does a finding of at least --fail-on.",
    )
    parser.add_argument("configs", nargs="+", metavar="CONFIG", help="a file, a directory, or - for standard input")
    parser.add_argument(
        "--format",
        type=one_of("text", "json", "github", "sarif"),
        default="text",
        metavar="FORMAT",
        help="text, json, github or sarif (default: text)",
    )
    parser.add_argument(
        "--select",
        type=_codes,
        default=(),
        metavar="CODES",
        help="only findings whose code starts with one of these, separated by commas",
    )
    parser.add_argument(
        "--ignore", type=_codes, default=(), metavar="CODES", help="no findings whose code starts with one of these"
    )
    parser.add_argument(
        "--fail-on",
        type=one_of("error", "warning", "info"),
        default="warning",
        metavar="SEVERITY",
        help="error, warning or info: the least severity that gives exit status 1 (default: warning)",
    )
    parser.add_argument(
        "--target",
        type=_target,
        metavar="RELEASE|KERNEL",
        help="what it will run on where the text does not say: 1.2 to 1.5, or a kernel such as 6.12",
    )
    parser.add_argument(
        "--certificate", metavar="FILE", help="write what was proved, cell by cell, in a form that can be checked"
    )
    parser.add_argument(
        "--verify", metavar="FILE", help="hold a certificate against these configurations, without the fast proof"
    )
    return parser


def _codes(text: str) -> tuple[str, ...]:
    codes = tuple(code.strip().upper() for code in text.split(","))
    for code in codes:
        if not code.isalnum() or not code.isascii():
            raise argparse.ArgumentTypeError(f"{code!r} is no code; codes look like LEAK101 or LEAK")
    return codes


def _check(entry: Input, projects: Projects, target: str | None, *, paired: bool) -> Checked:
    if entry.failure is not None:
        return Checked(unreadable(entry.path, entry.place, entry.failure))
    project = projects.of(entry.path)
    return check_end(entry.text, entry.path, project.for_target(target) if target else project, paired=paired)


def _compared(checked: list[Checked], projects: Projects) -> list[FileReport]:
    """The reports of the inputs, and of the project files whose words do nothing for any of them."""
    used: set[Ignore] = set()
    files = compared(checked, used)
    about = [idle_statements(project, text, files, used) for project, text in projects.texts()]
    return [*files, *(report for report in about if report is not None)]


def _target(text: str) -> str:
    try:
        return checked_target(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _nothing_read(files: tuple[FileReport, ...]) -> int:
    for file in files:
        for finding in file.findings:
            place = f"{file.path}:{finding.line}:{finding.column}"
            message = " ".join(finding.message.split())
            sys.stderr.write(f"{place}: {message}\n")
    return UNUSABLE


def _print(report: CheckReport, form: str) -> None:
    if form == "json":
        print_json(report)
    elif form == "github":
        from sapper.render.github import github_text

        write(github_text(report))
    elif form == "sarif":
        from sapper.render.sarif import sarif_log

        print_json(sarif_log(report))
    else:
        from sapper.render.check_text import check_lines

        print_lines(check_lines(report))
