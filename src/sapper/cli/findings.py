"""``make findings``: the findings' bad examples on a real kernel, and what becomes of each when it is mended.

Options and output; what is run is in :mod:`sapper.lab.exhibits`. Exit status 1 if one is not seen as it stands, is not
quiet when it is mended, or if the kernel contradicts the proof anywhere.
"""

from __future__ import annotations

import sys
import time

from sapper.cli.arguments import Parser, one_of
from sapper.cli.failure import FINDINGS, INTERRUPTED, SYSTEM, Failure, Unusable
from sapper.cli.lab import progress
from sapper.cli.terminal import print_lines
from sapper.lab.exhibits.perform import perform
from sapper.lab.exhibits.prepared import prepared
from sapper.lab.exhibits.register import EXHIBITS, NOT_SHOWN
from sapper.lab.exhibits.table import Row, table
from sapper.lab.guest import exit_on_sigterm
from sapper.lab.unavailable import LabUnavailable
from sapper.rules.register import RULES

_COMMAND = "findings"


def main(words: list[str]) -> int:
    """Run the exhibits that are named, or all."""
    started = time.monotonic()

    def say(message: str) -> None:
        progress(f"[{time.monotonic() - started:5.0f} s] {message}")

    try:
        parser = Parser(_COMMAND, "Show the findings on a real kernel, as they stand and mended.", "")
        parser.add_argument(
            "codes", nargs="*", type=one_of(*(item.code for item in EXHIBITS)), metavar="CODE", help="only these"
        )
        parser.add_argument(
            "--guests", type=int, metavar="N", help="guest kernels at once (default: by processors)"
        )
        options = parser.parse(words)
        if options.guests is not None and options.guests < 1:
            raise Unusable(f"--guests {options.guests}: expected a number from 1 on", _COMMAND)
        rules = {module.RULE.code: module.RULE for module in RULES}
        chosen = [item for item in EXHIBITS if not options.codes or item.code in options.codes]
        cases = [prepared(exhibit, rules[exhibit.code]) for exhibit in chosen]
        with exit_on_sigterm():
            rows = [Row(seen) for seen in perform(cases, say, options.guests)]
    except Failure as error:
        progress(str(error))
        return error.status
    except LabUnavailable as error:
        progress(f"sapper findings: {error}")
        return SYSTEM
    except KeyboardInterrupt:
        progress("sapper findings: interrupted")
        return INTERRUPTED
    print_lines(table(rows, () if options.codes else NOT_SHOWN))
    say(f"{len(rows)} findings shown")
    return 0 if all(row.holds for row in rows) else FINDINGS


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
