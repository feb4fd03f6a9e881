"""Writes the parts of the pages that are made from the code (``make docs``); a test fails while one is stale.

docs/states.md gets the table that the proof reads, README.md what ``sapper check`` says about the example. Each
part stands between two marks, and everything outside of them is written by hand.
"""

from __future__ import annotations

import subprocess
import sys
from enum import Enum
from pathlib import Path

from sapper.proof.states.events import WORDS, tail_of
from sapper.proof.states.lifecycle import TABLE, TAMPERING, Left, Row

CHECKOUT = Path(__file__).resolve().parent.parent
BEGIN = "<!-- made by make docs: begin -->\n"
END = "<!-- made by make docs: end -->\n"
EXAMPLE = "examples/canonical/east.set"

HEAD = (
    "state",
    "policies in the kernel",
    "SAs",
    "charon's routes",
    "VTI",
    "daemon runs",
    "exists",
    "a shortest way into it",
)
POLICIES = {
    "SA": "the SA's",
    "TRAP": "start_action's trap",
    "CLOSE": "close_action's trap",
    "DPD": "dpd_action's trap",
}


def words(member: Enum) -> str:
    """WITH_DPD is ``with dpd``."""
    return (member.name or "").lower().replace("_", " ")


def cells(row: Row) -> tuple[str, ...]:
    """One line of the table of states, in words."""
    policies = [POLICIES.get(kind.name or "", words(kind)) for kind in Left if kind in row.policies]
    policies = [text if row.inbound or text != POLICIES["SA"] else f"{text} outbound ones" for text in policies]
    return (
        f"`{row.state}`" + row.label.removeprefix(row.state) + (" (tampering)" if row.state in TAMPERING else ""),
        ", ".join(policies) or "none",
        "yes" if row.sa else "no",
        "stay" if row.routes_kept else "where their policy is",
        words(row.vti),
        "yes" if row.daemon else "no",
        words(row.only),
        way(row),
    )


def way(row: Row) -> str:
    """The events from a boot into a row; how the SA comes up is the connection's own."""
    tail = tail_of(row)
    before = ["the SA comes up" if tail.needs_sa else "the daemon loads the connections"]
    events = [WORDS[event] for event in (*tail.own, *tail.together)]
    return "; ".join(["boot", *(before if row.state != "boot" else []), *events])


def states_table() -> str:
    """The lifecycle states as a table in Markdown."""
    lines = [HEAD, tuple("---" for _ in HEAD), *(cells(row) for row in TABLE)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def checked_example() -> str:
    """What a person sees who types the command of the README."""
    command = [sys.executable, "-m", "sapper", "check", EXAMPLE]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode != 1:
        raise SystemExit(f"sapper check {EXAMPLE}: exit status {done.returncode}, expected 1\n{done.stderr}")
    return f"```console\n$ sapper check {EXAMPLE}\n{done.stdout.rstrip()}\n```\n"


PARTS = {"docs/states.md": states_table, "README.md": checked_example}


def fresh(name: str) -> str:
    """The whole page with its part made anew."""
    before, begin, rest = (CHECKOUT / name).read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{name}: the marks of the made part are missing")
    return f"{before}{BEGIN}{PARTS[name]()}{END}{after}"


def main() -> int:
    for name in PARTS:
        (CHECKOUT / name).write_text(fresh(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
