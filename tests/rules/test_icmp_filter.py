"""Which rules of a firewall stop the messages of path MTU discovery, and which let them pass."""

from __future__ import annotations

import pytest
from sized_text import FITTED, OLD_FIREWALL, found

from sapper.rules.example import TUNNEL, without


def rule(number: int, *options: str, chain: str = "ipv4 forward filter") -> str:
    return "".join(f"set firewall {chain} rule {number} {option}\n" for option in options)


ICMP_DROPPED = rule(20, "action drop", "protocol icmp")

NAMED = rule(20, "action drop", "protocol icmp", chain="ipv4 name IN")


@pytest.mark.parametrize(
    ("firewall", "told"),
    [
        (ICMP_DROPPED, True),
        (rule(20, "action reject", "protocol icmp", "icmp type 3"), True),
        (rule(20, "action drop", "protocol icmp", "icmp type 3", "icmp code 4"), True),
        (rule(20, "action drop", "protocol icmp", "icmp type 3", "icmp code 1"), False),
        (rule(20, "action drop", "protocol icmp", "icmp type-name echo-request"), False),
        (rule(20, "action drop", "protocol icmp", "icmp type-name destination-unreachable"), True),
        (rule(20, "action drop", "protocol icmp", "disable"), False),
        (rule(20, "action drop", "protocol icmp", "source address 198.51.100.1"), False),
        (rule(20, "action drop", "protocol icmp", "state invalid"), False),
        (rule(20, "action drop", "protocol tcp"), False),
        (rule(10, "action accept", "state related") + ICMP_DROPPED, False),
        (rule(10, "action accept", "state established") + ICMP_DROPPED, True),
        (rule(100, "action accept", "state related") + ICMP_DROPPED, True),
        (rule(9, "action accept", "protocol icmp") + ICMP_DROPPED, False),
        (rule(9, "action accept", "protocol icmp", "icmp type 8") + ICMP_DROPPED, True),
        ("set firewall global-options state-policy related action accept\n" + ICMP_DROPPED, False),
        (NAMED, False),
        (NAMED + rule(5, "action jump", "jump-target IN"), True),
        (NAMED + "set firewall zone LAN from WAN firewall name IN\n", True),
        ("set firewall ipv4 input filter default-action drop\n", True),
        ("set firewall ipv4 input filter default-action accept\n", False),
        (
            "set firewall ipv4 input filter default-action drop\n"
            + rule(1, "action accept", "state related", chain="ipv4 input filter"),
            False,
        ),
        (rule(7, "action drop", "protocol ipv6-icmp", chain="ipv6 forward filter"), True),
        (
            rule(
                7,
                "action drop",
                "protocol ipv6-icmp",
                "icmpv6 type-name packet-too-big",
                chain="ipv6 forward filter",
            ),
            True,
        ),
        (
            rule(
                7, "action drop", "protocol ipv6-icmp", "icmpv6 type-name echo-request", chain="ipv6 output filter"
            ),
            False,
        ),
        (OLD_FIREWALL, True),
    ],
)
def test_which_firewalls_drop_too_big(firewall: str, told: bool) -> None:
    assert bool(found(TUNNEL + firewall, "MTU209")) == told
    assert not found(without(TUNNEL, "tunnel") + firewall, "MTU209")


def test_a_missing_clamp_is_worse_where_icmp_is_dropped() -> None:
    assert [finding.severity for finding in found(FITTED, "MTU202")] == ["info"]
    (finding,) = found(FITTED + ICMP_DROPPED, "MTU202")
    assert finding.severity == "warning"
    assert "this firewall drops the ICMP" in finding.message
