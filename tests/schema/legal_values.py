"""Legal configurations made from the schema itself: good values for any option, and whole lines of words."""

from __future__ import annotations

from sapper.config.tree import Node, Span
from sapper.schema.option import Option
from sapper.schema.register import OPTIONS

KEY = "aGx+fvW916Ej7QRnBbW3QMoldhNv1u95/WHz45zDmF0="
SAMPLES = (
    *("1", "2", "10", "64", "100", "500", "1400", "1500", "4000000000", "0x1f", "7fff"),
    *("eth0", "bond0", "br0", "dum0", "lo", "pppoe0", "tun0", "vti0", "wg0", "vxlan0", "gnv0", "l2tpeth0"),
    *("west", "RED", "192.0.2.1", "2001:db8::1", "192.0.2.1/24", "192.0.2.0/24", "2001:db8::/64", "2001:db8::1/64"),
    *("192.0.2.0/25", "2001:db8:1::/48", "192.0.2.1-192.0.2.9", "239.0.0.1", "00:53:00:00:00:01"),
    *("any", "gre", "47", "dhcp", "10/second", "12ab", "!192.0.2.0/24", "west.example", KEY),
)
TAGS = {option.path: option for option in OPTIONS if option.kind == "tag"}


def good_values(option: Option) -> list[str]:
    """Values that the option's type takes, its fixed words first; never the default."""
    candidates = (*option.type.words, *SAMPLES)
    good = [text for text in candidates if option.type.refuse(text) is None and text != option.default]
    return list(dict.fromkeys(good))


def legal_path(option: Option) -> list[str]:
    """The option's words with a good name for every tag."""
    words: list[str] = []
    for depth, word in enumerate(option.words):
        tag = TAGS.get(" ".join(option.words[:depth]))
        words.append(good_values(tag)[0] if word == "*" and tag is not None else word)
    return words


def legal_line(option: Option) -> list[str]:
    """A whole line that sets the option, to something else than its default where it has one."""
    words = legal_path(option)
    if option.kind in ("leaf", "multi", "tag"):
        words.append((good_values(option) or [option.default or ""])[0])
    return words


def tree_of(*lines: str | list[str]) -> Node:
    """A tree of paths of words; the places count the words."""
    root = Node("")
    at = 0
    for line in lines:
        node = root
        for word in line.split() if isinstance(line, str) else line:
            node = node.add(word, Span(at, at + 1))
            at += 1
    return root
