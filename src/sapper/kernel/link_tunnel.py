"""``interfaces tunnel``: the devices whose outer header is IP itself, in ten encapsulations (reference, 5 and 21).

Over IPv6 the traffic class, the flow label and the encapsulation limit count, over IPv4 the type of service. 6rd is
carried out by the first two generations; later ones take the words and do nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import msgspec

from sapper.address import Prefix
from sapper.encap.encapsulation import Encapsulation
from sapper.encap.register import ENCAPSULATIONS
from sapper.kernel.membership import Membership
from sapper.kernel.plan import Encapsulating, ErspanHeader, Link, LinkKind, SixRdPrefixes
from sapper.kernel.type_of_service import octet
from sapper.model.interface import Tunnel
from sapper.model.router import Router

_APPLIES_6RD = frozenset({"1.1", "1.2"})


def links(router: Router, membership: Membership) -> Iterator[Link]:
    for tunnel in router.tunnels:
        record = ENCAPSULATIONS[tunnel.encapsulation]
        outer = _outer(tunnel, record)
        if tunnel.sixrd is not None and record.link_kind == "sit" and router.generation in _APPLIES_6RD:
            relay = tunnel.sixrd.relay_prefix or Prefix.everything(4)
            outer = msgspec.structs.replace(outer, sixrd=SixRdPrefixes(tunnel.sixrd.prefix, relay))
        yield Link(
            name=tunnel.name,
            kind=cast(LinkKind, record.link_kind),
            up=not tunnel.disabled,
            mtu_bytes=tunnel.mtu_bytes,
            addresses=tunnel.addresses,
            multicast=tunnel.multicast,
            master=membership.master(tunnel.name, tunnel.options),
            encapsulating=outer,
        )


def _outer(tunnel: Tunnel, record: Encapsulation) -> Encapsulating:
    plain = Encapsulating(
        protocol=record.protocol,
        local=tunnel.local,
        remote=tunnel.remote,
        link=tunnel.source_interface,
        key=tunnel.key,
        ttl=tunnel.ttl,
        pmtu_discovery=tunnel.pmtu_discovery,
        ignore_df=tunnel.ignore_df,
        payload=record.protocol if record.link_kind == "ip6tnl" else None,
        erspan=_erspan(tunnel) if record.name in ("erspan", "ip6erspan") else None,
        sequence=record.name in ("erspan", "ip6erspan"),
    )
    if record.outer_family == 4:
        inherit, tos = octet(tunnel.tos)
        return msgspec.structs.replace(plain, tos_inherit=inherit, tos=tos)
    return msgspec.structs.replace(
        plain,
        tos_inherit=tunnel.traffic_class is None,
        tos=tunnel.traffic_class or 0,
        encaplimit=tunnel.encaplimit,
        flow_label=None if tunnel.flow_label == "inherit" else tunnel.flow_label or 0,
    )


def _erspan(tunnel: Tunnel) -> ErspanHeader:
    """Type II has an index; type III has a direction and a hardware id (the index is ignored there)."""
    own = tunnel.erspan
    if own is None:
        return ErspanHeader()
    if own.version == 1:
        return ErspanHeader(index=own.index or 0)
    return ErspanHeader(version=2, egress=own.direction == "egress", hw_id=own.hw_id or 0)
