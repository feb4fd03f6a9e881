"""The two leak rules on whole texts: the finding, its place, and fixes that hold when they are typed in."""

from __future__ import annotations

from pathlib import Path

import pytest

from sapper.rules import leak101_clear_outer, leak102_bypass
from sapper.rules.check import check_text
from sapper.rules.register import RULES as REGISTERED
from sapper.rules.report import FileReport
from sapper.rules.rule import RuleModule

ARTICLES = Path(__file__).parents[1] / "articles"
RULES: list[RuleModule] = [leak101_clear_outer, leak102_bypass]
PROPERTY = {"LEAK101": "confidentiality", "LEAK102": "no-bypass"}


EACH = [module for module in REGISTERED if module.RULE.code.startswith("LEAK")]


@pytest.mark.parametrize("module", EACH, ids=lambda module: module.RULE.code)
def test_each_cause_is_found_in_its_bad_example_only(module: RuleModule) -> None:
    bad, good = check_text(module.RULE.bad, "bad.set"), check_text(module.RULE.good, "good.set")

    assert module.RULE.code in codes(bad)
    assert module.RULE.code not in codes(good)
    assert not [code for code in codes(bad) | codes(good) if code.startswith("SYN")]


@pytest.mark.parametrize("module", EACH, ids=lambda module: module.RULE.code)
def test_each_says_where_it_comes_from_and_how_the_lab_shows_it(module: RuleModule) -> None:
    assert module.RULE.reference
    assert module.RULE.lab.endswith(".")


def codes(report: FileReport) -> set[str]:
    return {finding.code for finding in report.findings}


@pytest.mark.parametrize("module", RULES, ids=lambda module: module.RULE.code)
def test_the_bad_example_leaks_and_the_good_one_is_proved(module: RuleModule) -> None:
    rule = module.RULE
    bad, good = check_text(rule.bad, "bad.set"), check_text(rule.good, "good.set")
    assert rule.code in codes(bad)
    assert rule.code not in codes(good)
    assert {tunnel.verdicts[PROPERTY[rule.code]].verdict for tunnel in good.tunnels} == {"proved"}


@pytest.mark.parametrize("module", RULES, ids=lambda module: module.RULE.code)
def test_typing_the_fix_in_makes_the_property_proved(module: RuleModule) -> None:
    rule = module.RULE
    (finding,) = [finding for finding in check_text(rule.bad, "bad.set").findings if finding.code == rule.code]
    assert len(finding.fixes) == 1
    mended = check_text(rule.bad + "\n".join(finding.fixes[0].commands) + "\n", "mended.set")
    assert rule.code not in codes(mended)
    assert {tunnel.verdicts[PROPERTY[rule.code]].verdict for tunnel in mended.tunnels} == {"proved"}


def test_a_finding_stands_where_the_tunnel_is_written() -> None:
    text = leak102_bypass.RULE.bad
    (finding,) = [finding for finding in check_text(text, "f").findings if finding.code == "LEAK102"]
    line = next(number for number, words in enumerate(text.splitlines(), 1) if "vti vti0" in words)
    assert (finding.line, finding.path) == (line, "interfaces vti vti0")
    assert "boot" in finding.message
    assert "10.0.0.0" in finding.message


def test_the_far_end_of_the_canonical_setup_is_not_blackholed() -> None:
    report = check_text((ARTICLES / "11-canonical.boot").read_text(), "canonical.boot")
    (finding,) = [finding for finding in report.findings if finding.code == "LEAK101"]
    assert finding.fixes == ()


def test_the_article_s_dummy_setup_is_fixed_by_a_blackhole_and_by_nothing_unproved() -> None:
    report = check_text((ARTICLES / "12-dummy-nat.boot").read_text(), "east.boot")
    leaks = [finding for finding in report.findings if finding.code.startswith("LEAK")]
    assert [finding.code for finding in leaks] == ["LEAK101", "LEAK102", "LEAK103", "LEAK104"]
    for finding in leaks:
        if finding.code == "LEAK103":
            continue
        commands = [fix.commands for fix in finding.fixes]
        assert commands == [("set protocols static route 10.10.0.2/32 blackhole",)]


@pytest.mark.parametrize("mode", ["tunnel", "transport"])
def test_the_peer_s_own_address_is_never_blackholed(mode: str) -> None:
    text = leak101_clear_outer.RULE.bad.replace("esp-group ESP mode tunnel", f"esp-group ESP mode {mode}")
    text = text.replace("10.10.0.1/32", "192.0.2.10/32").replace("10.10.0.1", "192.0.2.10")
    text = text.replace("10.10.0.2/32", "203.0.113.20/32").replace("10.10.0.2", "203.0.113.20")
    report = check_text(text.replace("set interfaces dummy dum0 address 192.0.2.10/32\n", ""), "f.set")
    (finding,) = [finding for finding in report.findings if finding.code == "LEAK101"]
    assert finding.fixes == ()


@pytest.mark.parametrize(
    "change",
    [
        "set vpn ipsec options disable-route-autoinstall\n",
        "set vpn ipsec esp-group ESP mode transport\n",
    ],
)
def test_no_blackhole_is_offered_that_the_sa_could_not_pass(change: str) -> None:
    report = check_text(leak101_clear_outer.RULE.bad + change, "f.set")
    fixes = [fix for finding in report.findings if finding.code == "LEAK101" for fix in finding.fixes]
    assert fixes == []


def test_no_blackhole_without_an_address_that_charon_could_route_from() -> None:
    text = leak101_clear_outer.RULE.bad.replace(
        "dummy dum0 address 10.10.0.1/32", "dummy dum0 address 10.10.9.9/32"
    )
    leaks = [finding for finding in check_text(text, "f.set").findings if finding.code == "LEAK101"]
    assert [finding.fixes for finding in leaks] == [()]


def test_a_plain_policy_based_connection_leaks_at_its_own_place() -> None:
    bad = leak101_clear_outer.RULE.bad
    text = "".join(
        line for line in bad.splitlines(keepends=True) if " tunnel tun0 " not in line and " dummy " not in line
    )
    text = text.replace("local prefix 10.10.0.1/32", "local prefix 192.168.1.0/24")
    text = text.replace("remote prefix 10.10.0.2/32", "remote prefix 192.168.2.0/24")
    text += "set interfaces ethernet eth1 address 192.168.1.1/24\n"
    report = check_text(text, "policy.set")
    (finding,) = [finding for finding in report.findings if finding.code == "LEAK101"]
    assert finding.path == "vpn ipsec site-to-site peer west tunnel 1"
    assert [fix.commands for fix in finding.fixes] == [("set protocols static route 192.168.2.0/24 blackhole",)]
