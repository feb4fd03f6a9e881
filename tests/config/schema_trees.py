"""Trees of random paths through the schema, with values of any text, for tests of readers, printers and edits."""

from __future__ import annotations

from hypothesis import strategies as st

from sapper.config.tree import Node
from sapper.schema.register import SCHEMA

VALUES = st.one_of(
    st.sampled_from(
        ["10.0.0.1/30", "gre", "tun0", "1400", "", "a b", 'say "x"', "it's", "C:\\", "é", "\udcff", "{", "#1"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\0\r\ufeff'"), min_size=1, max_size=8),
)
TAGS = st.sampled_from(["tun0", "10", "10.0.0.0/8", "@west", "FOO-1", "a b", "x \\n", "2001:db8::1"])
COMMENTS = st.sampled_from([None, None, None, "why", "it's so", 'two "words"', "é \udcff", "two\nlines"])


@st.composite
def configurations(draw: st.DrawFn) -> Node:
    """A tree of random paths through the schema, with values of any text."""
    root = Node("")
    for _ in range(draw(st.integers(1, 8))):
        node, word = root, SCHEMA
        while word.children or word.instance:
            below = draw(st.sampled_from(sorted(word.children) if word.children else ["*"]))
            if word.option.kind == "tag" or not word.children:
                assert word.instance is not None
                node, word = node.add(draw(TAGS)), word.instance
            else:
                node, word = node.add(below), word.children[below]
            if word.option.kind not in ("tag",) and not node.comment:
                node.comment = draw(COMMENTS)
            if draw(st.integers(0, 9)) == 0:
                break
        if word.option.kind in ("leaf", "multi"):
            for value in draw(st.lists(VALUES, max_size=1 if word.option.kind == "leaf" else 3)):
                node.add(value)
    return root


def content(node: Node) -> list[tuple[tuple[str, ...], str | None]]:
    """Every path with its comment. The order of siblings counts, except where a printer must gather them."""
    return [(path, below.comment) for path, below in node.walk()]
