"""How many stacks a minute one core sizes, beside the floor; and one stack from the command line, beside Python.

Every stack is read from its text, made into its closed form, and asked for its largest packet and for the bytes of
that on the wire; each text comes once in a round, so nothing is an answer that was kept. The floor is looking a
finished answer up in a table. The next line asks closed forms that are there already, as a check of a whole fleet
does. The command and ``python3 -c pass`` (the same interpreter) take turns; both numbers are medians. Nothing is
asserted. Run by ``make bench``; the number of stacks as argument.
"""

from __future__ import annotations

import itertools
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sapper.mtu.parse import parse
from sapper.mtu.sizes import Sizes, sizes

STACKS = 40_000
TARGET_PER_MINUTE = 1_000_000
TARGET_RATIO = 5
ROUNDS = 15
ONE_STACK = "pppoe/ipv4/udp/esp:aes256gcm128/ipv4/gre:key/ipv4/tcp"
OUTSIDE = ("", "pppoe/", "ethernet/vlan/", "mpls:labels=2/")
OUTER = ("ipv4", "ipv4/udp", "ipv6", "ipv6:encaplimit", "ipv6/udp")
TRANSFORMS = (
    "aes128gcm128", "aes256gcm128", "aes256gcm64", "chacha20poly1305", "aes256ccm96", "aes128-sha1", "aes256-sha256",
    "aes256-sha384", "aes256-sha512", "camellia256-sha256", "3des-sha1", "aes256ctr-sha256", "null-sha256",
)  # fmt: skip
INSIDE = (
    "gre/ipv4", "gre:key/ipv4", "gre:key,seq/ipv6", "gretap/ipv4", "ipv4", "ipv6", "ipv4/gre/ipv4", "ipv4/gre:key/ipv6",
    "ipv6/gre:csum,key/ipv4/tcp", "udp/vxlan/ethernet/ipv4", "udp/geneve:options=16/ethernet/ipv4", "l2tpv3:cookie=8",
    "ipv4/udp/gue/ipv4", "ipv4/esp:aes256gcm128/ipv4", "ipv4/udp/esp:aes256-sha256/gre/ipv4",
)  # fmt: skip
LINKS = (1280, 1400, 1460, 1492, 1500, 9000)


def texts() -> Iterator[tuple[str, int]]:
    """Stacks of three to nine layers, each on each link."""
    for link, outside, outer, transform, inside in itertools.product(LINKS, OUTSIDE, OUTER, TRANSFORMS, INSIDE):
        yield f"{outside}{outer}/esp:{transform}/{inside}", link


def from_text(cases: list[tuple[str, int]]) -> list[tuple[int, int]]:
    """Read, close and ask."""
    answers = []
    for text, link in cases:
        known = sizes(parse(text))
        packet = known.largest(link)
        answers.append((packet, known.wire(packet)))
    return answers


def from_forms(cases: list[tuple[Sizes, int]]) -> list[tuple[int, int]]:
    """Only ask."""
    answers = []
    for known, link in cases:
        packet = known.largest(link)
        answers.append((packet, known.wire(packet)))
    return answers


def look_up(table: dict[tuple[str, int], tuple[int, int]], cases: list[tuple[str, int]]) -> list[tuple[int, int]]:
    """The floor: the answers are there."""
    return [table[case] for case in cases]


def seconds(work: Callable[[], list[tuple[int, int]]], expected: list[tuple[int, int]]) -> float:
    """The best of three; the answers have to be right."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        answers = work()
        times.append(time.perf_counter() - start)
        if answers != expected:
            raise SystemExit("the answers differ: not measured")
    return min(times)


def one_stack() -> tuple[float, float]:
    """Seconds of wall clock for the command with one stack, and for the interpreter alone."""
    commands = (
        [str(Path(sys.executable).with_name("sapper")), "mtu", ONE_STACK],
        [sys.executable, "-c", "pass"],
    )
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for command, times in zip(commands, seconds, strict=True):
            start = time.perf_counter()
            subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
            times.append(time.perf_counter() - start)
    return statistics.median(seconds[0]), statistics.median(seconds[1])


def main() -> int:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else STACKS
    cases = list(itertools.islice(itertools.cycle(texts()), wanted))
    expected = from_text(cases)
    table = dict(zip(cases, expected, strict=True))
    forms = [(sizes(parse(text)), link) for text, link in cases]
    floor = seconds(lambda: look_up(table, cases), expected)
    measured = {
        "look-up in a table": floor,
        "text to answer": seconds(lambda: from_text(cases), expected),
        "closed form to answer": seconds(lambda: from_forms(forms), expected),
    }
    for name, elapsed in measured.items():
        print(f"{name:<22} {wanted / elapsed * 60:13,.0f} stacks/min   {elapsed / floor:7.1f} x the look-up")
    print(f"the aim is {TARGET_PER_MINUTE:,} stacks/min from text; {wanted:,} stacks, {len(table):,} different")
    command, interpreter = one_stack()
    print(
        f"one stack by command   {command * 1000:8.1f} ms, python3 -c pass {interpreter * 1000:.1f} ms: "
        f"{command / interpreter:.1f} x (the aim is under {TARGET_RATIO})"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
