"""What the rules about sizes say of the articles' snippets, of the examples and of real configurations.

Each number was worked out by hand from the headers: 24 for GRE, 48 for IPv6 with the encapsulation limit, ESP with
AES-CBC and SHA-1 in tunnel mode 62 more than GRE's own, and so on.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from sized_text import size_findings

CHECKOUT = Path(__file__).parents[2]
ARTICLES = CHECKOUT / "tests" / "articles"
EXAMPLES = CHECKOUT / "examples"
CONFIGS = CHECKOUT.parent / "shared" / "oracles" / "vyos-configs"
NAMES = sorted(path.name for path in CONFIGS.glob("*") if path.suffix in (".boot", ".set"))

ARTICLE_FINDINGS: dict[str, list[tuple[str, str]]] = {
    "01-dummy-tunnel.set": [("MTU201", "62 more than fits: 1414")],
    "02-canonical-complicated.set": [("MTU201", "62 more than fits: 1414")],
    "03-mss-clamp.set": [],
    "04-ipip.set": [("MTU202", "1436 bytes over IPv4")],
    "05-ip6ip6.set": [("MTU201", "24 more than fits: 1452"), ("MTU202", "1392 bytes over IPv6")],
    "06-ipip6.set": [("MTU201", "24 more than fits: 1452"), ("MTU202", "1412 bytes over IPv4")],
    "07-sit.set": [("MTU202", "1416 bytes over IPv6")],
    "08-gre.set": [("MTU202", "1436 bytes over IPv4 and 1416 bytes over IPv6")],
    "09-gre-bridge.set": [("MTU208", "1463 to 1500")],
    "10-gre-keys.set": [("MTU201", "4 more than fits: 1472"), ("MTU202", "1432 bytes over IPv4")],
    "11-canonical.boot": [("MTU201", "62 more than fits: 1414"), ("MTU202", "1374 bytes over IPv4")],
    "12-dummy-nat.boot": [("MTU201", "62 more than fits: 1414"), ("MTU202", "1374 bytes over IPv4")],
}
REAL_FINDINGS: dict[str, list[tuple[str, str]]] = {
    "bgp-dmvpn-spoke": [("MTU201", "62 more than fits: 1414"), ("MTU202", "1374 bytes over IPv4")],
    "tunnel-broker": [
        ("MTU201", "14 more than fits: 1462"),
        ("MTU201", "30 more than fits: 1458"),
        ("MTU202", "1422 bytes over IPv4"),
        ("MTU202", "1436 bytes over IPv4"),
    ],
}


def assert_told(text: str, wanted: list[tuple[str, str]]) -> None:
    told = size_findings(text, proved=True)
    assert [finding.code for finding in told] == [code for code, _ in wanted]
    for finding, (_, words) in zip(told, wanted, strict=True):
        assert words in finding.message


@pytest.mark.parametrize("name", ARTICLE_FINDINGS)
def test_the_findings_of_a_snippet(name: str) -> None:
    assert_told((ARTICLES / name).read_text(), ARTICLE_FINDINGS[name])


def test_every_snippet_is_here() -> None:
    assert sorted(ARTICLE_FINDINGS) == sorted(path.name for path in ARTICLES.glob("[0-9]*"))


@pytest.mark.parametrize("router", ["east", "west"])
@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir()))
def test_the_examples_have_the_sizes_right_but_for_the_article_s_own(name: str, router: str) -> None:
    text = (EXAMPLES / name / f"{router}.set").read_text()
    assert_told(text, [("MTU202", "1360 bytes over IPv4")] if name == "canonical" else [])


@pytest.mark.skipif(not NAMES, reason="the real configurations are not here")
@pytest.mark.parametrize("name", NAMES or ["none"])
def test_the_findings_of_a_real_configuration(name: str) -> None:
    assert_told((CONFIGS / name).read_text(), REAL_FINDINGS.get(name.split(".")[0], []))
