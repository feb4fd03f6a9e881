"""How fast a configuration is read, beside other readers, in one interleaved run.

Input: a generated file of 10,000 set commands, and the same tree in braces. Readers: sapper (positions, comments,
defects), hier_config (set) and vyattaconfparser (braces) if they are installed, and a naive loop that splits lines
into nested dicts and keeps nothing else, as a floor. The readers take turns; medians and ratios to sapper are
printed. Nothing is asserted: a loaded machine must not turn a build red. Rounds as argument.
"""

from __future__ import annotations

import gc
import importlib
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from sapper.config.read import read

ROUNDS = 7
COMMANDS = 10_000
Reader = Callable[[], object]


def set_text() -> str:
    lines = []
    for number in range(COMMANDS // 10):
        tunnel = f"set interfaces tunnel tun{number}"
        peer = f"set vpn ipsec site-to-site peer p{number}"
        near, far = f"10.{number >> 8}.{number & 255}.1", f"10.{number >> 8}.{number & 255}.2"
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


def braces_text() -> str:
    tunnels, peers, routes = [], [], []
    for number in range(COMMANDS // 10):
        near, far = f"10.{number >> 8}.{number & 255}.1", f"10.{number >> 8}.{number & 255}.2"
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


def without_collector(reader: Reader) -> object:
    """A tree has no cycles, so that the collector only costs; a process that reads many files may pause it."""
    gc.disable()
    try:
        return reader()
    finally:
        gc.enable()


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
            started = time.perf_counter()
            reader()
            times[name].append(time.perf_counter() - started)
    print(f"{title}: {len(text.splitlines())} lines, {len(text) / 1e6:.2f} MB, median of {rounds}")
    own = statistics.median(times["sapper"])
    for name, seconds in times.items():
        median = statistics.median(seconds)
        print(
            f"  {name:<18}{median * 1000:9.1f} ms{len(text) / 1e6 / median:8.1f} MB/s{median / own:8.2f} x sapper"
        )


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    commands, braces = set_text(), braces_text()
    in_set: dict[str, Reader] = {
        "sapper": lambda: read(commands, "x"),
        "sapper, gc paused": lambda: without_collector(lambda: read(commands, "x")),
        "naive dicts": lambda: naive_set(commands),
    }
    in_braces: dict[str, Reader] = {
        "sapper": lambda: read(braces, "x"),
        "sapper, gc paused": lambda: without_collector(lambda: read(braces, "x")),
        "naive dicts": lambda: naive_braces(braces),
    }
    if hier := installed("hier_config"):
        in_set["hier_config"] = lambda: hier.get_hconfig(hier.Platform.VYOS, commands)
    if vyatta := installed("vyattaconfparser"):
        in_braces["vyattaconfparser"] = lambda: vyatta.parse_conf(braces)
    compare("set commands", commands, in_set, rounds)
    compare("braces", braces, in_braces, rounds)


if __name__ == "__main__":
    main()
