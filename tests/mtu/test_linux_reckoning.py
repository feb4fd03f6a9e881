"""What Linux 6.1 told of the path and let through, where that is not what fits; measured in the guest, not computed."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stack_strategy import stacks

from sapper.mtu.linux import lets_through, reckons
from sapper.mtu.parse import parse
from sapper.mtu.report import Questions, stack_report
from sapper.mtu.sizes import sizes

# Stack and link: what fits, and the path's MTU that the kernel told after a packet of one byte more.
TOLD = {
    ("ipv4/udp/esp:aes128-sha1_160,beet/ipv4/ipv4", 1999): (1918, 1902),
    ("ipv4/esp:cast128-sha1,beet/ipv4/gre:key/ipv6", 1492): (1430, 1422),
    ("ipv4/esp:aes128-aescmac,beet/ipv4", 9000): (8962, 8946),
    ("ipv4/esp:blowfish128-sha256,beet/ipv6", 9000): (8982, 8962),
    ("ipv4/udp/esp:aes256-sha256,beet/ipv6", 1492): (1462, 1442),
    ("ipv6/esp:aes128gcm96,beet/ipv4", 1280): (1230, 1222),
    ("ipv6/esp:aes128-aescmac,beet/ipv4", 1280): (1218, 1206),
    ("ipv6/esp:aes128gmac,beet/ipv4", 1999): (1942, 1934),
    ("ipv6/esp:twofish128-sha256,beet/ipv4", 1999): (1922, 1926),
    ("ipv6:encaplimit/esp:aes256-sha512,transport/gre:key/ipv6", 1460): (1334, 1342),
    ("ipv6:encaplimit/udp/esp:aes128-sha1,transport/ipv6", 1460): (1358, 1366),
}
# The device asks nobody for the path's MTU: what fits goes through.
EXACT = {
    ("ipv4/esp:aes128-md5,beet/ipv4/udp/l2tpv3:cookie=4,sublayer/ipv6", 1400): 1304,
    ("ipv4/udp/esp:aes128gmac,beet/ipv4/l2tpv3:cookie=8/ipv4", 9000): 8912,
}


@pytest.mark.parametrize(("text", "link"), TOLD)
def test_the_kernel_reckons_otherwise(text: str, link: int) -> None:
    exact, told = TOLD[text, link]
    stack = parse(text)
    assert sizes(stack).largest(link) == exact
    assert reckons(stack, link) == told
    assert lets_through(stack, link) == min(exact, told)


@pytest.mark.parametrize(("text", "link"), EXACT)
def test_what_does_not_ask_takes_what_fits(text: str, link: int) -> None:
    stack = parse(text)
    assert lets_through(stack, link) == sizes(stack).largest(link) == EXACT[text, link]


def test_geneve_with_a_bare_packet_still_pays_for_a_frame() -> None:
    for inside in ("udp/geneve:ip/ipv4", "udp/geneve:ip/ipv6"):
        stack = parse(f"ipv6/ah:md5/{inside}")
        assert (sizes(stack).largest(1400), lets_through(stack, 1400)) == (1320, 1306)
    assert lets_through(parse("ipv4/udp/geneve/ipv4"), 1500) == sizes(parse("ipv4/udp/geneve/ipv4")).largest(1500)


@given(stacks(), st.integers(1280, 9216))
def test_linux_never_lets_more_through_than_fits(text: str, link: int) -> None:
    stack = parse(text)
    known = sizes(stack)
    # BEET across families and GENEVE may leave no room at all.
    assume(known.fitting(link) >= known.least + 100)
    assert lets_through(stack, link) <= known.largest(link)


@pytest.mark.parametrize(
    ("text", "link", "note"),
    [
        (
            "ipv4/esp:aes256-sha512,beet/ipv4/tcp",
            1500,
            "Linux keeps room that is not needed: it tells a path MTU of 1426",
        ),
        (
            "ipv6:encaplimit/esp:aes256-sha512,transport/gre:key/ipv6",
            1508,
            "Linux tells a path MTU of 1390: packets of 1383 to 1390 are lost or cut",
        ),
    ],
)
def test_the_report_says_what_linux_makes_of_it(text: str, link: int, note: str) -> None:
    assert stack_report(parse(text), Questions(link=link))["notes"] == [note]


def test_ah_is_padded_to_eight_where_nobody_asks_for_four() -> None:
    for word, four, eight in (("sha256", 28, 32), ("sha1", 24, 24), ("sha384", 36, 40), ("sha512", 44, 48)):
        assert sizes(parse(f"ipv4/ah:{word}/ipv4")).largest(1500) == 1480 - four
        assert sizes(parse(f"ipv4/ah:{word},align8/ipv4")).largest(1500) == 1480 - eight
        assert sizes(parse(f"ipv6/ah:{word}/ipv4")).largest(1500) == 1460 - eight
