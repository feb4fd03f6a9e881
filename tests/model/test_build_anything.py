"""Any tree of any words gives a Router; nothing that a text can say makes the builders fall over."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from router_from_text import built_from

from sapper.config.tree import Node, Span
from sapper.model.build import build
from sapper.schema.option import Option
from sapper.schema.register import OPTIONS

VALUES = st.one_of(
    st.sampled_from(
        [
            *("eth0", "tun0", "vti0", "dum0", "br0", "lo", "1", "0", "10", "-1", "99999999999999999999", "٣"),
            *("192.0.2.1", "192.0.2.1/24", "192.0.2.0/24", "::", "::/0", "0.0.0.0", "0.0.0.0/0", "1.2.3.4/33"),
            *(
                "2001:db8::1",
                "2001:db8::1/64",
                "any",
                "!any",
                "%any",
                "dhcp",
                "gre",
                "ipip",
                "sit",
                "ip6gre",
                "a-b",
            ),
            *("192.0.2.1-192.0.2.9", "!192.0.2.1", "*", "eth*", "@west", "x y", "tcp_udp", "!all", "respond"),
        ]
    ),
    st.text(max_size=6),
)


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    """A path of the schema with any names and any value, or any words at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.lists(VALUES, min_size=1, max_size=6))
    option: Option = draw(st.sampled_from(OPTIONS))
    words = [draw(VALUES) if word == "*" else word for word in option.words]
    return words + draw(st.lists(VALUES, max_size=2))


@given(st.lists(lines(), max_size=15))
def test_any_tree_gives_a_router(paths: list[list[str]]) -> None:
    root = Node("")
    for at, path in enumerate(paths):
        node = root
        for word in path:
            node = node.add(word, Span(at, at + 1))
    built = build(root, "1.4", "east")
    assert built.router.name == "east"
    for assumed in built.defaulted:
        assert assumed.code.startswith("CFG3")


@given(st.lists(lines(), max_size=8))
def test_any_set_commands_give_a_router(paths: list[list[str]]) -> None:
    text = "set interfaces dummy dum0\n"
    for path in paths:
        words = [word.replace("'", "").replace("\n", "") or "x" for word in path]
        text += "set " + " ".join(f"'{word}'" for word in words) + "\n"
    built_from(text.replace("\0", ""))
