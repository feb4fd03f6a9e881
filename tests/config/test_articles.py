"""Every snippet of the articles reads as it stands, with exactly the defects that it has, at their places."""

from __future__ import annotations

from pathlib import Path

import pytest

from sapper.config.read import read
from sapper.config.tree import Document
from sapper.config.upgrade import Upgraded, upgrade

ARTICLES = Path(__file__).parent.parent / "articles"
SNIPPETS = sorted(path.name for path in ARTICLES.iterdir() if path.suffix in (".set", ".boot"))

Place = tuple[int, int]

DEFECTS: dict[str, list[tuple[str, Place, Place, str]]] = {
    "11-canonical.boot": [
        (
            "SYN001",
            (16, 23),
            (16, 33),
            "the text ends inside 4 open blocks: vpn, ipsec, site-to-site, peer 203.0.113.20;"
            " read as if they were closed here",
        )
    ],
    "12-dummy-nat.boot": [
        (
            "SYN001",
            (23, 11),
            (23, 12),
            "the text ends inside 5 open blocks: vpn, ipsec, site-to-site, peer @west, tunnel 1;"
            " read as if they were closed here",
        )
    ],
}

NOTES: dict[str, list[tuple[str, Place, Place, str]]] = {
    "01-dummy-tunnel.set": [
        ("CFG305", (3, 37), (3, 53), "interfaces tunnel tun0 local-ip 192.168.1.100/32"),
        ("CFG305", (4, 38), (4, 54), "interfaces tunnel tun0 remote-ip 192.168.1.101/32"),
    ],
    "05-ip6ip6.set": [
        ("CFG305", (3, 37), (3, 54), "interfaces tunnel tun0 local-ip 2001:db8:aa::1/64"),
        ("CFG305", (4, 38), (4, 55), "interfaces tunnel tun0 remote-ip 2001:db8:aa::2/64"),
    ],
    "06-ipip6.set": [
        ("CFG305", (3, 37), (3, 54), "interfaces tunnel tun0 local-ip 2001:db8:aa::1/64"),
        ("CFG305", (4, 38), (4, 55), "interfaces tunnel tun0 remote-ip 2001:db8:aa::2/64"),
    ],
    "09-gre-bridge.set": [("CFG310", (8, 43), (8, 46), "interfaces ethernet eth1 bridge-group br0")],
}

PEER = "vpn ipsec site-to-site peer"


def article(name: str) -> Document:
    return read((ARTICLES / name).read_bytes().decode(), name)


def upgraded(name: str) -> Upgraded:
    return upgrade(article(name))


def paths(result: Upgraded) -> set[str]:
    return {" ".join(path) for path in result.root.leaves()}


def test_every_snippet_is_there() -> None:
    assert len(SNIPPETS) == 12


@pytest.mark.parametrize("name", SNIPPETS)
def test_the_snippet_has_exactly_its_defects(name: str) -> None:
    document = article(name)
    source = document.source
    assert document.syntax == ("set" if name.endswith(".set") else "braces")
    assert document.root.children
    found = [
        (d.code, source.place(d.span.start)[:2], source.place(d.span.end)[:2], d.message) for d in document.defects
    ]
    assert found == DEFECTS.get(name, [])


@pytest.mark.parametrize("name", SNIPPETS)
def test_the_upgrade_notes_exactly_what_it_changed(name: str) -> None:
    document = article(name)
    source = document.source
    found = [
        (note.code, source.place(note.span.start)[:2], source.place(note.span.end)[:2], " ".join(note.path))
        for note in upgrade(document).notes
    ]
    assert found == NOTES.get(name, [])


@pytest.mark.parametrize("name", SNIPPETS)
def test_every_upgraded_word_has_a_place_in_the_text(name: str) -> None:
    document = article(name)
    length = len(document.source.text)
    for path, node in upgrade(document).root.walk():
        assert node.spans, path
        assert all(0 <= span.start < span.end <= length for span in [*node.spans, node.extent]), path


def test_the_generation_is_told_by_the_words() -> None:
    assert {name: upgraded(name).generation for name in SNIPPETS} == {
        name: "1.3" if name.startswith("03") else "1.2" for name in SNIPPETS
    }


def test_a_comment_behind_a_command_is_no_value() -> None:
    remote = article("01-dummy-tunnel.set").root.find("interfaces", "tunnel", "tun0", "remote-ip")
    assert remote is not None
    assert list(remote.children) == ["192.168.1.101/32"]


def test_the_key_written_twice_has_two_values_in_order() -> None:
    document = article("10-gre-keys.set")
    tunnel = document.root.find("interfaces", "tunnel", "tun0")
    assert tunnel is not None
    key = tunnel.find("parameters", "ip", "key")
    ends = tunnel.find("local-ip", "192.0.2.10")
    assert key is not None
    assert ends is not None
    assert [value.word for value in key.values()] == ["10", "20"]
    assert [document.source.place(span.start)[:2] for span in ends.spans] == [(1, 37), (6, 37)]
    assert document.source.place(tunnel.extent.end)[:2] == (9, 48)
    assert document.source.place(ends.extent.end)[:2] == (6, 47)


def test_the_canonical_peer_in_the_newest_words() -> None:
    assert paths(upgraded("11-canonical.boot")) >= {
        "interfaces tunnel tun0 source-address 192.0.2.10",
        "interfaces tunnel tun0 remote 203.0.113.20",
        f"{PEER} peer_203-0-113-20 remote-address 203.0.113.20",
        f"{PEER} peer_203-0-113-20 authentication remote-id 203.0.113.20",
        f"{PEER} peer_203-0-113-20 local-address 192.0.2.10",
        f"{PEER} peer_203-0-113-20 tunnel 1 protocol gre",
    }


def test_the_peer_behind_nat_is_passive_whatever_it_says() -> None:
    result = upgraded("12-dummy-nat.boot")
    connection = result.root.find("vpn", "ipsec", "site-to-site", "peer", "peer_west", "connection-type")
    assert connection is not None
    assert list(connection.children) == ["none"]
    assert article("12-dummy-nat.boot").source.place(connection.span.start)[:2] == (15, 12)
    assert paths(result) >= {
        f"{PEER} peer_west remote-address any",
        f"{PEER} peer_west authentication remote-id west",
    }


def test_the_bridge_has_both_members() -> None:
    members = upgraded("09-gre-bridge.set").root.find("interfaces", "bridge", "br0", "member", "interface")
    assert members is not None
    assert set(members.children) == {"tun0", "eth1"}
