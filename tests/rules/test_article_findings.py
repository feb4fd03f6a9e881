"""The articles' snippets as they stand: exactly these findings of text and configuration, at exactly these places."""

from __future__ import annotations

from pathlib import Path

import pytest
from subject_from_text import places_of, subject_of

from sapper.rules.examine import examine

ARTICLES = Path(__file__).parents[1] / "articles"

Places = list[tuple[str, int, int]]
EXPECTED: dict[str, Places] = {
    "01-dummy-tunnel.set": [
        ("CFG301", 3, 23),
        ("CFG305", 3, 37),
        ("CFG305", 4, 38),
        ("CFG306", 6, 33),
        ("CFG307", 6, 33),
        ("CFG308", 6, 33),
        ("CFG324", 6, 33),
    ],
    "02-canonical-complicated.set": [
        ("CFG301", 1, 23),
        ("CFG306", 4, 33),
        ("CFG307", 4, 33),
        ("CFG308", 4, 33),
        ("CFG324", 4, 33),
    ],
    "03-mss-clamp.set": [],
    "04-ipip.set": [("CFG303", 5, 36)],
    "05-ip6ip6.set": [("CFG302", 1, 42), ("CFG305", 3, 37), ("CFG305", 4, 38)],
    "06-ipip6.set": [("CFG305", 3, 37), ("CFG305", 4, 38), ("CFG303", 5, 36)],
    "07-sit.set": [],
    "08-gre.set": [],
    "09-gre-bridge.set": [("CFG310", 8, 43)],
    "10-gre-keys.set": [("CFG301", 1, 23), ("CFG304", 9, 46)],
    "11-canonical.boot": [("CFG306", 12, 12), ("CFG307", 12, 12), ("CFG308", 12, 12), ("SYN001", 16, 23)],
    "12-dummy-nat.boot": [
        ("CFG306", 15, 12),
        ("CFG307", 15, 12),
        ("CFG308", 15, 12),
        ("CFG324", 15, 12),
        ("CFG380", 16, 25),
        ("SYN001", 23, 11),
    ],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_findings_of_a_snippet(name: str) -> None:
    assert places_of((ARTICLES / name).read_text()) == EXPECTED[name]


def test_every_snippet_is_here() -> None:
    assert sorted(EXPECTED) == sorted(path.name for path in ARTICLES.glob("[0-9]*"))


def test_the_second_key_is_told_with_the_first_ones_place_and_the_name_that_is_one() -> None:
    findings = examine(subject_of((ARTICLES / "10-gre-keys.set").read_text()))
    (message,) = [finding.message for finding in findings if finding.code == "CFG304"]
    assert "4:46" in message
    assert "`tun0` is written twice" in message
    assert "two tunnels need two names" in message


def test_the_open_blocks_are_named() -> None:
    findings = examine(subject_of((ARTICLES / "11-canonical.boot").read_text()))
    (message,) = [finding.message for finding in findings if finding.code == "SYN001"]
    for block in ("vpn", "ipsec", "site-to-site", "peer 203.0.113.20"):
        assert block in message


def test_an_old_peer_is_named_as_it_is_written() -> None:
    findings = examine(subject_of((ARTICLES / "12-dummy-nat.boot").read_text()))
    of_peer = [finding for finding in findings if finding.code == "CFG324"]
    assert [finding.path for finding in of_peer] == ["vpn ipsec site-to-site peer @west"]
    assert of_peer[0].fixes[0].commands == ("set vpn ipsec site-to-site peer @west local-address any",)
