"""CFG332: a VRF without a table of its own, or with a name that means something else.

Source: VyOS' rules of ``vrf``. Static routes of a numbered table are put into the same table of the kernel.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch, first_span
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG332",
    title="a VRF without a table of its own",
    severity="error",
    why=(
        "VyOS refuses a VRF without table, a table that another VRF has, and names that are words of the command "
        "that makes it. It takes a table that `protocols static table` fills too: then those routes are the VRF's "
        "(a warning)."
    ),
    bad="set vrf name BLUE table 1000\nset vrf name RED table 1000\n",
    good="set vrf name BLUE table 1000\nset vrf name RED table 1001\n",
)

RESERVED = frozenset(
    {"add", "all", "broadcast", "default", "delete", "dev", "get", "inet", "mtu", "link", "type", "vrf"}
)


def find(subject: Subject) -> Iterator[Finding]:
    static = {table.name for table in subject.top.each("protocols", "static", "table")}
    first: dict[str, str] = {}
    for vrf in subject.top.each("vrf", "name"):
        if vrf.name in RESERVED:
            message = f"{vrf.name} is a reserved word and no name for a VRF: VyOS refuses it"
            yield RULE.finding(message, vrf.where, first_span(vrf.node))
        yield from _table(vrf, first, static)


def _table(vrf: Branch, first: dict[str, str], static: set[str]) -> Iterator[Finding]:
    value = vrf.in_force("table")
    if value is None:
        message = f"{vrf.name} has no table: VyOS refuses it; a number from 100 to 65535 that no other VRF has fits"
        yield RULE.finding(message, vrf.where, first_span(vrf.node))
        return
    other = first.setdefault(value.word, vrf.name)
    if other != vrf.name:
        message = f"{vrf.name} has table {value.word}, which is that of {other}: VyOS refuses it"
        yield RULE.finding(message, f"{vrf.where} table", value.span)
    elif value.word in static:
        message = (
            f"{vrf.name} has table {value.word}, which `protocols static table {value.word}` fills too: VyOS takes "
            f"it, and those routes are in the VRF"
        )
        yield RULE.finding(message, f"{vrf.where} table", value.span, severity="warning")
