"""The ``host`` provider on a host whose kernel can do it: a guest, in which sapper runs as it would on such a host."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sapper.lab.guest import Guest
from sapper.lab.provider_check import FALLBACK

pytestmark = pytest.mark.lab
ROOT = Path(__file__).parents[2]
PAIR = [str(ROOT / "examples/canonical" / name) for name in ("east.set", "west.set")]
# A lab that builds something, says so, and waits to be ended from outside.
WAITING = f"""
import sys, time
sys.path[:0] = [{str(Path(__file__).parent)!r}]
from sapper.lab.provider_host import Host
with Host(agent_module="guest_agent_stub", agent_paths=({str(Path(__file__).parent)!r},)) as host:
    made = host.call({{"run": ["sh", "-c", "ip netns add left && sleep 777 >/dev/null 2>&1 & touch /usr/left /run/left"]}}, 30)
    time.sleep(0.5)
    print("up", flush=True)
    time.sleep(100)
"""
ENDED = """
mkdir -p /run/probe; cd /run/probe; export TMPDIR=/run/probe
mkfifo said; {python} -c "$0" > said & child=$!
read word < said; echo "$word"
pgrep -c -fx 'sleep 777'
kill -{signal} $child; wait $child; echo "status $?"
for i in 1 2 3 4 5 6 7 8; do pgrep -fx 'sleep 777' > /dev/null || break; sleep 0.5; done
pgrep -fx 'sleep 777'; ls /run/netns /usr/left /run/left 2>/dev/null
echo "directories $(ls -d /run/probe/sapper-guest-* 2>/dev/null | wc -l)"
"""


@pytest.fixture(scope="module")
def machine() -> Iterator[Guest]:
    with Guest(boot_deadline_s=180) as guest:
        yield guest


def run(machine: Guest, *words: str, deadline_s: float = 120) -> dict[str, Any]:
    return machine.call({"do": "run", "words": list(words), "timeout_s": deadline_s}, deadline_s + 10)


def lab_run(machine: Guest) -> dict[str, Any]:
    lab = [sys.executable, "-m", "sapper", "lab", "run", *PAIR, "--provider", "host", "--states", "boot,up"]
    return run(machine, *lab, "--format", "json", deadline_s=300)


def links(machine: Guest) -> set[str]:
    return {line.split()[0] for line in run(machine, "ip", "-br", "link")["out"].splitlines()}


def test_modules_that_would_change_the_hosts_network_are_named_first(machine: Guest) -> None:
    if "gre0@NONE" in links(machine):
        pytest.skip("the modules are loaded already")
    before = links(machine)
    answer = lab_run(machine)
    assert answer["status"] == 3
    assert answer["err"].count("\n") == 1
    assert "run 'modprobe -a dummy ip_gre" in answer["err"]
    assert links(machine) == before


def test_a_pair_on_the_hosts_own_kernel(machine: Guest) -> None:
    run(machine, "modprobe", "-a", *FALLBACK)
    before = links(machine)
    answer = lab_run(machine)
    assert answer["status"] == 0, answer
    report = json.loads(answer["out"])
    assert report["provider"] == "host"
    assert report["kernel"] == machine.kernel
    assert report["disagreements"] == 0
    states = [state["state"] for tunnel in report["tunnels"] for state in tunnel["states"]]
    assert set(states) == {"boot", "up"}
    assert machine.versions["iproute2"].startswith(report["versions"]["iproute2"])
    assert links(machine) == before
    assert run(machine, "pgrep", "charon")["status"] == 1
    assert run(machine, "ls", "/run/netns", "/sapper-lab")["out"] == ""


@pytest.mark.parametrize(("signal", "status", "directories"), [("TERM", 143, 0), ("KILL", 137, 0)])
def test_nothing_is_left_however_it_ends(machine: Guest, signal: str, status: int, directories: int) -> None:
    run(machine, "modprobe", "-a", *FALLBACK)
    script = ENDED.format(python=sys.executable, signal=signal)
    answer = run(machine, "bash", "-c", script, WAITING, deadline_s=150)
    assert answer["out"].split("\n") == ["up", "1", f"status {status}", f"directories {directories}", ""], answer
    run(machine, "rm", "-rf", "/run/probe")
