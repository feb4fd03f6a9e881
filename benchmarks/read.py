"""How fast a configuration is read, and how much memory it takes, beside other readers in one interleaved run.

Input: generated set commands, 10,000 and 1,000,000 of them, and the same trees in braces. Readers: sapper
(positions, comments, defects), hier_config (set) and vyattaconfparser (braces) if they are installed, and a naive
loop that splits lines into nested dicts and keeps nothing else, as a floor. The readers take turns; medians and
ratios to sapper are printed. sapper makes the nodes below a section of set commands when somebody looks there, so a
second row has every node made and visited. Then, each in a process of its own: the growth of the resident set for
each word of the set form, and the whole way from text to a validated Router at two sizes.

Nothing is asserted: a loaded machine must not turn a build red. Arguments: rounds (default 7), and ``quick`` to
leave the million out.
"""

from __future__ import annotations

import gc
import importlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from sapper.config.read import read
from sapper.config.tree import Document

ROUNDS = 7
FEW, MANY = 10_000, 1_000_000
Reader = Callable[[], object]


def address(number: int, host: int) -> str:
    return f"{10 + (number >> 16)}.{number >> 8 & 255}.{number & 255}.{host}"


def set_text(commands: int) -> str:
    lines = []
    for number in range(commands // 10):
        tunnel = f"set interfaces tunnel tun{number}"
        peer = f"set vpn ipsec site-to-site peer p{number}"
        near, far = address(number, 1), address(number, 2)
        lines += [
            f"{tunnel} address '{near}/30'",
            f"{tunnel} description 'to site {number}'",
            f"{tunnel} encapsulation 'gre'",
            f"{tunnel} parameters ip key '{number}'",
            f"{tunnel} source-address '192.0.2.1'",
            f"{peer} authentication mode 'pre-shared-secret'",
            f"{peer} ike-group 'IKE'",
            f"{peer} remote-address '{far}'",
            f"{peer} tunnel 1 protocol 'gre'",
            f"set protocols static route {near}/32 interface tun{number}",
        ]
    return "\n".join(lines) + "\n"


def braces_text(commands: int) -> str:
    tunnels, peers, routes = [], [], []
    for number in range(commands // 10):
        near, far = address(number, 1), address(number, 2)
        tunnels.append(
            f'    tunnel tun{number} {{\n        address "{near}/30"\n        description "to site {number}"\n'
            f'        encapsulation "gre"\n        parameters {{\n            ip {{\n                key "{number}"\n'
            '            }\n        }\n        source-address "192.0.2.1"\n    }\n'
        )
        peers.append(
            f'            peer p{number} {{\n                authentication {{\n                    mode "pre-shared-secret"'
            f'\n                }}\n                ike-group "IKE"\n                remote-address "{far}"\n'
            '                tunnel 1 {\n                    protocol "gre"\n                }\n            }\n'
        )
        routes.append(
            f"        route {near}/32 {{\n            interface tun{number} {{\n            }}\n        }}\n"
        )
    return (
        f"interfaces {{\n{''.join(tunnels)}}}\nprotocols {{\n    static {{\n{''.join(routes)}    }}\n}}\n"
        f"vpn {{\n    ipsec {{\n        site-to-site {{\n{''.join(peers)}        }}\n    }}\n}}\n"
    )


def naive_set(text: str) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for line in text.splitlines():
        at = root
        for word in line.split()[1:]:
            at = at.setdefault(word, {})
    return root


def naive_braces(text: str) -> dict[str, Any]:
    stack: list[dict[str, Any]] = [{}]
    for line in text.splitlines():
        words = line.split()
        if words == ["}"]:
            stack.pop()
        elif words:
            at = stack[-1]
            for word in words[:-1] if words[-1] == "{" else words:
                at = at.setdefault(word, {})
            if words[-1] == "{":
                stack.append(at)
    return stack[0]


def visited(document: Document) -> int:
    """Every node made and looked at."""
    return sum(1 for _ in document.root.walk())


def installed(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"  {name} is not installed; left out", file=sys.stderr)
        return None


def compare(title: str, text: str, readers: dict[str, Reader], rounds: int) -> None:
    times: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(rounds):
        for name, reader in readers.items():
            gc.collect()  # what the one before left is not this one's
            started = time.perf_counter()
            result = reader()
            times[name].append(time.perf_counter() - started)
            del result
    print(f"{title}: {len(text.splitlines())} lines, {len(text) / 1e6:.2f} MB, median of {rounds}")
    own = statistics.median(times["sapper"])
    for name, seconds in times.items():
        median = statistics.median(seconds)
        print(
            f"  {name:<18}{median * 1000:9.1f} ms{len(text) / 1e6 / median:8.1f} MB/s{median / own:8.2f} x sapper"
        )


def compare_both(commands: int, rounds: int) -> None:
    text, braces = set_text(commands), braces_text(commands)
    in_set: dict[str, Reader] = {
        "sapper": lambda: read(text, "x"),
        "sapper, visited": lambda: visited(read(text, "x")),
        "naive dicts": lambda: naive_set(text),
    }
    in_braces: dict[str, Reader] = {
        "sapper": lambda: read(braces, "x"),
        "sapper, visited": lambda: visited(read(braces, "x")),
        "naive dicts": lambda: naive_braces(braces),
    }
    if hier := installed("hier_config"):
        in_set["hier_config"] = lambda: hier.get_hconfig(hier.Platform.VYOS, text)
    if vyatta := installed("vyattaconfparser"):
        in_braces["vyattaconfparser"] = lambda: vyatta.parse_conf(braces)
    compare("set commands", text, in_set, rounds)
    compare("braces", braces, in_braces, rounds)


def resident() -> int:
    """Bytes of this process that are in memory."""
    with open("/proc/self/statm") as statm:  # noqa: PTH123  no import of pathlib between two measurements
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def measure_memory(syntax: str, commands: int) -> None:
    """In a process of its own: the growth by reading, and by making every node."""
    text = set_text(commands) if syntax == "set" else braces_text(commands)
    words = len(set_text(commands).split())
    visited(read(set_text(10), "warm"))
    before = resident()
    document = read(text, "x")
    after_reading = resident()
    visited(document)
    print(
        f"  {syntax:<7}{commands:>9} commands: read {(after_reading - before) / words:6.1f},"
        f" every node made {(resident() - before) / words:6.1f} bytes for each word of the set form"
    )


def measure_whole_way(syntax: str, commands: int) -> None:
    """In a process of its own: text to validated Router."""
    from sapper.config.upgrade import upgrade
    from sapper.model.build import build

    text = set_text(commands) if syntax == "set" else braces_text(commands)
    words = len(set_text(commands).split())
    warm = upgrade(read(set_text(10), "warm"))
    build(warm.root, warm.generation, "warm")
    before, started = resident(), time.perf_counter()
    upgraded = upgrade(read(text, "x"))
    built = build(upgraded.root, upgraded.generation, "x")
    seconds = time.perf_counter() - started
    print(
        f"  {syntax:<7}{commands:>9} commands: {seconds:7.2f} s, {seconds / commands * 1e6:5.1f} us a command,"
        f" {(resident() - before) / words:6.1f} bytes a word; {len(built.router.tunnels)} tunnels,"
        f" {len(built.problems)} problems"
    )


def in_its_own_process(what: str, sizes: tuple[int, ...]) -> None:
    for syntax in ("set", "braces"):
        for commands in sizes:
            sys.stdout.flush()
            subprocess.run([sys.executable, __file__, what, syntax, str(commands)], check=True)


def main(words: list[str]) -> None:
    if words[:1] == ["memory"]:
        measure_memory(words[1], int(words[2]))
        return
    if words[:1] == ["whole"]:
        measure_whole_way(words[1], int(words[2]))
        return
    sizes = (FEW, FEW * 10) if "quick" in words else (FEW, MANY)
    rounds = next((int(word) for word in words if word.isdigit()), ROUNDS)
    compare_both(FEW, rounds)
    if "quick" not in words:
        compare_both(MANY, 1)
    print("memory: growth of the resident set")
    in_its_own_process("memory", sizes)
    print("the whole way: text to a validated Router")
    in_its_own_process("whole", sizes)


if __name__ == "__main__":
    main(sys.argv[1:])
