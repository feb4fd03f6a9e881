"""An edit gives the tree that it should, in every syntax, and leaves every other byte alone."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from schema_trees import VALUES, configurations

from sapper.config.edit import CannotEdit, Change, Delete, Put, Rename, SetValue, edit
from sapper.config.print_braces import print_braces
from sapper.config.print_json import print_json
from sapper.config.print_set import print_set, quote
from sapper.config.read import read
from sapper.config.tree import Document, Node
from sapper.config.unprintable import UnprintableWord
from sapper.schema.shape import shape_of

Words = tuple[str, ...]
PRINTERS = {
    "set": lambda tree: print_set(tree, shape_of),
    "braces": lambda tree: print_braces(tree, shape_of),
    "json": lambda tree: print_json(tree, shape_of),
}


def content(node: Node, comments: bool = True) -> set[tuple[Words, str | None]]:
    return {(path, below.comment if comments else None) for path, below in node.walk()}


def expected(root: Node, change: Change) -> Node:
    """The tree as it should be, made on the tree."""
    root = root.copy()
    node, path = root, change.path
    if isinstance(change, (Put, SetValue)):
        for word in path:
            node = node.add(word)
        if isinstance(change, SetValue) and list(node.children) != [change.value]:
            node.children = {change.value: Node(change.value)}
        return root
    above = root.find(*path[:-1])
    assert above is not None
    if isinstance(change, Rename):
        children = list(above.children.items())
        above.children = {change.word if word == path[-1] else word: child for word, child in children}
        above.children[change.word].word = change.word
        return root
    while len(path) > 1 and shape_of(path[:-1]) in ("leaf", "multi", "tag"):
        above = root.find(*path[:-1])
        assert above is not None
        if list(above.children) != [path[-1]]:
            break
        path = path[:-1]
    above = root.find(*path[:-1])
    assert above is not None
    del above.children[path[-1]]
    return root


@st.composite
def changes(draw: st.DrawFn, tree: Node) -> Change:
    """One change that makes sense by the schema, mostly at a path that is there."""
    paths = [path for path, _ in tree.walk()]
    path = draw(st.sampled_from(paths))
    kind = shape_of(path)
    what = draw(st.sampled_from(["put", "set", "delete", "rename"]))
    if what == "delete":
        return Delete(path)
    if what == "rename" and shape_of(path[:-1]) in ("leaf", "multi", "tag"):
        above = tree.find(*path[:-1])
        word = draw(VALUES if shape_of(path[:-1]) != "tag" else st.sampled_from(["tun9", "a b", "99"]))
        if above is not None and word not in above.children:
            return Rename(path, word)
    if what == "set" and kind == "leaf":
        return SetValue(path, draw(VALUES))
    other = draw(configurations())
    return Put(draw(st.sampled_from([path for path, _ in other.walk()])))


@given(st.data(), configurations(), st.sampled_from(sorted(PRINTERS)), st.booleans())
@settings(max_examples=150, deadline=None)
def test_an_edit_gives_the_expected_tree(data: st.DataObject, tree: Node, syntax: str, windows: bool) -> None:
    text = PRINTERS[syntax](tree)
    if windows and "two\nlines" not in text:
        text = text.replace("\n", "\r\n")
    document = read(text, "x")
    change = data.draw(changes(tree))
    try:
        new = edit(document, [change], shape_of)
    except CannotEdit:
        assert isinstance(change, Delete)
        assert len(tree.children) == 1
        return
    wanted = content(expected(document.root, change), syntax != "json")
    if not wanted:
        return
    again = read(new, "x")
    assert again.defects == []
    assert content(again.root, syntax != "json") == wanted
    others_are_untouched(text, new, change)


def others_are_untouched(before: str, after: str, change: Change) -> None:
    if before == after:
        return
    same = len(_common(before, after))
    same_end = len(_common(before[: same - 1 : -1], after[: same - 1 : -1]))
    if isinstance(change, Put):
        assert same + same_end >= len(before), "only an insertion"
    if isinstance(change, Delete):
        left = iter(before.splitlines())
        kept = f"set {' '.join(map(quote, change.path[:-1]))}"
        lines = [line for line in after.splitlines() if not kept.startswith(line)]
        if before.lstrip()[:1] != "{":
            assert all(line in left for line in lines), "only removals"


def _common(one: str, other: str) -> str:
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return one[:length]


SET = """\
# my router
set interfaces tunnel tun0 address '10.0.0.1/30'   # inside
  set interfaces tunnel tun0 mtu 1400
comment interfaces tunnel tun0 "to the west"
vyos@r1# set interfaces tunnel tun1 mtu '1300'
set system host-name r1"""

BRACES = """\
/* ours */
interfaces {
\ttunnel tun0 {
\t\taddress 10.0.0.1/30
\t\t/* small */
\t\tmtu 1400
\t}
    tunnel tun1 { }   // spare
}
system {
    host-name r1
}
/* Warning: Do not remove the following line. */
/* === vyatta-config-version: "nat@4" === */
/* Release version: 1.2.6 */
"""

JSON = """\
{"interfaces": {
  "tunnel": {
    "tun0": {"address": ["10.0.0.1/30", "10.0.0.5/30"], "mtu": "1400"},
    "tun1": {}
  }
}}
"""
TUN0: Words = ("interfaces", "tunnel", "tun0")


def diff(text: str, *what: Change) -> tuple[list[str], list[str]]:
    """The lines that went and the lines that came."""
    new = edit(read(text, "x"), what, shape_of)
    before, after = text.splitlines(), new.splitlines()
    return [line for line in before if line not in after], [line for line in after if line not in before]


@pytest.mark.parametrize(
    ("text", "change", "gone", "come"),
    [
        (SET, Put((*TUN0, "multicast", "enable")), [], ["  set interfaces tunnel tun0 multicast enable"]),
        (SET, Put(("vpn", "ipsec", "interface", "eth0")), [], ["set vpn ipsec interface 'eth0'"]),
        (SET, SetValue((*TUN0, "mtu"), "1280"), ["  set interfaces tunnel tun0 mtu 1400"], ["  set interfaces tunnel tun0 mtu 1280"]),
        (SET, SetValue(("interfaces", "tunnel", "tun1", "mtu"), "1280"), ["vyos@r1# set interfaces tunnel tun1 mtu '1300'"],
         ["vyos@r1# set interfaces tunnel tun1 mtu '1280'"]),
        (SET, Delete((*TUN0, "mtu")), ["  set interfaces tunnel tun0 mtu 1400"], []),
        (SET, Delete(("interfaces", "tunnel", "tun1", "mtu")), ["vyos@r1# set interfaces tunnel tun1 mtu '1300'"], ["set interfaces tunnel tun1"]),
        (SET, Rename(TUN0, "tun7"), SET.splitlines()[1:4], [line.replace("tun0", "tun7") for line in SET.splitlines()[1:4]]),
        (BRACES, Put((*TUN0, "address", "10.0.0.5/30")), [], ["\t\taddress 10.0.0.5/30"]),
        (BRACES, Put((*TUN0, "enable-multicast")), [], ["\t\tenable-multicast"]),
        (BRACES, Put(("interfaces", "tunnel", "tun1", "mtu", "1300")), ["    tunnel tun1 { }   // spare"],
         ["    tunnel tun1 { ", "        mtu 1300", "    }   // spare"]),
        (BRACES, Delete((*TUN0, "mtu")), ["\t\t/* small */", "\t\tmtu 1400"], []),
        (BRACES, Delete(("interfaces", "tunnel", "tun1")), ["    tunnel tun1 { }   // spare"], ["       // spare"]),
        (BRACES, SetValue(("system", "host-name"), "a b"), ["    host-name r1"], ['    host-name "a b"']),
        (JSON, Put((*TUN0, "enable-multicast")), ['    "tun0": {"address": ["10.0.0.1/30", "10.0.0.5/30"], "mtu": "1400"},'],
         ['    "tun0": {"address": ["10.0.0.1/30", "10.0.0.5/30"], "mtu": "1400", "enable-multicast": {}},']),
        (JSON, Delete((*TUN0, "address", "10.0.0.1/30")), ['    "tun0": {"address": ["10.0.0.1/30", "10.0.0.5/30"], "mtu": "1400"},'],
         ['    "tun0": {"address": ["10.0.0.5/30"], "mtu": "1400"},']),
        (JSON, Put((*TUN0, "mtu", "1280")), ['    "tun0": {"address": ["10.0.0.1/30", "10.0.0.5/30"], "mtu": "1400"},'],
         ['    "tun0": {"address": ["10.0.0.1/30", "10.0.0.5/30"], "mtu": ["1400", "1280"]},']),
        (JSON, SetValue((*TUN0, "address"), "x"), ['    "tun0": {"address": ["10.0.0.1/30", "10.0.0.5/30"], "mtu": "1400"},'],
         ['    "tun0": {"address": ["x"], "mtu": "1400"},']),
        (JSON, Put(("interfaces", "tunnel", "tun1", "mtu", "1300")), ['    "tun1": {}'], ['    "tun1": {', '        "mtu": "1300"', "    }"]),
    ],
)  # fmt: skip
def test_an_edit_changes_these_lines_and_no_other(
    text: str, change: Change, gone: list[str], come: list[str]
) -> None:
    removed, added = diff(text, change)
    assert removed == gone
    assert [line for line in added if line not in ("    }", "    }   // spare")] == [
        line for line in come if line not in ("    }", "    }   // spare")
    ]


def test_what_is_new_stands_with_its_like() -> None:
    new = edit(
        read(BRACES, "x"), [Put((*TUN0, "address", "10.0.0.5/30")), Put(("interfaces", "dummy", "dum0"))], shape_of
    )
    line = "\t\taddress 10.0.0.1/30\n"
    tun1 = "    tunnel tun1 { }   // spare\n"
    dum0 = "    dummy dum0 {\n    }\n"
    assert new == BRACES.replace(line, line + line.replace("1/30", "5/30")).replace(tun1, tun1 + dum0)


def test_several_changes_see_each_other() -> None:
    for text in (SET, BRACES, JSON):
        new = edit(
            read(text, "x"), [Put(("vpn", "ipsec", "interface", "eth0")), Rename(TUN0, "tun7"), Delete(("vpn",))]
        )
        assert new == re.sub("tun0", "tun7", text) + ("\n" if not text.endswith("\n") else "")


def test_comments_go_with_their_node_and_only_with_it() -> None:
    assert "to the west" not in edit(read(SET, "x"), [Delete(TUN0)], shape_of)
    assert "to the west" in edit(read(SET, "x"), [Delete((*TUN0, "mtu"))], shape_of)
    assert "small" in edit(read(BRACES, "x"), [Delete((*TUN0, "address"))], shape_of)
    assert "ours" not in edit(read(BRACES, "x"), [Delete(("interfaces",))], shape_of)


def test_what_a_later_delete_would_undo_goes_behind_it() -> None:
    text = "set a b c1\nset a d\ndelete a b\n"
    assert edit(read(text, "x"), [Put(("a", "b", "c2"))]) == text.replace("set a d\n", "set a d\n") + "set a b c2\n"


@pytest.mark.parametrize(
    ("text", "change"),
    [
        (SET, Delete(("interfaces", "bridge"))),
        (SET, Rename(("interfaces", "bridge"), "x")),
        (SET, Put(())),
        (BRACES, SetValue(("interfaces", "tunnel"), "x")),
        (JSON, Put((*TUN0, "mtu", "1400", "why"))),
    ],
)
def test_what_cannot_be_done_is_refused(text: str, change: Change) -> None:
    with pytest.raises(CannotEdit):
        edit(read(text, "x"), [change], shape_of)


def test_a_word_that_the_syntax_cannot_carry_is_refused() -> None:
    with pytest.raises(UnprintableWord):
        edit(read(BRACES, "x"), [SetValue(("system", "host-name"), "a'b\"c")], shape_of)
    with pytest.raises(UnprintableWord):
        edit(read(BRACES, "x"), [Rename(("system",), "a b")], shape_of)


def test_no_change_is_no_change() -> None:
    for text in (SET, BRACES, JSON):
        document: Document = read(text, "x")
        assert edit(document, [], shape_of) == text
        assert edit(document, [Put((*TUN0, "mtu", "1400")), SetValue((*TUN0, "mtu"), "1400")], shape_of) == text


FILES = Path(__file__).parents[2].parent / "shared" / "oracles" / "vyos-configs"
REAL = sorted([*FILES.glob("*.boot"), *FILES.glob("*.expected.set")])


@pytest.mark.skipif(not REAL, reason="the real configurations are not here")
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_an_edit_of_a_real_file_changes_what_it_names(path: Path) -> None:
    document = read(path.read_text("utf-8"), path.name)
    before = content(document.root)
    paths = [path for path, _ in document.root.walk()]
    chance = random.Random(path.name)
    for _ in range(12):
        here = chance.choice(paths)
        deleted = content(read(edit(document, [Delete(here)], shape_of), "x").root)
        assert deleted < before
        assert all(gone[: len(here)] == here or here[: len(gone)] == gone for gone, _ in before - deleted)
        put = content(read(edit(document, [Put((*here[:2], "new-word", "10"))], shape_of), "x").root)
        assert put - before == {((*here[:2], "new-word"), None), ((*here[:2], "new-word", "10"), None)}
        assert put > before
        renamed = content(read(edit(document, [Rename(here, "new-word")], shape_of), "x").root)
        assert renamed == {
            ((*here[:-1], "new-word", *words[len(here) :]) if words[: len(here)] == here else words, comment)
            for words, comment in before
        }
