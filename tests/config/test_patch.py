"""A patched text says what the new tree says, and keeps every line that need not change."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sapper.config.patch import patch
from sapper.config.print_braces import print_braces
from sapper.config.print_set import print_set
from sapper.config.read import read
from sapper.config.shape import nothing_known
from sapper.config.tree import Document, Node
from sapper.config.upgrade.graft import copy, move, rename_word, take

BRACES = """\
interfaces {
    /* first */
    dummy dum0 {
        address 192.0.2.1/32
        address 192.0.2.2/32
        disable
    }
    tunnel tun0 {
        local-ip 192.0.2.1
        mtu "1400"
    }

    // a remark that belongs to nothing
    tunnel tun1 {
    }
}
system {
    host-name r1
}
"""
SET = """\
vyos@r1# set interfaces dummy dum0 address '192.0.2.1/32'
  set interfaces dummy dum0 address '192.0.2.2/32'
set interfaces dummy dum0 disable
# a remark
set interfaces tunnel tun0 local-ip 192.0.2.1
comment interfaces tunnel tun0 'to the west'
set interfaces tunnel tun0 mtu '1400'
set system host-name r1
"""


def patched(text: str, change: str) -> str:
    """The text after one of the changes that upgrades make, done on its tree."""
    document = read(text, "x")
    root = copy(document.root)
    tunnel = root.find("interfaces", "tunnel", "tun0")
    interfaces = root.child("interfaces")
    assert tunnel is not None
    assert interfaces is not None
    if change == "rename":
        rename_word(tunnel, "local-ip", "source-address")
    elif change == "drop":
        take(tunnel, "mtu")
    elif change == "tag":
        names = interfaces.children["tunnel"]
        rename_word(names, "tun0", "tun7")
    elif change == "move":
        moved = take(interfaces, "dummy")
        assert moved is not None
        move(moved, root.children["system"], "dummy")
    result = patch(document, root, nothing_known)
    assert result is not None
    return result


def test_nothing_changed_is_the_same_text() -> None:
    for text in (BRACES, SET, BRACES.replace("\n", "\r\n"), SET.replace("\n", "\r\n")):
        assert patched(text, "nothing") == text


def test_a_word_is_replaced_where_it_stands() -> None:
    assert patched(BRACES, "rename") == BRACES.replace("local-ip", "source-address")
    assert patched(SET, "rename") == SET.replace("local-ip", "source-address")
    assert patched(BRACES, "tag") == BRACES.replace("tun0", "tun7")
    assert sorted(patched(SET, "tag").splitlines()) == sorted(SET.replace("tun0", "tun7").splitlines())


def test_what_is_gone_takes_its_line() -> None:
    assert patched(BRACES, "drop") == BRACES.replace('        mtu "1400"\n', "")
    assert patched(SET, "drop") == SET.replace("set interfaces tunnel tun0 mtu '1400'\n", "")


def test_what_moved_takes_its_comment() -> None:
    moved = patched(BRACES, "move")
    assert "    host-name r1\n    dummy {\n" in moved or "    host-name r1\n    dummy dum0 {\n" in moved
    assert moved.count("/* first */") == 1
    assert "    // a remark that belongs to nothing\n" in moved


WORDS = st.sampled_from(["a", "b", "c", "eth0", "192.0.2.1", "x y", "10"])
PATHS = st.lists(st.lists(WORDS, min_size=1, max_size=4), min_size=1, max_size=8)
NAMES = st.sampled_from(["interfaces", "system", "vpn"])


@st.composite
def trees(draw: st.DrawFn) -> Node:
    root = Node("")
    for path in draw(PATHS):
        node = root.add(draw(NAMES))
        for index, word in enumerate(path):
            node = node.add(f"w{index}" if index % 2 == 0 else word)
    return root


@given(trees(), trees(), st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_tree_is_reached_or_refused(before: Node, after: Node, braces: bool) -> None:
    document: Document = read(print_braces(before) if braces else print_set(before), "x")
    text = patch(document, after, nothing_known)
    if text is not None:
        assert set(read(text, "x").root.leaves()) == set(after.leaves())
    same = patch(document, copy(document.root), nothing_known)
    assert same == document.source.text
