"""The rules that read the tree answer for any tree: words in odd places, values missing, values with children."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from subject_from_text import subject_of

from sapper.rules.register import RULES

MINE = [module for module in RULES if "CFG356" <= module.RULE.code <= "CFG399"]
SECRET = "hunter2correcthorse"
WORDS = sorted(
    {
        word
        for module in MINE
        for text in (module.RULE.bad, module.RULE.good)
        if text.startswith("set ")
        for line in text.splitlines()
        for word in line.split()[1:]
    }
    | {"any", "0", "::/0", "10.0.0.0/8", "999999999999999999999", "²", "@", "!", "all", "tcp_udp", "dhcp"}
)
HEADS = (
    "vpn ipsec site-to-site peer west",
    "vpn ipsec site-to-site peer west tunnel 1",
    "vpn ipsec esp-group ESP",
    "vpn ipsec ike-group IKE",
    "vpn ipsec profile HUB",
    "policy route LAN rule 10",
    "nat source rule 10",
    "nat destination rule 10",
    "protocols static route 10.0.0.0/8",
    "protocols nhrp tunnel tun0",
    "firewall ipv4 output filter rule 10",
    "firewall group address-group FAR",
    "interfaces tunnel tun0",
    "pki certificate EAST",
    "",
)
LINE = st.tuples(st.sampled_from(HEADS), st.lists(st.sampled_from(WORDS), min_size=1, max_size=5))
WHOLE = [module.RULE.bad + module.RULE.good for module in MINE if module.RULE.bad.startswith("set ")]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(WHOLE), st.lists(LINE, max_size=8), st.data())
def test_no_tree_is_too_odd(text: str, odd: list[tuple[str, list[str]]], data: st.DataObject) -> None:
    lines = text.splitlines()
    kept = data.draw(st.lists(st.sampled_from(lines), max_size=len(lines)))
    cut = [" ".join(line.split()[: data.draw(st.integers(3, 9))]) for line in kept]
    written = [
        f"set {head} {' '.join(repr(word) if word in '²!@' else word for word in words)}" for head, words in odd
    ]
    subject = subject_of("\n".join([*cut, *written, "set interfaces dummy dum0"]) + "\n")
    for module in MINE:
        for finding in module.find(subject):
            assert finding.code == module.RULE.code
            assert finding.message
            assert "\n" not in finding.message
            assert 0 <= finding.span.start <= finding.span.end


@given(
    st.sampled_from(
        [
            f"set vpn ipsec authentication psk {SECRET}\n",
            f"set vpn ipsec authentication psk {SECRET} id 192.0.2.10\n",
            f"set vpn ipsec authentication psk {SECRET} id 192.0.2.10 203.0.113.20\n",
            f"set vpn ipsec authentication psk north secret {SECRET}\n",
            f"set vpn ipsec profile HUB authentication mode {SECRET}\n",
            f"set vpn ipsec profile HUB authentication pre-shared-secret {SECRET}\n",
            f"set vpn ipsec site-to-site peer west authentication x509 passphrase {SECRET}\n",
            f"set pki certificate EAST private key {SECRET}\n",
            f"set pki key-pair EAST private key {SECRET}\n",
        ]
    ),
    st.sampled_from(WHOLE),
)
def test_no_secret_is_told(line: str, text: str) -> None:
    subject = subject_of(text + line)
    said = [finding for module in MINE for finding in module.find(subject)]
    assert SECRET not in repr([(finding.message, finding.path, finding.fixes) for finding in said])
