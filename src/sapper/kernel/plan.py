"""The Plan: the desired state of one Linux kernel, as one immutable value.

There is one way to make it (:mod:`sapper.kernel.compile`) and everything else only reads it: the proof reasons
about it, the lab boots it, the installer writes it. Names are iproute2's and strongSwan's. Lengths are bytes,
times are seconds, interface names are Linux'.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from sapper.address import Address, Attached, Prefix
from sapper.model.stated import Stated
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
    "vxlan",
    "geneve",
    "l2tpeth",
    "wireguard",
    "pppoe",
    "vrf",
]
TUNNEL_KINDS = frozenset({"gre", "gretap", "ipip", "sit", "ip6tnl", "ip6gre", "ip6gretap", "erspan", "ip6erspan"})
MAIN_TABLE = 254
CHARON_TABLE = 220


class ErspanHeader(msgspec.Struct, frozen=True, kw_only=True):
    """ERSPAN type II is version 1 with ``index``, type III version 2 with ``egress`` and ``hw_id``."""

    version: Literal[1, 2] = 1
    index: int = 0
    egress: bool = False
    hw_id: int = 0


class SixRdPrefixes(msgspec.Struct, frozen=True):
    """RFC 5969: far ends are found in the destination, below ``prefix``, after the bits of ``relay``."""

    prefix: Prefix
    relay: Prefix


class Encapsulating(msgspec.Struct, frozen=True, kw_only=True):
    """What a tunnel device puts around a packet. ``protocol`` is the outer header's (47, 4, 41).

    ``payload`` is the protocol of what an ip6tnl device carries (4 or 41), None for the others. ``tos_inherit`` is
    tos inherit for IPv4 and the traffic class for IPv6 outer headers; else ``tos`` is written. ``flow_label`` None
    copies the inner one. ``encaplimit`` None means ``none``. ``sequence``: a sequence number in each GRE header.
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
    tos: int = 0
    flow_label: int | None = 0
    sequence: bool = False
    erspan: ErspanHeader | None = None
    sixrd: SixRdPrefixes | None = None


class VxlanHeader(msgspec.Struct, frozen=True, kw_only=True):
    """A vxlan device. The first of ``remotes`` (or the ``group``) is the device's, the others default FDB entries.

    ``vni`` None: from each packet's metadata (``external``). ``tos`` None copies the inner packet's. ``gpe``: bare
    packets inside (the generic protocol extension), which the kernel takes with ``external`` and without learning only.
    """

    vni: int | None
    local: Address | None = None
    remotes: tuple[Address, ...] = ()
    group: Address | None = None
    link: str | None = None
    port: int = 4789
    ttl: int = 16
    tos: int | None = None
    df: Literal["set", "unset", "inherit"] = "unset"
    flow_label: int = 0
    learning: bool = True
    vni_filter: bool = False
    vlan_to_vni: tuple[tuple[int, int], ...] = ()
    gpe: bool = False


class GeneveHeader(msgspec.Struct, frozen=True, kw_only=True):
    """A geneve device. ``ttl`` 0 is the route's hop limit; ``tos`` None copies the inner packet's."""

    vni: int
    remote: Address
    port: int = 6081
    ttl: int = 0
    tos: int | None = None
    df: Literal["set", "unset", "inherit"] = "unset"
    flow_label: int = 0
    inner_protocol: bool = False


class L2tpSession(msgspec.Struct, frozen=True, kw_only=True):
    """An unmanaged L2TPv3 tunnel with one Ethernet session; the ports are 0 without UDP."""

    encapsulation: Literal["udp", "ip"]
    local: Address
    remote: Address
    tunnel_id: int
    peer_tunnel_id: int
    session_id: int
    peer_session_id: int
    source_port: int = 0
    destination_port: int = 0


class WireguardPeer(msgspec.Struct, frozen=True, kw_only=True):
    """``public_key`` is base64 text."""

    public_key: str
    allowed: tuple[Prefix, ...] = ()
    preshared_key: Secret | None = None
    endpoint: Address | None = None
    port: int | None = None
    keepalive_s: int = 0


class WireguardDevice(msgspec.Struct, frozen=True, kw_only=True):
    """``port`` 0: the kernel chooses."""

    private_key: Secret | None
    port: int = 0
    fwmark: int = 0
    peers: tuple[WireguardPeer, ...] = ()


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A network device. ``up`` is its administrative state right after the commit.

    ``master`` is the bridge or the VRF that it belongs to. At most one of ``encapsulating``, ``vxlan``, ``geneve``,
    ``l2tp`` and ``wireguard`` is there. ``raised_by`` names the child whose updown script raises the link (VyOS'
    VTIs), else None. ``assumed``: the
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
    vxlan: VxlanHeader | None = None
    geneve: GeneveHeader | None = None
    l2tp: L2tpSession | None = None
    wireguard: WireguardDevice | None = None
    vrf_table: int | None = None
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
    """A routing policy rule (``ip rule``): packets of the family look into ``table`` in order of ``priority``.

    ``mark`` None: all of them, else only packets with that firewall mark.
    """

    priority: int
    table: int
    family: Literal[4, 6]
    mark: int | None = None


class MssClamp(msgspec.Struct, frozen=True, kw_only=True):
    """What changes the MSS option of forwarded SYNs, in nftables' terms.

    ``bytes`` None takes the route's MTU. ``lower_only``: an MSS that is smaller already stays. Either ``out_link``
    (VyOS' adjust-mss, forward hook) or ``in_links`` (policy route, prerouting hook) says which packets.
    """

    family: Literal[4, 6]
    bytes: int | None
    out_link: str | None = None
    in_links: tuple[str, ...] = ()
    lower_only: bool = True
    source: Prefix | None = None
    destination: Prefix | None = None


class MarkRule(msgspec.Struct, frozen=True, kw_only=True):
    """Policy routing: packets that enter ``in_links`` and match get the mark, before the route lookup."""

    family: Literal[4, 6]
    mark: int
    in_links: tuple[str, ...]
    source: Prefix | None = None
    destination: Prefix | None = None
    protocol: int | None = None
    negated: frozenset[str] = frozenset()
    unmodelled: tuple[str, ...] = ()


class DestinationNatRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of the prerouting NAT chain; the first that matches decides. ``to`` None: only the port changes."""

    number: int
    action: Literal["dnat", "redirect", "accept"]
    in_link: str | None = None
    source: Prefix | None = None
    destination: Prefix | None = None
    protocol: int | None = None
    port: str | None = None
    to: Address | None = None
    to_port: str | None = None
    negated: frozenset[str] = frozenset()
    unmodelled: tuple[str, ...] = ()


class Guard(msgspec.Struct, frozen=True, kw_only=True):
    """Drops a packet that matches and that IPsec does not protect.

    ``output`` and ``forward``: that will not be encrypted as it leaves by ``link``; ``input`` and ``prerouting``: that
    was not decrypted as it came in there. ``raw``: before connection tracking. ``name`` is for people.
    """

    name: str
    hook: Literal["output", "forward", "input", "prerouting"]
    family: Literal[4, 6]
    source: Prefix | None = None
    destination: Prefix | None = None
    protocol: int | None = None
    link: str | None = None
    raw: bool = False


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
    life_bytes: int | None = None
    life_packets: int | None = None
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
    ``leased_from`` is the interface whose DHCP server gives the local address, where that is said. ``binds`` is the
    tunnel that a DMVPN profile binds: it is meant to be protected, whatever the selectors turn out to be.
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
    leased_from: str | None = None
    binds: str | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The whole desired state. ``assumptions`` are sentences about what the configuration does not say.

    ``stated`` is what a person says about the router beside its configuration.

    ``gaps`` are configured things that the Plan does not carry and that could matter to a proof, each with its
    path: a verdict that may depend on one of them is ``unknown``.
    """

    name: str
    links: tuple[Link, ...] = ()
    routes: tuple[Route, ...] = ()
    rules: tuple[Rule, ...] = ()
    sysctls: tuple[Sysctl, ...] = ()
    source_nat: tuple[SourceNatRule, ...] = ()
    destination_nat: tuple[DestinationNatRule, ...] = ()
    marks: tuple[MarkRule, ...] = ()
    mss_clamps: tuple[MssClamp, ...] = ()
    guards: tuple[Guard, ...] = ()
    connections: tuple[Connection, ...] = ()
    install_routes: bool = True
    stated: Stated = Stated()
    assumptions: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()

    def link(self, name: str) -> Link | None:
        """The link of that name, or None."""
        return next((link for link in self.links if link.name == name), None)
