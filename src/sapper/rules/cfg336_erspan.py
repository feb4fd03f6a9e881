"""CFG336: ERSPAN without its key, or with options of the other version.

Source: VyOS' interfaces_tunnel, which looks for ``index`` with version 2 at a wrong place and so misses it;
draft-foschiano-erspan for what each version's header holds.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch, first_span
from sapper.rules.finding import Finding, Fix
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_ERSPAN = """\
set interfaces ethernet eth0 address 192.0.2.10/24
set interfaces tunnel tun0 encapsulation erspan
set interfaces tunnel tun0 parameters erspan index 7
set interfaces tunnel tun0 source-address 192.0.2.10
set interfaces tunnel tun0 remote 203.0.113.20
"""

RULE = Rule(
    code="CFG336",
    title="ERSPAN without its key or with options of the other version",
    severity="error",
    why=(
        "VyOS refuses erspan and ip6erspan without a key, as the kernel does, `hw-id` and `direction` with version "
        "1, and version 2 without `direction`, which the kernel would take. It means to refuse `index` with "
        "version 2 but takes it, and the kernel ignores it (a warning)."
    ),
    bad=_ERSPAN,
    good=_ERSPAN + "set interfaces tunnel tun0 parameters ip key 10\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    for tunnel in subject.top.each("interfaces", "tunnel"):
        encapsulation = tunnel.text("encapsulation")
        if encapsulation not in ("erspan", "ip6erspan"):
            continue
        if not tunnel.has("parameters", "ip", "key"):
            message = f"{tunnel.name} is {encapsulation} without a key: VyOS refuses it, and so does the kernel"
            yield RULE.finding(message, tunnel.where, first_span(tunnel.node))
        if tunnel.text("parameters", "erspan", "version") == "2":
            yield from _version_2(tunnel)
        else:
            yield from _version_1(tunnel)


def _version_1(tunnel: Branch) -> Iterator[Finding]:
    for word in ("hw-id", "direction"):
        option = tunnel.below("parameters", "erspan", word)
        if option is not None:
            message = f"{tunnel.name} has {word} and ERSPAN version 1, whose header has none: VyOS refuses it"
            fix = Fix("use version 2", (f"set {tunnel.where} parameters erspan version 2",))
            yield RULE.finding(message, option.where, first_span(option.node), fixes=(fix,))


def _version_2(tunnel: Branch) -> Iterator[Finding]:
    if not tunnel.has("parameters", "erspan", "direction"):
        message = f"{tunnel.name} has ERSPAN version 2 without direction: VyOS refuses it; ingress or egress fits"
        yield RULE.finding(message, tunnel.where, first_span(tunnel.node))
    index = tunnel.below("parameters", "erspan", "index")
    if index is not None:
        message = (
            f"{tunnel.name} has index and ERSPAN version 2, whose header has none: VyOS takes it by mistake, the "
            f"kernel ignores it"
        )
        fix = Fix("leave it out", (f"delete {index.where}",))
        yield RULE.finding(message, index.where, first_span(index.node), severity="warning", fixes=(fix,))
