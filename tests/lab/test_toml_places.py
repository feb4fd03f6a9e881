"""Places of keys: every key of a written document is found where it was written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sapper.config.source import Source
from sapper.lab.toml_places import Places

NAMES = st.sampled_from(["a", "b-c", "d_e", "f1"])


def place(text: str, *path: str | int) -> tuple[int, int]:
    found = Places(Source("f", text)).complaint("x", *path)
    return found.place.line, found.place.column


@given(st.lists(st.lists(NAMES, unique=True, max_size=4), min_size=1, max_size=5), NAMES)
def test_keys_of_arrays_of_tables(tables: list[list[str]], header: str) -> None:
    lines: list[str] = []
    wanted: dict[tuple[str | int, ...], tuple[int, int]] = {}
    for number, keys in enumerate(tables):
        lines.append(f"[[{header}]]")
        wanted[header, number] = (len(lines), 1)
        for key in keys:
            lines.append(f"  {key} = 1")
            wanted[header, number, key] = (len(lines), 3)
    text = "\n".join(lines)

    for path, expected in wanted.items():
        assert place(text, *path) == expected


def test_nested_arrays_count_anew_in_each_parent() -> None:
    text = "[[s]]\n[[s.e]]\nx = 1\n[[s.e]]\nx = 1\n[[s]]\n[[s.e]]\nx = 1\n[s.t]\ny = 2\n"

    assert place(text, "s", 0, "e", 1, "x") == (5, 1)
    assert place(text, "s", 1, "e", 0, "x") == (8, 1)
    assert place(text, "s", 1, "t", "y") == (10, 1)


def test_inside_of_inline_tables() -> None:
    text = 'k = { a = "b = 1", c = 2 }\nl = [ { a = 1 }, { a = 2 } ]\n'

    assert place(text, "k", "c") == (1, 20)
    assert place(text, "l", 1, "a") == (2, 20)
    assert place(text, "k", "nowhere") == (1, 1)
    assert place(text, "nowhere") == (1, 1)
