"""Reads share links of the articles' author's web calculator, gives its sum, and says where it is not right.

A link carries ``?protocols=IPv4,GRE,GRE-key,IPv6``: names from the outermost inwards, an option behind its protocol.
The calculator adds fixed numbers up and takes the sum off the link's MTU, so it is right wherever plain headers are
written out in full. Each difference is one record with its bytes; together they make up the whole difference.
"""

from __future__ import annotations

from typing import NamedTuple

from sapper.mtu.misread import WrongStack, nearest

BYTES: dict[str, int] = {
    "Ethernet": 14,
    "PPPoE": 8,
    "IPv4": 20,
    "IPv6": 40,
    "UDP": 8,
    "TCP": 20,
    "MPLS": 4,
    "L2TPv3": 8,
    "GRE": 4,
    "LISP": 16,
    "VXLAN": 16,
    "NVGRE": 8,
    "STT": 38,
    "GENEVE": 8,
    "WireGuard": 40,
    "GRE-key": 4,
    "GRE-sequence-number": 4,
    "Ethernet-VLAN": 4,
    "Ethernet-QinQ": 4,
    "Ethernet-MACSec": 32,
}
"""The calculator's own numbers. LISP, VXLAN and WireGuard include UDP, STT its TCP-like header."""

SHORTCUTS: dict[str, tuple[str, ...]] = {
    "EoIP": ("IPv4", "GRE", "Ethernet"),
    "IPIP": ("IPv4", "IPv4"),
    "SIT (6in4)": ("IPv4", "IPv6"),
    "SIT": ("IPv4", "IPv6"),
    "IP6IP6": ("IPv6", "IPv6"),
}
_LAYERS = {"Ethernet-VLAN": "vlan", "Ethernet-QinQ": "vlan", "Ethernet-MACSec": "macsec"}
_OPTIONS = {"GRE-key": ("gre", "key"), "GRE-sequence-number": ("gre", "seq")}
_HAVE_UDP = frozenset({"LISP", "VXLAN", "WireGuard"})
_NEED_FRAME = frozenset({"VXLAN", "NVGRE", "STT", "GENEVE", "L2TPv3"})
_OF_FRAME = frozenset({"Ethernet", "Ethernet-VLAN", "Ethernet-QinQ"})


class Difference(NamedTuple):
    """``bytes`` is what must be added to the calculator's sum, so it is negative where it counts too much."""

    bytes: int
    reason: str


class SharedLink(NamedTuple):
    """``names`` in the calculator's spelling, ``sum`` its overhead, ``stack`` the same in the stack language."""

    names: tuple[str, ...]
    sum: int
    stack: str
    differences: tuple[Difference, ...]


def read_link(text: str) -> SharedLink:
    """Read a share link. Raises WrongStack for a name that the calculator does not have, or options out of place."""
    names = _names(text)
    return SharedLink(names, sum(BYTES[name] for name in names), _stack_text(names), tuple(_differences(names)))


def _names(text: str) -> tuple[str, ...]:
    from urllib.parse import unquote_plus

    at = text.lower().find("protocols=")
    if at < 0:
        raise WrongStack("a share link of the calculator has ?protocols=… in it")
    value = unquote_plus(text[at + len("protocols=") :].split("&")[0].split("#")[0])
    spelling = {name.lower(): (name,) for name in BYTES} | {name.lower(): many for name, many in SHORTCUTS.items()}
    names: list[str] = []
    for word in filter(None, (part.strip() for part in value.replace(";", ",").replace("/", ",").split(","))):
        if word.lower() not in spelling:
            hint = nearest(word.lower(), spelling) or f"; it has {', '.join(BYTES)}"
            raise WrongStack(f"the calculator has no protocol {word!r}{hint}")
        names.extend(spelling[word.lower()])
    if not names:
        raise WrongStack("the share link names no protocol")
    return tuple(names)


def _stack_text(names: tuple[str, ...]) -> str:
    layers: list[str] = []
    for name in names:
        if name in _OPTIONS:
            word, option = _OPTIONS[name]
            if not layers or layers[-1].partition(":")[0] != word:
                raise WrongStack(f"in the share link {name} does not stand behind {word.upper()}")
            layers[-1] += ("," if ":" in layers[-1] else ":") + option
        else:
            layers.append(_LAYERS.get(name, name.lower()))
    return "/".join(layers)


def _differences(names: tuple[str, ...]) -> list[Difference]:
    found: list[Difference] = []
    frame = 0
    while frame < len(names) and names[frame] in _OF_FRAME:
        frame += 1
    if frame:
        outside = sum(BYTES[name] for name in names[:frame])
        found.append(Difference(-outside, "the outermost Ethernet header is not part of a link's MTU"))
    for at, name in enumerate(names):
        outer = names[at - 1] if at else ""
        inner = names[at + 1] if at + 1 < len(names) else ""
        if name in _HAVE_UDP and outer == "UDP":
            found.append(Difference(-8, f"its {name} has UDP in it already"))
        if name == "GENEVE" and outer != "UDP":
            found.append(Difference(8, "its GENEVE lacks the UDP header that is always there"))
        if name == "L2TPv3" and outer != "UDP":
            found.append(Difference(-4, "right over IP, L2TPv3 has 4 bytes without a cookie, not 8"))
        if name in _NEED_FRAME and inner != "Ethernet":
            found.append(Difference(14, f"what is in {name} is an Ethernet frame, whose header it lacks"))
    return found
