"""CFG353: two VXLAN, GENEVE or L2TPv3 interfaces that the kernel cannot tell apart.

VyOS looks at none of this. Source: vxlan_vni_in_use in drivers/net/vxlan/vxlan_core.c, geneve_find_dev in
drivers/net/geneve.c, l2tp_tunnel_register in net/l2tp/l2tp_core.c; a UDP port of one address has one socket.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch, first_span
from sapper.rules.devices import addresses
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_VXLAN = """\
set interfaces vxlan vxlan0 remote 203.0.113.20
set interfaces vxlan vxlan0 vni 100
set interfaces vxlan vxlan1 remote 203.0.113.21
set interfaces vxlan vxlan1 vni 100
"""

RULE = Rule(
    code="CFG353",
    title="two interfaces with one network or tunnel identifier",
    severity="warning",
    why=(
        "VyOS takes both and the kernel refuses the second: a VXLAN is found by its VNI and port whatever its "
        "remote, GENEVE by its VNI and remote, L2TPv3 by its tunnel-id, and over UDP each L2TPv3 tunnel needs a "
        "source-port of its own. One VXLAN may have several remotes."
    ),
    bad=_VXLAN,
    good=_VXLAN.replace("vxlan1 vni 100", "vxlan1 vni 101"),
)

_VXLAN_PORT = "4789"
_L2TP_PORT = "5000"

Mark = tuple[object, ...]


def find(subject: Subject) -> Iterator[Finding]:
    first: dict[Mark, str] = {}
    for kind, marks in (("vxlan", _of_vxlan), ("geneve", _of_geneve), ("l2tpv3", _of_l2tpv3)):
        for branch in subject.top.each("interfaces", kind):
            for what, mark in marks(branch):
                other = first.setdefault((kind, what, *mark), branch.name)
                if other != branch.name:
                    message = f"{branch.name} and {other} have {what}: VyOS takes it, the kernel refuses the second"
                    yield RULE.finding(message, branch.where, first_span(branch.node))
                    break


def _of_vxlan(branch: Branch) -> Iterator[tuple[str, Mark]]:
    vni = branch.text("vni")
    if vni is not None and not branch.has("parameters", "external"):
        port = branch.text("port") or _VXLAN_PORT
        family = _family(branch, "remote") or _family(branch, "group") or _family(branch, "source-address")
        yield f"vni {vni} on port {port}", (vni, port, family, branch.has("gpe"))


def _of_geneve(branch: Branch) -> Iterator[tuple[str, Mark]]:
    vni, remote = branch.text("vni"), branch.text("remote")
    if vni is not None and remote is not None:
        yield f"vni {vni} and remote {remote}", (vni, remote)


def _of_l2tpv3(branch: Branch) -> Iterator[tuple[str, Mark]]:
    tunnel = branch.text("tunnel-id")
    if tunnel is not None:
        yield f"tunnel-id {tunnel}", (tunnel,)
    source = branch.text("source-address")
    if source is not None and branch.text("encapsulation") != "ip":
        port = branch.text("source-port") or _L2TP_PORT
        yield f"source-address {source} and source-port {port}", (source, port)


def _family(branch: Branch, word: str) -> int | None:
    return next((address.family for address, _ in addresses(branch, word)), None)
