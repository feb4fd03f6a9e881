"""WireGuard devices that call each other: wrong keys are found at the end that calls, and never repeated."""

from __future__ import annotations

from sapper.rules import pair408_wireguard_key
from sapper.rules.check import check_end, check_text, compared
from sapper.rules.example import instead, without

RULE = pair408_wireguard_key.RULE
FAR = str(RULE.far)
OTHER_KEY = "KVPpfcoSKfl8YAvsLBf+6qs1zkvt9msdQvFqRJ3FwF8="
FAR_PRIVATE, NEAR_PUBLIC = (
    "NmFi3qxdRNH8AqZpu4XSpOhaClEPFpnnmXfhPV3JEVk=",
    "pvQh/lY5cDwOLcG83C0ylXLr4iuCIeTM8yNKy2T1tXw=",
)


def said(*texts: str) -> list[list[str]]:
    """The messages of PAIR408, for each text."""
    reports = compared([check_end(text, f"{number}.set") for number, text in enumerate(texts)])
    return [[finding.message for finding in report.findings if finding.code == "PAIR408"] for report in reports]


def test_the_bad_example_beside_its_far_end_gives_the_code() -> None:
    assert said(RULE.bad, FAR) == [
        ["the public key is not that of wg0 of 1.set, which has the peer's address and port"], []
    ]  # fmt: skip
    assert said(RULE.good, FAR) == [[], []]
    assert "PAIR408" not in {finding.code for finding in check_text(RULE.bad, "x").findings}


def test_a_key_that_the_far_end_has_no_peer_for() -> None:
    assert said(RULE.good, instead(FAR, NEAR_PUBLIC, OTHER_KEY)) == [
        ["wg0 of 1.set, which is called, has no peer with the key of wg0"], []
    ]  # fmt: skip


def test_an_end_that_calls_back_says_so_too() -> None:
    calling = FAR + (
        "set interfaces wireguard wg0 peer east address 192.0.2.10\nset interfaces wireguard wg0 peer east port 51820\n"
    )

    assert [len(found) for found in said(RULE.bad, calling)] == [1, 1]
    assert said(RULE.good, calling) == [[], []]


def test_where_it_is_not_certain_who_is_called_nothing_is_said() -> None:
    for far in (
        instead(FAR, "203.0.113.20/24", "203.0.113.21/24"),
        instead(FAR, "port 51820", "port 51821"),
        without(FAR, " port "),
        instead(FAR, FAR_PRIVATE, "/config/auth/wg.key"),
    ):
        assert said(RULE.bad, far) == [[], []]
    assert said(RULE.bad, FAR, FAR) == [[], [], []]
    assert said(RULE.bad + FAR.replace("wg0", "wg1").replace("eth0", "eth1")) == [[]]


def test_the_finding_stands_at_the_key_and_repeats_none() -> None:
    report = compared([check_end(text, f"{n}.set") for n, text in enumerate((RULE.bad, FAR))])[0]
    (finding,) = (one for one in report.findings if one.code == "PAIR408")

    assert finding.path == "interfaces wireguard wg0 peer west public-key"
    assert RULE.bad.splitlines()[finding.line - 1].endswith(f"public-key '{OTHER_KEY}'")
    assert not any(key in repr(finding) for key in (OTHER_KEY, FAR_PRIVATE, NEAR_PUBLIC))
