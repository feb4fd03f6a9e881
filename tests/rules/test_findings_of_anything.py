"""Whatever is written: the rules answer, in order of places, and no secret is in what they say."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from subject_from_text import subject_of

from sapper.rules.examine import examine
from sapper.rules.example import PEER, TUNNEL, instead
from sapper.schema.option import Option
from sapper.schema.register import OPTIONS

LEAVES = [option for option in OPTIONS if option.kind in ("leaf", "multi", "tag", "flag")]
NAMES = {"ethernet": "eth0", "tunnel": "tun0", "vti": "vti0", "dummy": "dum0", "peer": "west", "rule": "10"}
VALUES = st.text(st.characters(codec="ascii", exclude_characters="'\n\r\0"), min_size=1, max_size=12)
SECRET = "hunter2correcthorse"


def line_of(option: Option, value: str) -> str:
    words = list(option.words)
    for index, word in enumerate(words):
        if word == "*":
            words[index] = NAMES.get(words[index - 1], "1")
    return f"set {' '.join(words)} '{value}'\n"


@given(st.lists(st.tuples(st.sampled_from(LEAVES), VALUES), max_size=8))
def test_any_value_of_any_option_gives_findings_in_order(settings: list[tuple[Option, str]]) -> None:
    text = TUNNEL + PEER + "".join(line_of(option, value) for option, value in settings)
    findings = examine(subject_of(text))
    assert [finding.span for finding in findings] == sorted(finding.span for finding in findings)
    for finding in findings:
        assert 0 <= finding.span.start <= finding.span.end <= len(text)
        assert finding.message
        assert "\n" not in finding.message


@given(
    st.sampled_from(
        [
            f"set vpn ipsec authentication psk west secret {SECRET}\n",
            f"set vpn ipsec authentication psk west {SECRET}\n",
            f"set vpn ipsec authentication psk {SECRET} id 192.0.2.10 203.0.113.20\n",
            f"set vpn ipsec authentication {SECRET}\n",
            f"set vpn ipsec site-to-site peer 203.0.113.9 authentication pre-shared-secret {SECRET}\n",
            f"set vpn ipsec site-to-site peer 203.0.113.9 authentication pre-shared-secret {SECRET} {SECRET}\n",
            f"set vpn ipsec site-to-site peer 203.0.113.9 authentication {SECRET}\n",
            f"set vpn ipsec site-to-site peer 203.0.113.9 authentication pre-shared-secret '{SECRET}\n",
            f"set interfaces wireguard wg0 private-key {SECRET}\n",
            f"set vpn ipsec profile NHRP authentication pre-shared-secret {SECRET}\n",
        ]
    ),
    st.booleans(),
)
def test_no_secret_is_in_a_finding(line: str, twice: bool) -> None:
    text = PEER + line + (instead(line, SECRET, SECRET + "2") if twice else "")
    subject = subject_of(text)
    said = repr([(finding.message, finding.fixes) for finding in examine(subject)])
    assert SECRET not in said
    assert SECRET not in repr(subject.router)
