"""CFG349: a VXLAN interface that VyOS or the kernel cannot make.

Source: VyOS' rules of ``interfaces vxlan`` in 1.5, in their order; vxlan_config_validate of the kernel for a VNI
filter without ``external``.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.config.tree import Span
from sapper.model.branch import Branch, first_span
from sapper.rules.devices import addresses
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_VXLAN = """\
set interfaces ethernet eth0 address 192.0.2.10/24
set interfaces vxlan vxlan0 source-address 192.0.2.10
set interfaces vxlan vxlan0 remote 203.0.113.20
"""

RULE = Rule(
    code="CFG349",
    title="a VXLAN that cannot be made",
    severity="error",
    why=(
        "VyOS refuses a VXLAN without any of group, remote, source-address and source-interface; a group without "
        "source-interface; both or neither of vni and parameters external; ends of two families; external beside "
        "other VXLANs unless all use vni-filter; and gpe, always, because it looks for a word that was moved. The "
        "kernel refuses vni-filter without external (a warning)."
    ),
    bad=_VXLAN,
    good=_VXLAN + "set interfaces vxlan vxlan0 vni 100\n",
)

_ENDS = ("group", "remote", "source-address", "source-interface")


def find(subject: Subject) -> Iterator[Finding]:
    interfaces = list(subject.top.each("interfaces", "vxlan"))
    all_filter = all(vxlan.has("parameters", "vni-filter") for vxlan in interfaces)
    for vxlan in interfaces:
        yield from _ends(vxlan)
        yield from _network(vxlan)
        if vxlan.has("parameters", "external") and len(interfaces) > 1 and not all_filter:
            yield _at(vxlan, "is external beside other VXLANs without vni-filter on all", "parameters", "external")
        if vxlan.has("gpe"):
            yield _at(vxlan, "has gpe, which VyOS believes to be without external, always", "gpe")
        yield from _families(vxlan)


def _ends(vxlan: Branch) -> Iterator[Finding]:
    if not any(vxlan.has(word) for word in _ENDS):
        yield _at(vxlan, "has none of group, remote, source-address and source-interface")
    if vxlan.has("group") and not vxlan.has("source-interface"):
        yield _at(vxlan, "has a group and no source-interface to join it on", "group")


def _network(vxlan: Branch) -> Iterator[Finding]:
    external = vxlan.has("parameters", "external")
    if vxlan.has("vni") and external:
        yield _at(vxlan, "has a vni and parameters external, which takes it from each packet", "vni")
    if not vxlan.has("vni") and not external:
        yield _at(vxlan, "has neither vni nor parameters external")
    if vxlan.has("parameters", "vni-filter") and not external:
        message = f"{vxlan.name} has vni-filter without external: VyOS takes it, the kernel refuses it"
        where, span = _place(vxlan, "parameters", "vni-filter")
        yield RULE.finding(message, where, span, severity="warning")


def _families(vxlan: Branch) -> Iterator[Finding]:
    ends = [*addresses(vxlan, "source-address"), *addresses(vxlan, "remote")]
    families = {address.family for address, _ in ends}
    if len(families) > 1:
        odd = next(value for address, value in ends if address.family != ends[0][0].family)
        message = f"{vxlan.name} has ends of two families ({ends[0][1].word}, {odd.word}): VyOS refuses it"
        yield RULE.finding(message, vxlan.where, odd.span)


def _at(vxlan: Branch, what: str, *words: str) -> Finding:
    where, span = _place(vxlan, *words)
    return RULE.finding(f"{vxlan.name} {what}: VyOS refuses it", where, span)


def _place(vxlan: Branch, *words: str) -> tuple[str, Span]:
    option = vxlan.below(*words) if words else vxlan
    return (option.where, first_span(option.node)) if option is not None else (vxlan.where, first_span(vxlan.node))
