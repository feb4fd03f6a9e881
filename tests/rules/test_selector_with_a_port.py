"""A selector with a port asks nothing of other ports: they are nobody's promise."""

from __future__ import annotations

from sapper.rules.check import check_text
from sapper.rules.leak_example import BLACKHOLE, DUMMY

PEER = "set vpn ipsec site-to-site peer north"
ONE_PORT = "".join(
    f"{PEER} {words}\n"
    for words in (
        "authentication mode pre-shared-secret", "connection-type trap", "ike-group IKE", "default-esp-group ESP",
        "local-address 192.0.2.10", "remote-address 198.51.100.30", "tunnel 1 protocol tcp",
        "tunnel 1 local prefix 10.1.0.0/24", "tunnel 1 remote prefix 10.7.0.0/24", "tunnel 1 remote port 443",
    )
)  # fmt: skip


def test_packets_of_other_ports_do_not_refute_it() -> None:
    tunnel = check_text(DUMMY + BLACKHOLE + ONE_PORT, "east").tunnels[-1]
    found = tunnel.verdicts["confidentiality"]

    assert tunnel.name == "north tunnel 1"
    assert found.verdict == "refuted"
    assert "up" not in found.failing_states
    assert "boot" in found.failing_states
