"""The parameters of the tunnels: what reaches the kernel of each, over IPv4, over IPv6 and for the Ethernet kinds."""

from __future__ import annotations

import pytest
from router_from_text import router_from

from sapper.address import Prefix
from sapper.model.interface import Erspan, SixRd, Tunnel

WORDS = """
set interfaces tunnel tun0 parameters ip tos 20
set interfaces tunnel tun0 parameters ip ttl 9
set interfaces tunnel tun0 parameters ipv6 tclass 0x1c
set interfaces tunnel tun0 parameters ipv6 flowlabel 0xabcde
set interfaces tunnel tun0 parameters ipv6 hoplimit 8
set interfaces tunnel tun0 parameters ipv6 encaplimit none
"""


def tunnel(encapsulation: str, text: str = "", generation: str = "1.4") -> Tunnel:
    ends = ("2001:db8::1", "2001:db8::9") if "6" in encapsulation else ("192.0.2.1", "203.0.113.9")
    head = f"set interfaces tunnel tun0 encapsulation {encapsulation}\n"
    words = ("source-address", "remote") if generation == "1.4" else ("local-ip", "remote-ip")
    head += "".join(f"set interfaces tunnel tun0 {word} {end}\n" for word, end in zip(words, ends, strict=True))
    (found,) = router_from(head + text).tunnels
    return found


@pytest.mark.parametrize("encapsulation", ["gre", "gretap", "ipip", "sit", "erspan"])
def test_over_ipv4_the_digits_of_the_type_of_service_are_hexadecimal(encapsulation: str) -> None:
    found = tunnel(encapsulation, WORDS)
    assert (found.tos, found.ttl) == (0x20, 9)
    assert (found.traffic_class, found.flow_label) == (None, None)


@pytest.mark.parametrize("encapsulation", ["ip6gre", "ipip6", "ip6ip6"])
def test_over_ipv6_the_words_of_ipv6_win(encapsulation: str) -> None:
    found = tunnel(encapsulation, WORDS)
    assert (found.tos, found.ttl, found.encaplimit) == (None, 8, None)
    assert (found.traffic_class, found.flow_label) == (0x1C, 0xABCDE)


@pytest.mark.parametrize("encapsulation", ["ip6gretap", "ip6erspan"])
def test_the_ethernet_kinds_over_ipv6_get_the_words_of_ipv4(encapsulation: str) -> None:
    found = tunnel(encapsulation, WORDS)
    assert (found.tos, found.traffic_class, found.ttl) == (None, 0x20, 9)
    assert (found.flow_label, found.encaplimit) == (None, 4)


def test_without_words_the_class_is_copied_and_the_label_is_none() -> None:
    for encapsulation in ("gre", "ip6gre", "ip6gretap"):
        found = tunnel(encapsulation)
        assert (found.tos, found.traffic_class, found.flow_label) == (None, None, None)
        assert (found.ttl, found.encaplimit, found.mtu_bytes) == (64, 4, 1476)
    assert (
        tunnel("ip6gre", "set interfaces tunnel tun0 parameters ipv6 flowlabel inherit\n").flow_label == "inherit"
    )


def test_erspan() -> None:
    text = "set interfaces tunnel tun0 parameters erspan "
    assert tunnel("erspan").erspan == Erspan()
    assert tunnel("erspan", f"{text}index 7\n").erspan == Erspan(index=7)
    second = f"{text}version 2\n{text}direction egress\n{text}hw-id 3\n"
    assert tunnel("ip6erspan", second).erspan == Erspan(version=2, direction="egress", hw_id=3)
    assert tunnel("gre", second).erspan is None


def test_6rd_is_carried_out_by_the_releases_that_did() -> None:
    text = (
        "set interfaces tunnel tun0 6rd-prefix 2001:db8::/32\n"
        "set interfaces tunnel tun0 6rd-relay-prefix 192.0.2.0/24\n"
    )
    meant = SixRd(Prefix.parse("2001:db8::/32"), Prefix.parse("192.0.2.0/24"))
    assert tunnel("sit", text, generation="1.2").sixrd == meant
    assert tunnel("sit", text).sixrd is None
    assert tunnel("gre", text, generation="1.2").sixrd is None
