"""How fast a hub is proved: 10, 100, 1,000 and 10,000 tunnels of mixed kinds, no two alike, and 100,000 routes.

Each size runs in a process of its own, so that its memory is its own. Printed: CPU seconds for completing and indexing
the Plan and for the proof itself (Python looks for garbage as seldom as in the command), the time per tunnel, the
growth of the resident set, and the CPU time of proving again after one tunnel, one route and one connection changed.
Then the ratio of the time per tunnel at the largest size to that at 100: of the proof alone, and with the index, whose
100,000 routes a small hub pays alone.

Beside it in the same run, on small hubs (:mod:`beside`): the enumeration of situations and packet classes that the proof is
compared with, and the same questions asked of z3, if it is installed. No two of a thousand tunnels have one shape, and
nothing is kept between tunnels but the ends of outer packets that are the same: there is no cache of templates. Nothing is
asserted: a loaded machine must not turn a build red. Arguments: the sizes, or ``quick`` for 10 and 100.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable

import msgspec
from beside import compare
from hub import ROUTES, hub

from sapper.__main__ import collect_seldom
from sapper.kernel.complete import complete
from sapper.kernel.plan import Plan
from sapper.proof.over_sets.prove import Prover
from sapper.proof.standing import StandingProof

SIZES = (10, 100, 1_000, 10_000)


def cpu_s(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def resident_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def one_size(tunnels: int) -> None:
    """Prints one line of figures, and the same for the parent to read."""
    plan = hub(tunnels)
    collect_seldom()
    before = resident_mib()
    start = time.process_time()
    prover = Prover(complete(plan))
    indexed = time.process_time()
    verdicts = [prover.verdicts(entry) for entry in prover.index.entries]
    proved = time.process_time()
    grown = resident_mib() - before
    words = Counter(verdicts[at].verdicts["confidentiality"].verdict for at in range(len(verdicts)))
    index_s, proof_s = indexed - start, proved - indexed
    print(
        f"{tunnels:>7,} tunnels  {ROUTES:,} routes  index {index_s:6.2f} s  proof {proof_s:6.2f} s"
        f"  {proof_s / tunnels * 1e3:6.3f} ms/tunnel ({(index_s + proof_s) / tunnels * 1e3:7.3f} with index)"
        f"  {prover.walk.steps / tunnels:5.1f} steps/tunnel  +{grown} MiB  confidentiality {dict(sorted(words.items()))}"
    )
    del prover, verdicts
    standing = StandingProof(plan)
    for words_, times in again(standing, plan):
        print(f"        proved again after one {words_}: {statistics.median(times) * 1e3:.2f} ms", end="")
        print(f" (median of {len(times)}, most {max(times) * 1e3:.2f} ms)")
    print(f"@ {proof_s / tunnels} {(index_s + proof_s) / tunnels}")


def again(standing: StandingProof, plan: Plan) -> list[tuple[str, list[float]]]:
    """The CPU time to follow some changes of each kind, one after the other."""
    found = []
    for name, change in (("tunnel", other_key), ("route", other_metric), ("connection", other_action)):
        times = []
        for at in places(plan, name):
            plan = change(plan, at)
            proved: list[tuple[str, ...]] = []
            times.append(cpu_s(lambda now=plan, to=proved: to.append(standing.follow(now))))  # type: ignore[misc]
            if len(proved[0]) == len(standing.verdicts) > 1:
                print(f"        (a change of a {name} proved everything again)")
        found.append((name, times))
    return found


def places(plan: Plan, name: str) -> list[int]:
    """Some positions of tunnels, of their routes, or of connections."""
    if name == "tunnel":
        some = [at for at, link in enumerate(plan.links) if link.encapsulating]
    elif name == "route":
        some = [at for at, route in enumerate(plan.routes) if route.link and route.link.startswith("tun")]
    else:
        some = [at for at, item in enumerate(plan.connections) if item.children[0].if_id is None]
    return some[:: max(1, len(some) // 7)][:7]


def other_key(plan: Plan, at: int) -> Plan:
    link = plan.links[at]
    outer = link.encapsulating
    assert outer is not None
    changed = msgspec.structs.replace(link, encapsulating=msgspec.structs.replace(outer, key=4_000_000))
    return msgspec.structs.replace(plan, links=(*plan.links[:at], changed, *plan.links[at + 1 :]))


def other_metric(plan: Plan, at: int) -> Plan:
    changed = msgspec.structs.replace(plan.routes[at], metric=33)
    return msgspec.structs.replace(plan, routes=(*plan.routes[:at], changed, *plan.routes[at + 1 :]))


def other_action(plan: Plan, at: int) -> Plan:
    connection = plan.connections[at]
    wanted = "start" if connection.children[0].start_action == "trap" else "trap"
    child = msgspec.structs.replace(connection.children[0], start_action=wanted)
    changed = msgspec.structs.replace(connection, children=(child, *connection.children[1:]))
    return msgspec.structs.replace(plan, connections=(*plan.connections[:at], changed, *plan.connections[at + 1 :]))


def main(words: list[str]) -> int:
    if words[:1] == ["one"]:
        one_size(int(words[1]))
        return 0
    sizes = (10, 100) if words == ["quick"] else tuple(map(int, words)) or SIZES
    per_tunnel: dict[int, tuple[float, float]] = {}
    for size in sizes:
        done = subprocess.run(
            [sys.executable, __file__, "one", str(size)], check=True, capture_output=True, text=True
        )
        lines = done.stdout.splitlines()
        print("\n".join(line for line in lines if not line.startswith("@")), flush=True)
        alone, whole = lines[-1].split()[1:]
        per_tunnel[size] = float(alone), float(whole)
    if 100 in per_tunnel and len(per_tunnel) > 1:
        last = max(per_tunnel)
        ratios = [per_tunnel[last][at] / per_tunnel[100][at] for at in (0, 1)]
        print(f"time per tunnel at {last:,} to that at 100: {ratios[0]:.2f} (with the index {ratios[1]:.2f})")
    compare()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
