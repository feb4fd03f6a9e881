"""The web calculator's share links: its protocols, options and shortcuts, its sums, and where they are not right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.mtu.calculator import BYTES, SHORTCUTS, read_link
from sapper.mtu.misread import WrongStack
from sapper.mtu.parse import parse
from sapper.mtu.sizes import sizes

# The calculator's own figures, from shared/reference/sizes.md and its page.
ITS_PROTOCOLS = {
    "Ethernet": 14, "PPPoE": 8, "IPv4": 20, "IPv6": 40, "UDP": 8, "TCP": 20, "MPLS": 4, "L2TPv3": 8, "GRE": 4,
    "LISP": 16, "VXLAN": 16, "NVGRE": 8, "STT": 38, "GENEVE": 8, "WireGuard": 40,
}  # fmt: skip
ITS_OPTIONS = {
    "GRE-key": 4,
    "GRE-sequence-number": 4,
    "Ethernet-VLAN": 4,
    "Ethernet-QinQ": 4,
    "Ethernet-MACSec": 32,
}
LINK = "https://example.net/tools/encapcalc?protocols="

RIGHT = {
    "IPv4,GRE": 24,
    "IPv4,GRE,GRE-key,GRE-sequence-number,IPv4,TCP": 20 + 12 + 40,
    "IPv4,GRE,IPv6,TCP": 20 + 4 + 60,
    "PPPoE,IPv4,TCP": 48,
    "MPLS,MPLS,IPv4": 28,
    "IPv6,IPv6,TCP": 100,
    "IPv4,WireGuard,IPv4,TCP": 20 + 40 + 40,
    "IPv4,LISP,IPv4": 20 + 16 + 20,
    "IPv4,VXLAN,Ethernet,IPv4": 20 + 16 + 14 + 20,
    "IPv4,VXLAN,Ethernet,Ethernet-VLAN,IPv4": 20 + 16 + 18 + 20,
    "IPv4,NVGRE,Ethernet": 20 + 8 + 14,
    "IPv4,STT,Ethernet": 20 + 38 + 14,
    "IPv4,UDP,GENEVE,Ethernet": 20 + 8 + 8 + 14,
    "IPv4,UDP,L2TPv3,Ethernet": 20 + 8 + 8 + 14,
}
WRONG = {
    "Ethernet,IPv4,GRE": (38, [-14]),
    "Ethernet,Ethernet-VLAN,Ethernet-QinQ,IPv4": (42, [-22]),
    "Ethernet,Ethernet-MACSec,IPv4": (66, [-14]),
    "IPv4,UDP,VXLAN,Ethernet": (58, [-8]),
    "IPv4,VXLAN,IPv4": (56, [14]),
    "IPv4,UDP,WireGuard": (68, [-8]),
    "IPv4,GENEVE": (28, [8, 14]),
    "IPv4,L2TPv3": (28, [-4, 14]),
}


def room(names: str, link: int = 1500) -> int:
    """The payload that our own sizes leave."""
    return sizes(parse(read_link(LINK + names).stack)).payload_room(link)


def test_all_its_protocols_and_options_are_known() -> None:
    assert {**ITS_PROTOCOLS, **ITS_OPTIONS} == BYTES
    assert len(ITS_PROTOCOLS) == 15
    assert len(ITS_OPTIONS) == 5


@pytest.mark.parametrize(
    ("shortcut", "overhead"), [("EoIP", 38), ("IPIP", 40), ("SIT (6in4)", 60), ("SIT", 60), ("IP6IP6", 80)]
)
def test_its_shortcuts_come_out(shortcut: str, overhead: int) -> None:
    shared = read_link(LINK + shortcut)
    assert shared.sum == overhead
    assert shared.names == SHORTCUTS[shortcut]
    assert room(shortcut) == 1500 - overhead
    assert shared.differences == ()


@pytest.mark.parametrize("names", RIGHT)
def test_where_it_is_right_the_answer_is_the_same(names: str) -> None:
    shared = read_link(LINK + names)
    assert shared.sum == RIGHT[names]
    assert shared.differences == ()
    assert room(names) == 1500 - shared.sum


@pytest.mark.parametrize("names", WRONG)
def test_where_it_is_not_right_every_byte_is_explained(names: str) -> None:
    overhead, differences = WRONG[names]
    shared = read_link(LINK + names)
    assert shared.sum == overhead
    assert [difference.bytes for difference in shared.differences] == differences
    assert room(names) == 1500 - overhead - sum(differences)


BELOW = (
    "",
    "Ethernet,",
    "Ethernet,Ethernet-VLAN,Ethernet-QinQ,",
    "Ethernet,Ethernet-MACSec,",
    "PPPoE,",
    "MPLS,MPLS,",
)
TUNNELS = (
    "IPv4,GRE", "IPv6,GRE,GRE-key,GRE-sequence-number", "IPv4,GRE,Ethernet", "IPv4", "IPv6", "IPv4,VXLAN",
    "IPv4,UDP,VXLAN", "IPv6,UDP,VXLAN,Ethernet", "IPv4,VXLAN,Ethernet,Ethernet-VLAN", "IPv4,NVGRE",
    "IPv4,NVGRE,Ethernet", "IPv4,STT", "IPv6,STT,Ethernet,Ethernet-MACSec", "IPv4,GENEVE", "IPv4,UDP,GENEVE",
    "IPv4,GENEVE,Ethernet", "IPv4,L2TPv3", "IPv4,UDP,L2TPv3", "IPv6,UDP,L2TPv3,Ethernet", "IPv4,LISP",
    "IPv4,UDP,LISP", "IPv4,WireGuard", "IPv6,UDP,WireGuard",
)  # fmt: skip
ABOVE = ("", ",IPv4", ",IPv4,TCP", ",IPv6,UDP")


@given(
    st.sampled_from(BELOW),
    st.lists(st.sampled_from(TUNNELS), min_size=1, max_size=4).map(",".join),
    st.sampled_from(ABOVE),
    st.integers(1200, 9000),
)
def test_the_differences_make_up_the_whole_difference(below: str, tunnels: str, above: str, link: int) -> None:
    shared = read_link(f"{LINK}{below}{tunnels}{above}")
    known = sizes(parse(shared.stack))
    assert known.payload_room(link) == link - shared.sum - sum(one.bytes for one in shared.differences)


def test_names_are_read_in_any_case_and_encoding() -> None:
    plain = read_link(LINK + "IPv4,GRE,GRE-key,IPv6")
    assert read_link("?protocols=ipv4%2Cgre%2CGRE-KEY%2Cipv6&x=1#top") == plain
    assert read_link("HTTPS://X/?a=b&PROTOCOLS=ipv4,%20gre,gre-key,ipv6") == plain


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ("https://example.net/", "a share link of the calculator has ?protocols=… in it"),
        (LINK, "the share link names no protocol"),
        (LINK + "IPv4,GRRE", "the calculator has no protocol 'GRRE'; did you mean 'gre'?"),
        (LINK + "IPv4,GRE-key", "in the share link GRE-key does not stand behind GRE"),
    ],
)
def test_a_link_that_cannot_be_read_gets_one_line(link: str, message: str) -> None:
    with pytest.raises(WrongStack) as refused:
        read_link(link)
    assert str(refused.value) == message
