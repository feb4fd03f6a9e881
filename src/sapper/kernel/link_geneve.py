"""``interfaces geneve``: one far end, the kernel's port (reference, 7.7)."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.membership import Membership
from sapper.kernel.plan import GeneveHeader, Link
from sapper.kernel.type_of_service import octet
from sapper.model.interface import Geneve
from sapper.model.router import Router


def links(router: Router, membership: Membership) -> Iterator[Link]:
    for geneve in router.geneves:
        yield Link(
            name=geneve.name,
            kind="geneve",
            up=not geneve.disabled,
            mtu_bytes=geneve.mtu_bytes,
            addresses=geneve.addresses,
            master=membership.master(geneve.name, geneve.options),
            geneve=_header(geneve),
        )


def _header(geneve: Geneve) -> GeneveHeader | None:
    """None where one of the two is missing without which VyOS refuses the device."""
    if geneve.vni is None or geneve.remote is None:
        return None
    inherit, tos = octet(geneve.tos)
    return GeneveHeader(
        vni=geneve.vni,
        remote=geneve.remote,
        ttl=geneve.ttl,
        tos=None if inherit else tos,
        df=geneve.df,
        flow_label=geneve.flow_label or 0,
        inner_protocol=geneve.inner_protocol,
    )
