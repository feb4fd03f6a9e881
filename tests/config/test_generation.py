"""The generation is told by the footer, else by the words."""

from __future__ import annotations

import pytest

from sapper.config.generation import has_old_ipsec, recognise_generation, reported
from sapper.config.set_syntax import read_set
from sapper.config.tree import Document, Source


def document(*commands: str, components: dict[str, int] | None = None, release: str | None = None) -> Document:
    found = read_set(Source("x", "".join(f"set {command}\n" for command in commands)))
    found.components = components or {}
    found.release = release
    return found


PEER = "vpn ipsec site-to-site peer"


@pytest.mark.parametrize(
    ("command", "generation"),
    [
        ("interfaces tunnel tun0 local-ip 192.0.2.1", "1.2"),
        ("interfaces tunnel tun0 encapsulation gre-bridge", "1.2"),
        ("interfaces ethernet eth1 bridge-group bridge br0", "1.2"),
        ("interfaces tunnel tun0 source-address 192.0.2.1", "1.4"),
        ("vpn ipsec ipsec-interfaces interface eth0", "1.3"),
        (f"{PEER} 192.0.2.1 tunnel 1 protocol gre", "1.3"),
        (f"{PEER} @west tunnel 1 protocol gre", "1.3"),
        (f"{PEER} east connection-type respond", "1.4"),
        (f"{PEER} east connection-type trap", "1.5"),
        (f"{PEER} east remote-address 192.0.2.1", "1.4"),
        ("interfaces ethernet eth1 policy route MSS", "1.3"),
        ("system host-name r1", "1.4"),
    ],
)
def test_without_a_footer_the_words_decide(command: str, generation: str) -> None:
    assert recognise_generation(document(command)) == generation


@pytest.mark.parametrize(
    ("components", "release", "generation"),
    [
        ({"ipsec": 4, "nat": 4, "quagga": 2}, "VyOS 1.1.8", "1.1"),
        ({"ipsec": 4, "quagga": 2}, "999.201612100437", "1.1"),
        ({"ipsec": 5, "nat": 4, "quagga": 7}, "1.2.6-S1", "1.2"),
        ({"interfaces": 22, "ipsec": 5}, "1.3.0", "1.3"),
        ({"interfaces": 20, "ipsec": 5}, "1.4-rolling-202103091038", "1.3"),
        ({"interfaces": 22, "ipsec": 6}, "1.4-rolling-202106", "1.4"),
        ({"interfaces": 32, "ipsec": 13}, "1.4.0", "1.4"),
        ({"interfaces": 33, "ipsec": 13}, "1.5-rolling-202411", "1.5"),
        ({"interfaces": 33, "ipsec": 14}, "2025.11.02-0021-rolling", "1.5"),
        ({}, "1.3.6", "1.3"),
        ({}, "2025.11.02-0021-rolling", "1.5"),
    ],
)
def test_a_footer_decides_whatever_the_words(components: dict[str, int], release: str, generation: str) -> None:
    found = document("interfaces tunnel tun0 local-ip 192.0.2.1", components=components, release=release)
    assert recognise_generation(found) == generation


def test_what_is_reported_knows_no_1_1() -> None:
    assert [reported(generation) for generation in ("1.1", "1.2", "1.3", "1.4", "1.5")] == [
        "1.2", "1.2", "1.3", "1.4", "1.5",
    ]  # fmt: skip


def test_one_new_ipsec_word_makes_the_ipsec_part_new() -> None:
    old = document("interfaces tunnel tun0 local-ip 192.0.2.1", f"{PEER} east tunnel 1 protocol gre")
    assert has_old_ipsec(old, recognise_generation(old))
    mixed = document("interfaces tunnel tun0 local-ip 192.0.2.1", f"{PEER} east remote-address 192.0.2.2")
    assert not has_old_ipsec(mixed, recognise_generation(mixed))
