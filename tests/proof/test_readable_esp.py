"""ESP that encrypts nothing counts as clear, whatever its policy and its state say."""

from __future__ import annotations

from pathlib import Path

import pytest

from sapper.rules.check import check_text

GUARDED = (Path(__file__).parents[1] / "lab" / "pairs" / "guard-transport" / "east.set").read_text()
CIPHER = "set vpn ipsec esp-group ESP proposal 1 encryption aes256gcm128"


@pytest.mark.parametrize("mode", ["transport", "tunnel"])
@pytest.mark.parametrize(
    ("proposals", "word"),
    [
        ("set vpn ipsec esp-group ESP proposal 1 encryption aes128gmac", "refuted"),
        ("set vpn ipsec esp-group ESP proposal 1 encryption null", "refuted"),
        (f"{CIPHER}\nset vpn ipsec esp-group ESP proposal 2 encryption null", "refuted"),
        (f"{CIPHER}\nset vpn ipsec esp-group ESP proposal 2 encryption aes128", "proved"),
    ],
)
def test_what_can_be_read_is_refuted_in_up(mode: str, proposals: str, word: str) -> None:
    text = GUARDED.replace(CIPHER, proposals).replace("ESP mode transport", f"ESP mode {mode}")
    tunnel = check_text(text, "east").tunnels[0]
    verdict = tunnel.verdicts["confidentiality"]

    assert verdict.verdict == word
    assert ("up" in verdict.failing_states) == (word == "refuted")
    assert tunnel.verdicts["authenticity"].verdict == "proved"
