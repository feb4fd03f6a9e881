"""A report made up for the tests of its formats: every verdict, every severity, awkward characters."""

from __future__ import annotations

from sapper.config.tree import Place
from sapper.proof.verdict import OnWire, PropertyVerdict, TunnelVerdicts, Witness, WitnessPacket
from sapper.rules.check import unreadable
from sapper.rules.finding import Fix, Severity
from sapper.rules.report import CheckReport, FileReport, FindingReport

WITNESS = Witness(
    state="deleted",
    cause="peer",
    packet=WitnessPacket(in_="eth1", src="192.168.1.10", dst="192.168.2.10", protocol="udp"),
    trace=("route to 192.168.2.0/24 dev tun0", "tun0 encapsulates"),
    wire=OnWire(interface="eth0", src="192.0.2.10", dst="203.0.113.20", protocol="gre"),
    events=("boot", "the daemon starts", "the peer closes the SA"),
)
REFUTED = PropertyVerdict(
    verdict="refuted",
    failing_states=("boot", "deleted"),
    tampering=("flushed",),
    states=8,
    classes=3,
    witness=WITNESS,
)
PROVED = PropertyVerdict(verdict="proved", states=8, classes=1, assumptions=("eth9 is untrusted",))
UNKNOWN = PropertyVerdict(verdict="unknown", reason="not modelled: policy route")
NOT_APPLICABLE = PropertyVerdict(verdict="not-applicable", reason="it is disabled")


def finding(
    code: str, severity: Severity, line: int, end_line: int, message: str = "what is wrong"
) -> FindingReport:
    return FindingReport(
        code=code,
        severity=severity,
        message=message,
        path="interfaces tunnel tun0",
        line=line,
        column=2,
        end_line=end_line,
        end_column=9,
        fixes=(Fix("a way out", ("set a b",), ("set c d",)),) if code == "LEAK101" else (),
    )


def report(**verdicts: PropertyVerdict) -> CheckReport:
    """Two files, the second unreadable; ``no_bypass`` is the property no-bypass."""
    named = {name.replace("_", "-"): verdict for name, verdict in verdicts.items()}
    tunnel = TunnelVerdicts(name="tun0", encapsulation="gre", protection="ipsec", verdicts=named)
    readable = FileReport(
        path="a,b:c%.boot",
        syntax="braces",
        generation="1.3",
        unmodelled=("protocols bgp",),
        tunnels=(tunnel,),
        findings=(
            finding("LEAK101", "error", 3, 5, "50% leaks\nhere"),
            finding("CFG311", "warning", 7, 7),
            finding("CFG312", "info", 9, 9),
        ),
    )
    return CheckReport(files=(readable, unreadable("bad.boot", Place(4, 2, 30), "expected a word")))
