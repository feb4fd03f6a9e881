"""The command ``sapper``: picks a command's module, runs it, and turns every ending into an exit status.

A command's module is imported only when it is named, so that ``--help`` and ``--version`` cost little more than the
interpreter itself. Exit status: 0 nothing wrong, 1 findings or disagreement, 2 the input or the command line could
not be used, 3 the system refused (an internal error counts as that, never as a verdict), 130 interrupted, 143 ended
by SIGTERM. Whatever goes wrong, standard error gets one line; ``SAPPER_DEBUG=1`` adds the traceback.
"""

from __future__ import annotations

import gc
import os
import sys

from sapper.cli.commands import COMMANDS, help_text
from sapper.cli.failure import INTERRUPTED, SYSTEM, TERMINATED, Failure, Unusable

_GC_THRESHOLD = 200_000


def main(argv: list[str] | None = None) -> int:
    """Run one command line (default: the process') and give its exit status."""
    words = sys.argv[1:] if argv is None else argv
    collect_seldom()
    try:
        status = _dispatch(words)
        sys.stdout.flush()
    except SystemExit as ended:
        # argparse ends the process after --help; a lab ends by SIGTERM this way.
        status = ended.code if isinstance(ended.code, int) else 0
        return _end("sapper: terminated", status) if status == TERMINATED else status
    except BrokenPipeError:
        # Nobody reads any more; what is buffered goes nowhere, or the interpreter complains while it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SYSTEM
    except KeyboardInterrupt:
        return _end("sapper: interrupted", INTERRUPTED)
    except Failure as failure:
        return _end(str(failure), failure.status)
    except Exception as error:
        if os.environ.get("SAPPER_DEBUG"):
            raise
        return _end(f"sapper: internal error ({type(error).__name__} at {_where(error)}); please report", SYSTEM)
    return status


def collect_seldom() -> None:
    """Trees and Plans have no cycles: looking for garbage in them takes half of the time of reading a large file."""
    gc.set_threshold(_GC_THRESHOLD, 50, 100)


def _dispatch(words: list[str]) -> int:
    if not words:
        raise Unusable("no command given; 'sapper --help' lists them")
    first, rest = words[0], words[1:]
    if first in ("-h", "--help", "help"):
        if rest and rest[0] in COMMANDS:
            return _run(rest[0], ["--help"])
        sys.stdout.write(help_text())
        return 0
    if first in ("-V", "--version", "version"):
        from sapper import __version__

        sys.stdout.write(f"sapper {__version__}\n")
        return 0
    if first not in COMMANDS:
        from sapper.cli.nearest import suggestion

        what = "option" if first.startswith("-") else "command"
        known = ["--help", "--version"] if what == "option" else list(COMMANDS)
        raise Unusable(f"unknown {what} {first!r}{suggestion(first, known)}")
    return _run(first, rest)


def _run(name: str, words: list[str]) -> int:
    from importlib import import_module

    status: int = import_module(f"sapper.cli.{name}").run(words)
    return status


def _where(error: Exception) -> str:
    """The innermost place of sapper's own code. The error's text stays out: it may quote the input."""
    place = "unknown"
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if "sapper" in code.co_filename:
            place = f"{os.path.basename(code.co_filename)}:{trace.tb_lineno}"  # noqa: PTH119
        trace = trace.tb_next
    return place


def _end(message: str, status: int) -> int:
    sys.stderr.write(message + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
