"""The same questions put to others: the enumeration of situations and packet classes, and an SMT solver (z3).

A small hub of GRE and IPIP tunnels and plain policies over IPv4, for which the solver's encoding is complete
(``tests/oracle/smt_fragment.py`` says so, and is asked). Confidentiality and no-bypass of every entry are asked of all; the
answers are compared. The enumeration goes through every situation of everything that an entry meets, so that it is asked
about the smallest hub only. CPU seconds.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from sapper.address import Address, Attached, Prefix
from sapper.kernel.complete import complete
from sapper.kernel.plan import (
    Child,
    Connection,
    Encapsulating,
    Link,
    LinkKind,
    Plan,
    Route,
    Selector,
    SourceNatRule,
)
from sapper.proof.enumeration import enumerate_all
from sapper.proof.properties.protected import entries_of
from sapper.proof.prove import prove
from sapper.proof.verdict import TunnelVerdicts

SIZES = (3, 6, 9)
ENUMERATED = 3
PROPERTIES = ("confidentiality", "no-bypass")
WAN = Address.parse("192.0.2.10")
Answers = list[tuple[str, str, tuple[str, ...]]]


def small_hub(tunnels: int, routes: int = 20, seed: int = 7) -> Plan:
    """A hub with that many tunnels; two of three are devices, the others plain policies."""
    chance = Random(seed)
    links = [
        Link(name="eth0", kind="ethernet", addresses=(Attached(WAN, 24),)),
        Link(name="eth1", kind="ethernet", addresses=(Attached.parse("172.16.0.1/16"),)),
    ]
    table = [Route(prefix=Prefix.everything(4), via=Address.parse("192.0.2.1"), metric=1)]
    connections = []
    for number in range(tunnels):
        far, network = Address(4, (203 << 24) + number + 1), Prefix(4, (10 << 24) + (number << 10), 22)
        ends, mode = (Prefix.host(WAN), Prefix.host(far)), "transport"
        if number % 3 < 2:
            kind: LinkKind = chance.choice(("gre", "ipip"))
            outer = Encapsulating(protocol={"gre": 47}.get(kind, 4), local=WAN, remote=far)
            inside = (Attached(Address(4, (100 << 24) + number * 4 + 1), 30),)
            links.append(Link(name=f"tun{number}", kind=kind, addresses=inside, encapsulating=outer))
            table.append(Route(prefix=network, link=f"tun{number}", metric=1))
        else:
            ends, mode = (Prefix.parse("172.16.0.0/16"), network), "tunnel"
        child = Child(
            name=f"child{number}",
            title=f"child{number}",
            mode=mode,  # type: ignore[arg-type]
            local_ts=(Selector(ends[0]),),
            remote_ts=(Selector(ends[1]),),
            esp_proposals=("aes256gcm128",),
            start_action=chance.choice(("none", "trap", "start")),
            close_action=chance.choice(("none", "trap")),
        )
        connections.append(
            Connection(
                name=f"peer{number}",
                title=f"peer{number}",
                version=2,
                local_addrs=(WAN,),
                remote_addrs=(far,),
                proposals=("aes256-sha256-ecp256",),
                children=(child,),
                dpd_delay_s=chance.choice((None, 30)),
            )
        )
    for number in range(routes):
        via = Address(4, (172 << 24) + (16 << 16) + chance.randint(2, 65000))
        table.append(Route(prefix=Prefix(4, (11 << 24) + (number << 16), 16), via=via, metric=20))
    rules = (SourceNatRule(number=100, action="masquerade", out_link="eth0", source=Prefix.parse("172.16.0.0/17")),)
    whole = Plan(
        name="hub", links=tuple(links), routes=tuple(table), connections=tuple(connections), source_nat=rules
    )
    return complete(whole)


def told(verdicts: tuple[TunnelVerdicts, ...]) -> Answers:
    return [
        (item.name, name, (*item.verdicts[name].failing_states, *item.verdicts[name].tampering))
        for item in verdicts
        for name in PROPERTIES
        if item.verdicts[name].verdict != "not-applicable"
    ]


def timed(work: Callable[[], Answers]) -> tuple[float, Answers]:
    start = time.process_time()
    answers = work()
    return time.process_time() - start, answers


def solver() -> Callable[[Plan], Answers] | None:
    """The third opinion of the tests; None where z3 is not installed."""
    if importlib.util.find_spec("z3") is None:
        return None
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "oracle"))
    import smt_fragment
    import smt_walk

    def ask(plan: Plan) -> Answers:
        reason = smt_fragment.outside(plan)
        if reason is not None:
            raise SystemExit(f"the small hub is not of the solver's fragment: {reason}")
        answers: Answers = []
        for entry in entries_of(plan):
            question = smt_walk.Question(plan, entry)
            asked = {"confidentiality": question.confidentiality}
            if entry.networks or entry.flows:
                asked["no-bypass"] = question.no_bypass
            for name, states in asked.items():
                _, lasting, tampering = smt_walk.verdict(states())
                answers.append((entry.name, name, (*lasting, *tampering)))
        return answers

    return ask


def compare() -> None:
    """Prints a line for each size and each peer, and the ratio to the proof over sets."""
    ask = solver()
    if ask is None:
        print("z3 is not installed (it comes with requirements/dev.txt): the solver is not asked")
    for size in SIZES:
        plan = small_hub(size)
        base, answers = timed(lambda plan=plan: told(prove(plan)))  # type: ignore[misc]
        print(f"{size} tunnels, 20 routes, {len(answers)} questions: over sets {base * 1e3:.1f} ms")
        if size <= ENUMERATED:
            _print("enumeration", base, answers, timed(lambda plan=plan: told(enumerate_all(plan))))  # type: ignore[misc]
        if ask is not None:
            _print("z3", base, answers, timed(lambda plan=plan: ask(plan)))  # type: ignore[misc]


def _print(name: str, base: float, answers: Answers, peer: tuple[float, Answers]) -> None:
    same = "the same answers" if peer[1] == answers else "OTHER ANSWERS"
    print(f"    {name}: {peer[0]:.2f} s, {peer[0] / base:,.0f} times as long, {same}")


if __name__ == "__main__":
    compare()
