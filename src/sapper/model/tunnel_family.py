"""Which encapsulation a tunnel has, where its text says none or one of the other family than its ends.

VyOS refuses both. sapper goes on with what was most probably meant, so that the rest of the configuration can be
judged, and names it. Source: the family rule of VyOS' interfaces_tunnel, RFC 2003 and RFC 2473 for what each
encapsulation carries.
"""

from __future__ import annotations

from typing import NamedTuple

from sapper.address import Address, Attached
from sapper.model.branch import Assumed, Branch, first_span
from sapper.model.interface import Encapsulation
from sapper.schema.tunnel import IPV6_ENCAPSULATIONS

_KNOWN: dict[str, Encapsulation] = {
    "gre": "gre",
    "gretap": "gretap",
    "ipip": "ipip",
    "sit": "sit",
    "ipip6": "ipip6",
    "ip6ip6": "ip6ip6",
    "ip6gre": "ip6gre",
    "ip6gretap": "ip6gretap",
    "erspan": "erspan",
    "ip6erspan": "ip6erspan",
}
_OVER_IPV6: dict[Encapsulation, Encapsulation] = {
    "gre": "ip6gre",
    "gretap": "ip6gretap",
    "erspan": "ip6erspan",
    "sit": "ip6ip6",
}
_OVER_IPV4: dict[Encapsulation, Encapsulation] = {
    "ip6gre": "gre",
    "ip6gretap": "gretap",
    "ip6erspan": "erspan",
    "ipip6": "ipip",
    "ip6ip6": "sit",
}
_CARRIES: dict[str, str] = {
    "ipip": "ipip carries IPv4 over IPv4",
    "sit": "sit carries IPv6 over IPv4",
    "ipip6": "ipip6 carries IPv4 over IPv6",
    "ip6ip6": "ip6ip6 carries IPv6 over IPv6",
}


class Chosen(NamedTuple):
    """The encapsulation and the ends that fit it; an end of the other family is left out."""

    encapsulation: Encapsulation
    local: Address | None
    remote: Address | None


def choose_encapsulation(
    branch: Branch,
    ends: tuple[Address | None, Address | None],
    addresses: tuple[Attached, ...],
    defaulted: list[Assumed],
) -> Chosen:
    """The encapsulation as written if it fits; otherwise the one that is meant, with an entry in ``defaulted``."""
    local, remote = ends
    families = {end.family for end in ends if end is not None}
    written = branch.text("encapsulation")
    over_ipv6 = families == {6}
    if len(families) == 2:
        chosen = _KNOWN[written] if written is not None else _assume_gre(branch, over_ipv6, defaulted)
        return _mixed_ends(branch, chosen, local, remote, defaulted)
    if written is None:
        return Chosen(_assume_gre(branch, over_ipv6, defaulted), local, remote)
    encapsulation = _KNOWN[written]
    fits = not families or over_ipv6 == (encapsulation in IPV6_ENCAPSULATIONS)
    if fits:
        return Chosen(encapsulation, local, remote)
    meant = _counterpart(encapsulation, over_ipv6, addresses)
    outside = "IPv6" if over_ipv6 else "IPv4"
    carries = _CARRIES.get(written, f"{written} is carried over {'IPv4' if over_ipv6 else 'IPv6'}")
    message = (
        f"{carries}; the ends are {outside}: {meant} is meant. VyOS refuses {written} here, "
        f"sapper goes on with {meant}"
    )
    value = branch.in_force("encapsulation")
    span = value.span if value is not None else first_span(branch.node)
    defaulted.append(Assumed("CFG302", message, f"{branch.where} encapsulation", span))
    return Chosen(meant, local, remote)


def _counterpart(written: Encapsulation, over_ipv6: bool, addresses: tuple[Attached, ...]) -> Encapsulation:
    """The encapsulation of the other outer family that carries what this tunnel's addresses ask for."""
    if over_ipv6 and written == "ipip":
        return "ip6ip6" if any(address.address.family == 6 for address in addresses) else "ipip6"
    return (_OVER_IPV6 if over_ipv6 else _OVER_IPV4)[written]


def _assume_gre(branch: Branch, over_ipv6: bool, defaulted: list[Assumed]) -> Encapsulation:
    assumed: Encapsulation = "ip6gre" if over_ipv6 else "gre"
    if branch.in_force("encapsulation") is None:
        message = f"{branch.name} has no encapsulation; VyOS refuses it, sapper goes on with {assumed}"
        defaulted.append(Assumed("CFG301", message, branch.where, first_span(branch.node)))
    return assumed


def _mixed_ends(
    branch: Branch,
    encapsulation: Encapsulation,
    local: Address | None,
    remote: Address | None,
    defaulted: list[Assumed],
) -> Chosen:
    """One end is IPv4 and the other IPv6: the one that does not fit the encapsulation is left out."""
    family = 6 if encapsulation in IPV6_ENCAPSULATIONS else 4
    odd = "source-address" if local is not None and local.family != family else "remote"
    value = branch.in_force(odd)
    message = (
        f"the ends of {branch.name} are of two families; {encapsulation} needs IPv{family} on both. "
        f"VyOS refuses it, sapper goes on without this {odd}"
    )
    span = value.span if value is not None else first_span(branch.node)
    defaulted.append(Assumed("CFG302", message, f"{branch.where} {odd}", span))
    if odd == "source-address":
        return Chosen(encapsulation, None, remote)
    return Chosen(encapsulation, local, None)
