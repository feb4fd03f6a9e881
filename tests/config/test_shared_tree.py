"""What an upgrade leaves alone is there once: the tree with shared nodes says what the copy did, and so do views."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sapper.config.generation import has, recognise_generation
from sapper.config.read import read
from sapper.config.set_syntax import read_set
from sapper.config.tree import Document, Node, Source
from sapper.config.upgrade import upgrade
from sapper.config.upgrade.graft import copy, share
from sapper.config.upgrade.register import needed, run

PEER = "vpn ipsec site-to-site peer"
COMMANDS = st.sampled_from(
    [
        "interfaces tunnel tun0 local-ip 192.0.2.1",
        "interfaces tunnel tun0 source-address 192.0.2.1/24",
        "interfaces tunnel tun0 encapsulation gre-bridge",
        "interfaces tunnel tun0 encapsulation gre",
        "interfaces tunnel tun0 mtu 1400",
        "interfaces tunnel tun1 address 10.0.0.1/30",
        "interfaces tunnel tun1 address 10.0.0.5/30",
        "interfaces tunnel tun1 parameters ip bridge-group bridge br0",
        "interfaces tunnel tun1 parameters ip key 7",
        "interfaces tunnel tun1 multicast disable",
        "interfaces tunnel tun1",
        f"{PEER} 192.0.2.9 authentication pre-shared-secret s",
        f"{PEER} 192.0.2.9 ike-group I",
        f"{PEER} east remote-address 192.0.2.9",
        f"{PEER} east tunnel 1 allow-nat-networks disable",
        f"{PEER} east tunnel 1 protocol gre",
        "vpn ipsec ike-group I mobike disable",
        "protocols static route 10.1.0.0/16 interface tun0",
        "protocols static interface-route 10.2.0.0/16 next-hop-interface tun1",
    ]
)


def shape(node: Node) -> object:
    return [(path, below.spans, below.extent, below.comment) for path, below in node.walk()]


def document(commands: list[str]) -> Document:
    return read_set(Source("x", "".join(f"set {command}\n" for command in commands)))


def copied(found: Document) -> Node:
    """The upgraded tree before anything of it is shared."""
    generation = recognise_generation(found)
    root = copy(found.root)
    for step in needed(found, generation):
        run(step, root, found, generation)
    return root


@given(st.lists(COMMANDS, max_size=10))
@settings(max_examples=100, deadline=None)
def test_sharing_changes_neither_tree(commands: list[str]) -> None:
    wanted = shape(copied(document(commands)))
    found = document(commands)
    before = shape(document(commands).root)
    assert shape(share(copied(found))) == wanted
    assert shape(found.root) == before
    assert shape(upgrade(document(commands)).root) == wanted


def change(root: Node, edits: list[tuple[int, str]]) -> None:
    """Add, drop or mark at the numbered nodes of the tree, as far as it goes."""
    for number, what in edits:
        nodes = [(root, root), *((root.find(*path[:-1]) or root, node) for path, node in root.walk())]
        parent, node = nodes[number % len(nodes)]
        if what == "drop":
            parent.children.pop(node.word, None)
        elif what == "add":
            node.add("new")
        elif what == "move to the end":
            parent.children.update({node.word: parent.children.pop(node.word, node)} if node is not root else {})
        else:
            node.comment = what


@given(
    st.lists(COMMANDS, max_size=6),
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["drop", "add", "move to the end", "why"])), max_size=3),
)
@settings(max_examples=120, deadline=None)
def test_no_change_to_a_copy_is_lost_by_sharing(commands: list[str], edits: list[tuple[int, str]]) -> None:
    found, other = document(commands), document(commands)
    for root in (found.root, other.root):
        has(root, ("*",) * 5)  # as for an upgrade: only what was made can be shared
    alone, shared = copy(other.root), copy(found.root)
    change(alone, edits)
    change(shared, edits)
    assert shape(share(shared)) == shape(alone)
    assert shape(found.root) == shape(document(commands).root)


@given(st.lists(COMMANDS, max_size=10))
@settings(max_examples=60, deadline=None)
def test_looking_finds_what_finding_finds_and_keeps_nothing(commands: list[str]) -> None:
    walked = [path for path, _ in document(commands).root.walk()]
    for root in (document(commands).root, copy(document(commands).root)):
        for path in [*walked, ("interfaces", "none"), ("interfaces", "tunnel", "tun0", "mtu", "1400", "more")]:
            looked = root.look(*path)
            kept = [] if looked is None else [looked.word, looked.spans, looked.extent, list(looked.view)]
            found = root.find(*path)
            assert kept == ([] if found is None else [found.word, found.spans, found.extent, list(found.children)])


def test_what_stays_is_shared_and_what_changes_is_not() -> None:
    text = "interfaces {\n tunnel tun0 {\n  mtu 1400\n }\n tunnel tun1 {\n  local-ip 192.0.2.1\n  mtu 1400\n }\n}\n"
    found = read(text, "x")
    root = upgrade(found).root
    for path, is_shared in ((("tun0",), True), (("tun1",), False), (("tun1", "mtu"), True)):
        mine = root.find("interfaces", "tunnel", *path)
        assert (mine is found.root.find("interfaces", "tunnel", *path)) == is_shared, path


def test_a_value_that_stands_alone_is_not_kept_when_looked_at() -> None:
    leaf = document(["interfaces tunnel tun0 mtu 1400"]).root.find("interfaces", "tunnel", "tun0", "mtu")
    assert leaf is not None
    assert leaf.lone == "1400"
    value = leaf.look("1400")
    assert value is not None
    assert value.spans
    assert leaf.lone == "1400"
    assert leaf.child("1500") is None
    assert leaf.lone == "1400"
    assert leaf.find("1400") is leaf.find("1400")
    assert leaf.lone is None
