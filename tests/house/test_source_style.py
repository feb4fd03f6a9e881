"""What the linters do not see: sizes, names, purity of the core, and nothing left open."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
SOURCE = CHECKOUT / "src" / "sapper"
MOST_LINES = 400
CORE = ("config", "schema", "encap", "model", "kernel", "mtu", "proof", "rules")
VAGUE = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}
LEFT_OPEN = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
PURE_PATHS = {"PurePath", "PurePosixPath"}


def python_files(*rooms: str) -> list[Path]:
    places = [CHECKOUT / room for room in rooms]
    return sorted(file for place in places for file in place.rglob("*.py"))


def offenders(files: list[Path], wrong: Callable[[str], object]) -> dict[str, object]:
    """File to what is wrong with its text, for those with anything wrong."""
    assert files
    found = {str(file.relative_to(CHECKOUT)): wrong(file.read_text()) for file in files}
    return {name: fault for name, fault in found.items() if fault}


def test_source_files_are_short() -> None:
    assert not offenders(python_files("src"), lambda text: max(0, len(text.splitlines()) - MOST_LINES + 1))


def test_source_files_say_what_they_are() -> None:
    assert not offenders(python_files("src"), lambda text: text.strip() and not ast.get_docstring(ast.parse(text)))


def test_modules_are_called_by_the_thing_they_hold() -> None:
    assert [file for file in python_files("src") if file.stem in VAGUE] == []


def test_nothing_is_left_open() -> None:
    assert not offenders(python_files("src", "tests", "tools", "benchmarks"), LEFT_OPEN.findall)


def test_the_core_opens_and_prints_nothing() -> None:
    files = [file for room in CORE for file in python_files(f"src/sapper/{room}")]
    files += [SOURCE / "address.py", SOURCE / "secret.py"]
    assert not offenders(files, lambda text: impure(ast.parse(text)))


def impure(tree: ast.Module) -> list[str]:
    """Calls of the built-in input and output, and paths that reach for the disk."""
    found = []
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"open", "print", "input"}
        ):
            found.append(f"line {node.lineno}: {node.func.id}()")
        if isinstance(node, ast.Import) and any(alias.name == "pathlib" for alias in node.names):
            found.append(f"line {node.lineno}: import pathlib")
        if isinstance(node, ast.ImportFrom) and node.module == "pathlib":
            found += [f"line {node.lineno}: {alias.name}" for alias in node.names if alias.name not in PURE_PATHS]
    return found


def test_the_search_for_impure_calls_finds_some() -> None:
    text = "from pathlib import Path, PurePath\nimport pathlib\nprint(open('x'))\n"
    assert len(impure(ast.parse(text))) == 4


def test_the_modules_of_the_tests_have_names_of_their_own() -> None:
    names = [file.name for file in python_files("tests") if file.name.startswith("test_")]
    assert sorted(set(names)) == sorted(names)
