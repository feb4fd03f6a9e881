"""Writes docs/rules/: one page for each rule and an index, all from the rules themselves.

``python tools/rule_pages.py`` writes them; with ``--check`` it writes nothing and exits 1 if a page is missing, out
of date, or of a rule that is gone.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sapper.lab.exhibits.caught import CAUGHT
from sapper.lab.exhibits.exhibit import Exhibit
from sapper.lab.exhibits.register import EXHIBITS, NOT_SHOWN
from sapper.proof.states.lifecycle import STATES
from sapper.rules.register import RULES
from sapper.rules.rule import RuleModule

DIRECTORY = Path(__file__).resolve().parent.parent / "docs" / "rules"
INDEX = "README.md"
FINDINGS = "findings.md"


def page_name(module: RuleModule) -> str:
    """The file name of a rule's page: that of its module, with hyphens."""
    return module.__name__.rpartition(".")[2].replace("_", "-") + ".md"


def page(module: RuleModule) -> str:
    """The page of one rule."""
    rule = module.RULE
    return (
        f"# {rule.code}: {rule.title}\n\n"
        f"Severity: {rule.severity}\n\n"
        f"{rule.why}\n\n"
        + (f"From: {rule.reference}\n\n" if rule.reference else "")
        + f"## This gives {rule.code}\n\n```\n{rule.bad.rstrip()}\n```\n\n"
        f"## This does not\n\n```\n{rule.good.rstrip()}\n```\n" + _far(rule.far) + _lab(rule.code, rule.lab)
    )


def _far(text: str | None) -> str:
    return f"\n## Both checked together with this far end\n\n```\n{text.rstrip()}\n```\n" if text else ""


def _lab(code: str, text: str) -> str:
    shown = code in {exhibit.code for exhibit in EXHIBITS}
    more = " `make findings` shows it on a real kernel, and what becomes of it when it is mended." if shown else ""
    for item in NOT_SHOWN:
        more = f" No kernel can show it: {item.reason}." if item.code == code else more
    return f"\n## In the lab\n\n{text}{more}\n" if text else ""


def index() -> str:
    """The table of all codes."""
    rows = "".join(
        f"| [{module.RULE.code}]({page_name(module)}) | {module.RULE.severity} | {module.RULE.title} |\n"
        for module in RULES
    )
    return (
        "# Codes\n\nWritten by `tools/rule_pages.py` from the rules.\n\n"
        f"| code | severity | what it is about |\n|---|---|---|\n{rows}"
    )


def findings() -> str:
    """The table of what has a demonstration on a real kernel."""
    pages_of = {module.RULE.code: page_name(module) for module in RULES}
    phrases = {code: phrase for phrase, code in CAUGHT}
    rows = "".join(
        f"| {phrases.get(exhibit.code, '')} | [{exhibit.label}]({pages_of[exhibit.code]}) "
        f"| {_seen(exhibit)} | {_mended(exhibit)} |\n"
        for exhibit in sorted(EXHIBITS, key=lambda one: list(phrases).index(one.code))
    )
    return (
        "# Findings on a real kernel\n\nWritten by `tools/rule_pages.py` from `sapper/lab/exhibits/`.\n\n"
        "`make findings` boots a guest kernel, shows each of these as its bad example stands, mends it, proves it "
        "again, drives it through the lifecycle and looks whether it is quiet and works. It prints a table with the "
        'packet that was seen; `make findings CODES="LEAK101 SEC506"` takes some. What is mended by the good example '
        "alone is proved as it stands there; elsewhere `sapper fix` adds what is still missing, and the table of "
        "`make findings` names its strategy.\n\n"
        f"| what goes wrong | code | where it is seen | mended by |\n|---|---|---|---|\n{rows}"
    )


def _seen(exhibit: Exhibit) -> str:
    if exhibit.show is not None:
        return next(module.RULE.lab for module in RULES if module.RULE.code == exhibit.code)
    behind = f"behind NAT at {exhibit.nat}, " if exhibit.nat else ""
    return f"{behind}in " + ", ".join(state for state in STATES if state in exhibit.states)


def _mended(exhibit: Exhibit) -> str:
    return "the good example; `sapper fix` if more is not proved" if exhibit.by_example else "`sapper fix`"


def pages() -> dict[str, str]:
    """Every file that belongs into the directory, by name."""
    return {INDEX: index(), FINDINGS: findings(), **{page_name(module): page(module) for module in RULES}}


def stale(directory: Path = DIRECTORY) -> list[str]:
    """The names of files that are missing, out of date or not wanted, in order."""
    wanted = pages()
    there = {path.name: path.read_text(encoding="utf-8") for path in directory.glob("*.md")}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


def main(arguments: list[str]) -> int:
    names = stale()
    if "--check" in arguments:
        for name in names:
            print(f"docs/rules/{name} is out of date; run tools/rule_pages.py", file=sys.stderr)
        return 1 if names else 0
    wanted = pages()
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    for name in names:
        if name in wanted:
            (DIRECTORY / name).write_text(wanted[name], encoding="utf-8")
        else:
            (DIRECTORY / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
