"""``--provider`` and ``--kernel``: on which kernel a lab runs. The words are the lab's own, see :mod:`sapper.lab.provider`."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from sapper.cli.arguments import Parser, one_of
from sapper.cli.failure import Unusable
from sapper.lab.guest import Guest
from sapper.lab.kernel_choice import BACKPORTS, DEFAULT, choose_kernel
from sapper.lab.provider import PROVIDERS, open_lab
from sapper.lab.unavailable import LabUnavailable


def add_provider(parser: Parser) -> None:
    parser.add_argument(
        "--provider",
        type=one_of(*PROVIDERS),
        default=PROVIDERS[0],
        metavar="KIND",
        help="auto, host (network namespaces of this kernel) or vm (a guest kernel)",
    )
    add_kernel(parser)


def add_kernel(parser: Parser) -> None:
    parser.add_argument(
        "--kernel",
        type=_kernel,
        metavar="NAME|PATH",
        help=f"the guest's: {DEFAULT}, {BACKPORTS}, or a kernel image, with :DIRECTORY if its modules are elsewhere",
    )


def open_place(options: argparse.Namespace, progress: Callable[[str], None]) -> Guest:
    """The lab that the options name, to enter. Raises LabUnavailable with one line."""
    if options.provider == "host" and options.kernel is not None:
        raise Unusable(f"provider host has the kernel it has: leave out --kernel {options.kernel}", "lab run")
    return open_lab(options.provider, progress, options.kernel)


def _kernel(text: str) -> str:
    try:
        choose_kernel(text or "''")
    except LabUnavailable as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text
