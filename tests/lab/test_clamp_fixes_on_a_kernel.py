"""nftables takes the fixes that are written in its own words, and they lower an MSS on a real kernel.

The fixes are those of the rules' own examples and of a router with both families. A SYN is forwarded through the
chain from one namespace to another, over the interface that the fix names.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import pytest

from sapper.lab.guest import Guest
from sapper.rules.check import check_text
from sapper.rules.register import RULES

pytestmark = pytest.mark.lab
CODES = ("MTU202", "MTU203", "MTU204", "MTU205", "MTU206")
BOTH_FAMILIES = "set interfaces tunnel tun0 address 2001:db8:1::1/64\n"
# Two ends and a router between them; the far end listens, and says which MSS the SYN asked for.
FORWARD = """
import subprocess, sys
def run(line): subprocess.run(line.split(), check=True)
for name in ("clamp-near", "clamp-far"):
    run(f"ip netns add {name}")
run("ip link add eth1 type veth peer name eth0 netns clamp-near")
run("ip link add tun0 type veth peer name eth0 netns clamp-far")
for device, name, number in (("eth1", "clamp-near", 1), ("tun0", "clamp-far", 2)):
    run(f"ip address add 10.77.{number}.1/24 dev {device}")
    run(f"ip link set {device} up")
    run(f"ip -n {name} address add 10.77.{number}.2/24 dev eth0")
    run(f"ip -n {name} link set eth0 up")
    run(f"ip -n {name} route add default via 10.77.{number}.1")
open("/proc/sys/net/ipv4/ip_forward", "w").write("1")
subprocess.run(["nft", "-f", "-"], input=sys.argv[1], text=True, check=True)
heard = '''
import socket
listening = socket.create_server(("", 80))
print(flush=True)
taken, _ = listening.accept()
print(taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG), flush=True)
'''
far = subprocess.Popen(["ip", "netns", "exec", "clamp-far", sys.executable, "-c", heard], stdout=subprocess.PIPE)
far.stdout.readline()
call = 'import socket; socket.create_connection(("10.77.2.2", 80), 10)'
subprocess.run(["ip", "netns", "exec", "clamp-near", sys.executable, "-c", call], check=True)
print(far.stdout.readline().decode().strip())
"""


def statements() -> Iterator[tuple[str, str]]:
    for rule in (module.RULE for module in RULES):
        if rule.code not in CODES:
            continue
        for text in (rule.bad, rule.bad + BOTH_FAMILIES):
            for finding in check_text(text, "router.set").findings:
                if finding.code == rule.code:
                    yield from (
                        (rule.code, "\n".join(fix.commands)) for fix in finding.fixes if fix.language == "nftables"
                    )


def test_every_clamp_finding_has_a_fix_in_nftables_words() -> None:
    assert {code for code, _ in statements()} == set(CODES)


def test_nftables_takes_them_and_the_kernel_lowers_the_mss() -> None:
    fixes = list(statements())
    clamp = next(text for code, text in fixes if code == "MTU202")
    with Guest(boot_deadline_s=90) as guest:
        for code, text in fixes:
            shown = guest.call({"do": "run", "words": ["nft", "-c", text]}, deadline_s=30)
            assert (shown["status"], shown["err"]) == (0, ""), (code, text)
        program = ["python3", "-c", textwrap.dedent(FORWARD), clamp]
        told = guest.call({"do": "run", "words": program, "timeout_s": 60}, deadline_s=90)

    # The connection's own segments leave room for the timestamps, 12 bytes.
    assert told["out"].split() == ["1390"], told
    assert "set 1402" in clamp
