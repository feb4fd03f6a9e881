"""The Plan: the desired state of one Linux kernel, as one immutable value.

There is one way to make it (:mod:`sapper.kernel.compile`) and everything else only reads it: the proof reasons
about it, the lab boots it, the installer writes it. Names are iproute2's and strongSwan's. Lengths are bytes,
times are seconds, interface names are Linux'.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from sapper.address import Address, Attached, Prefix
from sapper.secret import Secret

LinkKind = Literal[
    "ethernet",
    "vlan",
    "loopback",
    "dummy",
    "bridge",
    "gre",
    "gretap",
    "ipip",
    "sit",
    "ip6tnl",
    "ip6gre",
    "ip6gretap",
    "erspan",
    "ip6erspan",
    "xfrm",
]
TUNNEL_KINDS = frozenset({"gre", "gretap", "ipip", "sit", "ip6tnl", "ip6gre", "ip6gretap", "erspan", "ip6erspan"})
MAIN_TABLE = 254
CHARON_TABLE = 220


class Encapsulating(msgspec.Struct, frozen=True, kw_only=True):
    """What a tunnel device puts around a packet. ``protocol`` is the outer header's (47, 4, 41).

    ``payload`` is the protocol of what an ip6tnl device carries (4 or 41), None for the others. ``tos_inherit`` is
    tos inherit for IPv4 and the traffic class for IPv6 outer headers. ``encaplimit`` None means ``none``.
    """

    protocol: int
    local: Address | None
    remote: Address | None
    link: str | None = None
    key: int | None = None
    ttl: int = 64
    tos_inherit: bool = True
    pmtu_discovery: bool = True
    ignore_df: bool = False
    payload: int | None = None
    encaplimit: int | None = None


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A network device. ``up`` is its administrative state right after the commit.

    ``raised_by`` names the child whose updown script raises the link (VyOS' VTIs), else None. ``assumed``: the
    configuration does not have it; sapper added it and says so.
    """

    name: str
    kind: LinkKind
    up: bool = True
    mtu_bytes: int | None = None
    addresses: tuple[Attached, ...] = ()
    dynamic: bool = False
    multicast: bool = True
    master: str | None = None
    parent: str | None = None
    vlan: int | None = None
    encapsulating: Encapsulating | None = None
    if_id: int | None = None
    raised_by: str | None = None
    assumed: bool = False


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One route. ``unicast`` has ``via``, ``link`` or both; the others have neither. Lower ``metric`` wins."""

    prefix: Prefix
    kind: Literal["unicast", "blackhole", "unreachable"] = "unicast"
    via: Address | None = None
    link: str | None = None
    source: Address | None = None
    metric: int = 0
    table: int = MAIN_TABLE
    onlink: bool = False
    assumed: bool = False


class Rule(msgspec.Struct, frozen=True):
    """A routing policy rule (``ip rule``): packets of the family look into ``table`` in order of ``priority``."""

    priority: int
    table: int
    family: Literal[4, 6]


class Sysctl(msgspec.Struct, frozen=True):
    """``name`` with dots below ``net``, for example ``net.ipv4.ip_forward``."""

    name: str
    value: str


class SourceNatRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of the postrouting NAT chain; the first that matches decides.

    ``action``: ``masquerade``, ``snat`` to ``to``, or ``accept`` (an exclusion). ``negated`` holds the names of the
    matches that are inverted. ``unmodelled`` names matches that sapper does not know: the rule may match less.
    """

    number: int
    action: Literal["masquerade", "snat", "accept"]
    out_link: str | None = None
    source: Prefix | None = None
    destination: Prefix | None = None
    protocol: int | None = None
    to: Address | None = None
    negated: frozenset[str] = frozenset()
    unmodelled: tuple[str, ...] = ()


class Selector(msgspec.Struct, frozen=True):
    """A traffic selector (RFC 7296 3.13.1): ``protocol`` None is any, ``port`` None is any."""

    prefix: Prefix
    protocol: int | None = None
    port: int | None = None


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """A CHILD_SA's configuration, in swanctl's terms.

    ``mode`` ``pass`` is a bypass policy. Empty ``local_ts`` or ``remote_ts`` is strongSwan's ``dynamic``: the IKE
    SA's own address on that side, known only when it is up. ``updown`` is the VTI that the script raises.
    """

    name: str
    mode: Literal["tunnel", "transport", "pass"]
    local_ts: tuple[Selector, ...]
    remote_ts: tuple[Selector, ...]
    esp_proposals: tuple[str, ...]
    start_action: Literal["none", "trap", "start"] = "none"
    close_action: Literal["none", "trap", "start"] = "none"
    dpd_action: Literal["clear", "trap", "restart"] | None = None
    life_time_s: int = 3600
    rekey_time_s: int | None = None
    if_id: int | None = None
    updown: str | None = None
    replay_window: int = 32
    priority: int | None = None
    ipcomp: bool = False
    title: str = ""


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """An IKE connection, in swanctl's terms. Empty ``remote_addrs`` is %any; ``local_addrs`` likewise.

    ``version`` 0 accepts both. ``dpd_delay_s`` None: no dead peer detection. ``title`` is the configuration's name.
    """

    name: str
    version: Literal[0, 1, 2]
    local_addrs: tuple[Address, ...]
    remote_addrs: tuple[Address, ...]
    proposals: tuple[str, ...]
    children: tuple[Child, ...]
    auth: Literal["psk", "pubkey"] = "psk"
    local_id: str | None = None
    remote_id: str | None = None
    secret: Secret | None = None
    secret_ids: tuple[str, ...] = ()
    aggressive: bool = False
    mobike: bool = True
    encap: bool = False
    dpd_delay_s: int | None = None
    dpd_timeout_s: int | None = None
    rekey_time_s: int = 28800
    keyingtries: int | None = None
    title: str = ""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The whole desired state. ``assumptions`` are sentences about what the configuration does not say.

    ``gaps`` are configured things that the Plan does not carry and that could matter to a proof, each with its
    path: a verdict that may depend on one of them is ``unknown``.
    """

    name: str
    links: tuple[Link, ...] = ()
    routes: tuple[Route, ...] = ()
    rules: tuple[Rule, ...] = ()
    sysctls: tuple[Sysctl, ...] = ()
    source_nat: tuple[SourceNatRule, ...] = ()
    connections: tuple[Connection, ...] = ()
    install_routes: bool = True
    assumptions: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()

    def link(self, name: str) -> Link | None:
        """The link of that name, or None."""
        return next((link for link in self.links if link.name == name), None)
