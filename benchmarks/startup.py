"""How long the whole process takes, from exec to exit, beside the interpreter that does nothing.

The three commands take turns, so that what else the machine does hits all of them alike; the median of each is
printed with its ratio to ``python3 -c pass``, which is the virtual environment's own interpreter, wrappers left
out. Nothing is asserted: a loaded machine must not turn a build red. Run by ``make bench``; rounds as argument.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 30
TARGET_RATIO = 3.0
SAPPER = Path(sys.executable).with_name("sapper")
TWENTY_LINES = """\
set interfaces ethernet eth0 address '192.0.2.10/24'
set interfaces ethernet eth1 address '10.1.0.1/24'
set interfaces tunnel tun0 address '10.0.0.2/29'
set interfaces tunnel tun0 encapsulation 'gre'
set interfaces tunnel tun0 remote '203.0.113.20'
set interfaces tunnel tun0 source-address '192.0.2.10'
set protocols static route 0.0.0.0/0 next-hop 192.0.2.1
set protocols static route 10.2.0.0/24 interface tun0
set vpn ipsec authentication psk west id '203.0.113.20'
set vpn ipsec authentication psk west secret 'only-for-this-benchmark'
set vpn ipsec esp-group E mode 'transport'
set vpn ipsec esp-group E proposal 1 encryption 'aes256'
set vpn ipsec esp-group E proposal 1 hash 'sha256'
set vpn ipsec ike-group I proposal 1 dh-group '14'
set vpn ipsec ike-group I proposal 1 encryption 'aes256'
set vpn ipsec site-to-site peer west authentication mode 'pre-shared-secret'
set vpn ipsec site-to-site peer west default-esp-group 'E'
set vpn ipsec site-to-site peer west ike-group 'I'
set vpn ipsec site-to-site peer west remote-address '203.0.113.20'
set vpn ipsec site-to-site peer west tunnel 1 protocol 'gre'
"""


def run_once(command: list[str]) -> tuple[float, int]:
    """Seconds of wall clock, and the exit status."""
    start = time.perf_counter()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return time.perf_counter() - start, done.returncode


def measure(commands: dict[str, list[str]], rounds: int) -> dict[str, list[float]]:
    """Every command in turn, ``rounds`` times, after one turn that only warms the file cache."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            elapsed, status = run_once(command)
            if status not in (0, 1):
                raise SystemExit(f"{name} ended with exit status {status}: not measured")
            if number:
                seconds[name].append(elapsed)
    return seconds


def report(seconds: dict[str, list[float]]) -> None:
    """One line per command: median, fastest, and the ratio of medians to the first."""
    nothing = statistics.median(next(iter(seconds.values())))
    for name, times in seconds.items():
        median = statistics.median(times)
        print(
            f"{name:<22} median {median * 1000:6.1f} ms   fastest {min(times) * 1000:6.1f} ms   {median / nothing:5.2f} x"
        )
    print(
        f"the aim is below {TARGET_RATIO:.0f} x for sapper --help; {len(times)} rounds, Python {sys.version.split()[0]}"
    )


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as directory:
        text = Path(directory) / "east.set"
        text.write_text(TWENTY_LINES)
        commands = {
            "python3 -c pass": [sys.executable, "-c", "pass"],
            "sapper --help": [str(SAPPER), "--help"],
            "sapper check FILE": [str(SAPPER), "check", str(text)],
        }
        report(measure(commands, rounds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
