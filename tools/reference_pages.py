"""Writes docs/reference/: a page for each feature of the configuration, an index, and the completion data.

Everything comes from the schema; which codes a page names comes from the examples of the rules: a rule belongs to
the features of the lines that its bad and its good example do not share. ``python tools/reference_pages.py`` writes;
with ``--check`` it writes nothing and exits 1 if a file is missing, out of date, or of a feature that is gone.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import rule_pages

from sapper.config.read import read
from sapper.config.tree import UnreadableText
from sapper.config.upgrade import upgrade
from sapper.rules.register import RULES
from sapper.rules.rule import RuleModule
from sapper.schema.completion import completion_data
from sapper.schema.option import Option
from sapper.schema.register import FEATURES, follow
from sapper.schema.value import NAME

DIRECTORY = Path(__file__).resolve().parent.parent / "docs" / "reference"
INDEX = "README.md"
COMPLETION = "completion.json"
HEAD = ("option", "takes", "default", "meaning", "in the model")
STANDINGS = {"modelled": "yes", "immaterial": "not needed", "unmodelled": "no"}

LEGEND = """\
What stands in the last column: *yes*, sapper carries the option into what it proves; *not needed*, the option cannot
change whether a packet is encrypted; *no*, it could, and sapper names its path as unmodelled.
"""


def page_name(feature: ModuleType) -> str:
    """The file name of a feature's page: that of its module, with hyphens."""
    return feature.__name__.rpartition(".")[2].replace("_", "-") + ".md"


def title(feature: ModuleType) -> str:
    """The first sentence of the feature's own description, marks of code taken out."""
    return _prose(feature).partition("\n\n")[0].rstrip(".").replace("`", "")


def page(feature: ModuleType, codes: dict[str, list[RuleModule]]) -> str:
    """The page of one feature."""
    about = _prose(feature).partition("\n\n")[2]
    parts = [f"# {title(feature)}\n", f"{about}\n" if about else "", LEGEND]
    written: dict[object, str] = {}
    for instance, options in _instances(feature).items():
        shown = instance.replace("*", "NAME") or "everything"
        content = tuple(option._replace(path=option.path[len(instance) :]) for option in options)
        if instance and content in written:
            parts.append(f"## `{shown}`\n\nThe same options as below `{written[content]}`.\n")
            continue
        written[content] = shown
        parts.append(f"## `{shown}`\n\n{_table(instance, options)}" if instance else _table(instance, options))
    rules = codes.get(feature.__name__, [])
    if rules:
        lines = (
            f"* [{rule.RULE.code}](../rules/{rule_pages.page_name(rule)}): {rule.RULE.title}" for rule in rules
        )
        parts.append("## What is found here\n\n" + "\n".join(lines) + "\n")
    return "\n".join(part for part in parts if part)


def index() -> str:
    """All features, and what the completion data are."""
    rows = "".join(f"* [{title(feature)}]({page_name(feature)})\n" for feature in FEATURES)
    return (
        "# The configuration language\n\nWritten by `tools/reference_pages.py` from the schema.\n\n"
        f"{rows}\n`{COMPLETION}` has the same for programs: path (`*` stands for a name) to kind, help, type, fixed "
        "words, default and unit.\n"
    )


def pages() -> dict[str, str]:
    """Every file that belongs into the directory, by name."""
    codes = codes_by_feature()
    data = json.dumps(completion_data(), indent=1, ensure_ascii=False) + "\n"
    made = {page_name(feature): page(feature, codes) for feature in FEATURES}
    return {INDEX: index(), COMPLETION: data, **made}


def codes_by_feature() -> dict[str, list[RuleModule]]:
    """The rules about configurations under the names of the feature modules that their examples are about."""
    owner = {option.path: feature.__name__ for feature in FEATURES for option in feature.OPTIONS}
    found: dict[str, list[RuleModule]] = {}
    for module in RULES:
        lines = _lines(module.RULE.bad) ^ _lines(module.RULE.good)
        features = dict.fromkeys(
            feature for line in sorted(lines) if (feature := _owner_of(line, owner)) is not None
        )
        for feature in features if module.RULE.code.startswith("CFG") else ():
            found.setdefault(feature, []).append(module)
    return found


def stale(directory: Path = DIRECTORY) -> list[str]:
    """The names of files that are missing, out of date or not wanted, in order."""
    wanted = pages()
    there = {path.name: path.read_text(encoding="utf-8") for path in directory.glob("*.*")}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


def main(arguments: list[str]) -> int:
    names = stale()
    if "--check" in arguments:
        for name in names:
            print(f"docs/reference/{name} is out of date; run tools/reference_pages.py", file=sys.stderr)
        return 1 if names else 0
    wanted = pages()
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    for name in names:
        if name in wanted:
            (DIRECTORY / name).write_text(wanted[name], encoding="utf-8")
        else:
            (DIRECTORY / name).unlink()
    return 0


def _prose(feature: ModuleType) -> str:
    return inspect.cleandoc(feature.__doc__ or "").replace("``", "`")


def _instances(feature: ModuleType) -> dict[str, list[Option]]:
    """Options under the path of the innermost name above them, in the order of the feature's file."""
    found: dict[str, list[Option]] = {}
    for option in feature.OPTIONS:
        above, star, _ = option.path.rpartition(" * ")
        found.setdefault(f"{above} *" if star else "", []).append(option)
    return found


def _table(instance: str, options: list[Option]) -> str:
    rows = [HEAD, tuple("---" for _ in HEAD), *(_row(instance, option) for option in options)]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in rows)


def _row(instance: str, option: Option) -> tuple[str, ...]:
    meaning = option.help if option.help != option.reason else ""
    standing = STANDINGS[option.standing] + (f": {option.reason}" if option.reason else "")
    default = f"{option.default} {option.unit}".strip() if option.default is not None else ""
    return (f"`{option.path[len(instance) :].strip()}`", _takes(option), default, meaning, standing)


def _takes(option: Option) -> str:
    if option.kind in ("flag", "node"):
        return "nothing" if option.kind == "flag" else ""
    name = f"{option.type.name} {option.unit}".strip()
    if option.kind == "tag":
        return "NAME" if name == NAME.name else f"NAME: {name}"
    return f"{name}; several" if option.kind == "multi" else name


def _lines(text: str) -> set[tuple[str, ...]]:
    """The paths of a configuration in the newest words; none if it cannot be read."""
    try:
        return set(upgrade(read(text, "example")).root.leaves())
    except UnreadableText:
        return set()


def _owner_of(line: tuple[str, ...], owner: dict[str, str]) -> str | None:
    """The feature that declares the longest part of the line."""
    return next(_declared(line, owner), None)


def _declared(line: tuple[str, ...], owner: dict[str, str]) -> Iterator[str]:
    for depth in range(len(line), 0, -1):
        word = follow(line[:depth])
        if word is not None and word.option.help and word.option.path in owner:
            yield owner[word.option.path]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
