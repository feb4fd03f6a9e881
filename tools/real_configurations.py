"""Writes docs/real-configurations.md: what every configuration that sapper did not write gets for verdicts, and why not.

Counted are the entries (tunnels, VTIs, policy-based connections) of the articles' configurations and of those of the
VyOS project's own migration tests. The latter lie beside the project and are no part of it; nothing of them is
copied but names of interfaces and numbers of rules that a reason has to name. Without them the page is left alone.

An ``unknown`` is a debt if it is for something that the reference of VyOS' options lists: then it is named apart.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sapper.proof.properties.unwalked import unwalked
from sapper.proof.verdict import Property, VerdictWord
from sapper.rules.check import Checked, check_end
from sapper.schema import section
from sapper.schema.register import OPTIONS

CHECKOUT = Path(__file__).resolve().parent.parent
PAGE = CHECKOUT / "docs" / "real-configurations.md"
REAL = CHECKOUT.parent / "shared" / "oracles" / "vyos-configs"
ARTICLES = CHECKOUT / "tests" / "articles"
_ASKED: tuple[Property, ...] = ("confidentiality", "no-bypass", "authenticity", "liveness")
WORDS: tuple[VerdictWord, ...] = ("proved", "refuted", "unknown", "not-applicable")
_BY_GAPS = "not modelled, and it could "
_OUTSIDE = frozenset({*(option.path for option in section.OPTIONS), "firewall"})
_DECLARED = frozenset(option.path for option in OPTIONS)


class Unknown(NamedTuple):
    """A property that could not be decided; ``listed`` are the options of the reference that are the reason."""

    file: str
    entry: str
    asked: Property
    reason: str
    listed: tuple[str, ...]


def files() -> list[Path]:
    """The articles', then the real ones where they are, each by name."""
    articles = sorted(path for path in ARTICLES.iterdir() if path.suffix in (".set", ".boot"))
    return [*articles, *sorted(path for path in REAL.glob("*") if path.suffix in (".set", ".boot"))]


def checked(path: Path) -> Checked:
    """What ``sapper check`` says of one file."""
    return check_end(path.read_text("utf-8"), path.name)


def of_the_reference(thing: str) -> bool:
    """Whether the reference lists an option that a reason names; what the proof names of a Plan comes from such ones."""
    words = thing.split()
    known = [" ".join(words[:at]) for at in range(len(words), 0, -1)]
    return next((path not in _OUTSIDE for path in known if path in _DECLARED), True)


def unknowns(name: str, found: Checked) -> Iterator[Unknown]:
    """Every property of every entry that is unknown."""
    for entry in found.report.tunnels:
        for asked in _ASKED:
            said = entry.verdicts[asked]
            if said.verdict != "unknown":
                continue
            reason = said.reason or ""
            named = _named(found, asked) if reason.startswith(_BY_GAPS) else ()
            listed = tuple(thing for thing in named if of_the_reference(thing))
            yield Unknown(name, entry.name, asked, reason, listed)


def _named(found: Checked, asked: Property) -> tuple[str, ...]:
    assert found.plan is not None
    gaps = (*found.plan.gaps, *unwalked(found.plan, asked))
    return tuple(dict.fromkeys(gap.rpartition(": ")[0] for gap in gaps))


def page() -> str:
    """The whole page."""
    lines = [
        "# Real configurations",
        "",
        "What `sapper check` says of configurations that were not written for it: those of the articles, and those of the",
        "VyOS project's own migration tests (as saved, and as the newest release writes them). Made by `make docs`.",
        "A file without a tunnel, a VTI or an IPsec connection has nothing to prove and is left out.",
        "",
        "| file | entries | " + " | ".join(WORDS) + " |",
        "|---|---|" + "---|" * len(WORDS),
    ]
    every: list[Unknown] = []
    silent = 0
    for path in files():
        found = checked(path)
        entries = found.report.tunnels
        silent += not entries
        if entries:
            count = Counter(verdict.verdict for entry in entries for verdict in entry.verdicts.values())
            lines.append(
                f"| {path.name} | {len(entries)} | " + " | ".join(str(count[word]) for word in WORDS) + " |"
            )
        every += unknowns(path.name, found)
    lines += ["", f"{silent} more files have no entry.", "", "## What is unknown, and why", ""]
    lines += ["| file | entry | property | reason |", "|---|---|---|---|"]
    lines += [f"| {one.file} | {one.entry} | {one.asked} | {_shortened(one.reason)} |" for one in every]
    return "\n".join(lines) + "\n"


def _shortened(reason: str) -> str:
    """A reason of many things by its first ones."""
    head, colon, tail = reason.partition(": ")
    things = tail.split(", ")
    if not colon or len(things) <= _MOST:
        return reason
    return f"{head}: {', '.join(things[:_MOST])}, and {len(things) - _MOST} more"


_MOST = 6


def main() -> int:
    """Write the page; 0 in any case."""
    if not REAL.is_dir():
        print("the real configurations are not here; the page is left alone")
        return 0
    PAGE.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
