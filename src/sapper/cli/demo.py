"""``make demo``: the articles' setups, proved and then driven through every state on a real kernel, side by side.

Reads the examples beside the project, prints one table, and writes a page with pictures and the captures.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from sapper.cli.failure import FINDINGS, INTERRUPTED, SYSTEM, Failure
from sapper.cli.lab import prepare_files, progress, write_results
from sapper.cli.terminal import print_lines
from sapper.lab.guest import exit_on_sigterm
from sapper.lab.parallel import run_pairs
from sapper.lab.table import table
from sapper.lab.unavailable import LabUnavailable

EXAMPLES = Path("examples")
REPORT = Path("demo-report")
# Directory, title, and the router that a NAT box stands in front of.
SETUPS = (
    ("canonical", "canonical: GRE between WAN addresses, protocol gre", None),
    ("dummy", "GRE between dummy addresses", None),
    ("dummy-blackhole", "GRE between dummy addresses, blackhole", None),
    ("vti", "VTI", None),
    ("vti-unreachable", "VTI, unreachable routes", None),
    ("nat", "East behind NAT, dummy addresses", "east"),
    ("nat-blackhole", "East behind NAT, dummy addresses, blackhole", "east"),
)


def main() -> int:
    """Run the demo; the exit status is the contract's."""
    started = time.monotonic()

    def say(message: str) -> None:
        progress(f"[{time.monotonic() - started:5.0f} s] {message}")

    say(f"{len(SETUPS)} setups, every lifecycle state, on a real kernel with a real IKE daemon")
    try:
        setups = [
            prepare_files([str(EXAMPLES / name / "east.set"), str(EXAMPLES / name / "west.set")], nat, title)
            for name, title, nat in SETUPS
        ]
        with exit_on_sigterm():
            runs = run_pairs(setups, say)
    except Failure as error:
        progress(str(error))
        return error.status
    except LabUnavailable as error:
        progress(f"sapper demo: {error}")
        return SYSTEM
    except KeyboardInterrupt:
        progress("sapper demo: interrupted")
        return INTERRUPTED
    print_lines(table(runs))
    write_results(runs, REPORT / "pcap", REPORT / "index.html")
    disagreements = sum(run.disagreements for run in runs)
    say(f"{disagreements} disagreements; open {REPORT / 'index.html'}")
    return FINDINGS if disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
