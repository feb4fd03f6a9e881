"""The head of every generated file set: what it is for, and what of the Plan stands in another format.

Each format carries a part of the Plan. What it does not carry is named here, line by line, so that nobody takes one
format for the whole. What no format carries (gaps of the Plan), and what the Plan assumes, is named in all of them.
"""

from __future__ import annotations

from typing import Literal

from sapper.kernel.plan import Plan
from sapper.render.remark import remark

Format = Literal["iproute2", "swanctl", "nftables", "networkd"]


def not_here(plan: Plan, target: Format) -> list[str]:
    """Comment lines that name what this format leaves to the others."""
    said = []
    if target in ("swanctl", "nftables"):
        said += [f"{_count(len(plan.links), 'link')}, their addresses, routes and rules (iproute2 or networkd)"]
    if target != "swanctl":
        said += [f"IPsec connection {connection.name} (swanctl)" for connection in plan.connections]
    if target != "nftables":
        for rules, name in (
            (plan.source_nat, "source NAT rule"),
            (plan.destination_nat, "destination NAT rule"),
            (plan.marks, "policy routing mark"),
            (plan.mss_clamps, "MSS clamp"),
            (plan.guards, "guard"),
        ):
            said += [f"{_count(len(rules), name)} (nftables)"] if rules else []
    if target in ("swanctl", "nftables") and plan.sysctls:
        said.append(f"{_count(len(plan.sysctls), 'sysctl')} (iproute2 or networkd)")
    if target == "iproute2":
        said += [f"the dynamic address of {link.name} (networkd)" for link in plan.links if link.dynamic]
    said += [f"{gap}: sapper does not carry it into any format" for gap in plan.gaps]
    return remark(
        *(f"not here: {sentence}" for sentence in said), *(f"assumed: {sentence}" for sentence in plan.assumptions)
    )


def _count(number: int, name: str) -> str:
    return f"{number} {name}" + ("" if number == 1 else "s")
