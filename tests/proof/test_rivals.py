"""Equal priorities: nothing is proved where a bypass or a null cipher may win over the policy that encrypts."""

from __future__ import annotations

import pytest

from sapper.rules.check import check_text
from sapper.rules.leak_example import BLACKHOLE, DUMMY

PEER = "set vpn ipsec site-to-site peer"
GROUP = "set vpn ipsec esp-group OPEN proposal 1 encryption null\nset vpn ipsec esp-group OPEN mode tunnel\n"
OTHER = "".join(
    f"{PEER} north {words}\n"
    for words in (
        "authentication mode pre-shared-secret", "connection-type initiate", "ike-group IKE",
        "local-address 192.0.2.10", "remote-address 198.51.100.30", "tunnel 1 local prefix 10.10.0.0/31",
        "tunnel 1 remote prefix 10.10.0.2/31",
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("group", "ours", "theirs", "word"),
    [("OPEN", 7, 7, "unknown"), ("ESP", 7, 7, "proved"), ("OPEN", 6, 7, "proved")],
)
def test_a_policy_that_hides_nothing_beside_one_of_the_same_priority(
    group: str, ours: int, theirs: int, word: str
) -> None:
    text = DUMMY + BLACKHOLE + GROUP + OTHER + f"{PEER} north default-esp-group {group}\n"
    text += f"{PEER} west tunnel 1 priority {ours}\n{PEER} north tunnel 1 priority {theirs}\n"
    verdict = check_text(text, "east").tunnels[0].verdicts["confidentiality"]

    assert verdict.verdict == word
    assert ("of one priority" in (verdict.reason or "")) == (word == "unknown")
