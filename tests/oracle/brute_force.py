"""A second opinion: one concrete packet, walked through one router in one situation by plain code.

Written from the documents and from the kernel's and strongSwan's sources, without a look at the walk that it judges:
what the two share is the Plan, the situation and the table of lifecycle states. It uses the standard library's
``ipaddress`` where the program has its own type, follows Linux' order of events one function each, and keeps every
way that the kernel may choose where the Plan leaves a choice (equal routes, equal policies).

Sources: net/ipv4/route.c (a bound lookup), net/xfrm/xfrm_policy.c, net/ipv4/xfrm4_output.c and nf_nat_proto.c (NAT
before encryption, and the second lookup), nf_nat_core.c (nf_nat_decode_session), net/xfrm/xfrm_interface_core.c, net/ipv4/ip_tunnel.c.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from brute_kernel import Contents, Datagram, Ip, Spd, Way, best, ip, net, prerouting

from sapper.kernel.plan import Link, Plan, SourceNatRule, VxlanHeader
from sapper.proof.states.situation import Situation

Ending = tuple[str, ...]

DROPPED: Ending = ("dropped",)
DELIVERED: Ending = ("delivered",)
SOMEWHERE = "?"  # the link by which a peer is reached whose address only charon knows
NESTING_LIMIT = 8
LEASED_DISTANCE = 210  # what VyOS gives a route that came by DHCP


class Oracle(Contents):
    """One router in one situation. ``circled``: something was dropped because it was nested too deeply; ``forked``: a
    lookup gave several routes; ``unbundled``: an encrypted packet had no way out."""

    def __init__(self, plan: Plan, situation: Situation) -> None:
        super().__init__(plan, situation)
        self.circled = self.forked = self.unbundled = False
        self._sent: dict[tuple[Datagram, str | None, str | None, int], set[Ending]] = {}

    def ways(self, destination: Ip, bound: str | None = None, source: Ip | None = None, mark: int = 0) -> list[Way]:
        """The route lookup: local, then by the rules; bound to a device, IPv4 takes the destination as on-link at worst.

        Over IPv6 a device is binding for a packet without a source only (RT6_LOOKUP_F_IFACE); with one it decides
        between routes that are equal otherwise, unless these are ways of one route.
        """
        if bound is not None and destination.version == 6 and source is not None:
            any_way = self.ways(destination, mark=mark)
            wanted = [way for way in any_way if way.link == bound]
            return any_way if not wanted or any(way.via for way in any_way) else wanted
        if any(self._is_local(link, destination, bound) for link in self.plan.links):
            return [Way("local")]
        found: list[Way] = []
        for number in self.order(destination.version, mark):
            table = self.main if number == 254 else self.others.get(number, [])
            table = [*table, *self.table_220] if number == 220 else table
            counts = destination.version == 4  # what drops is by no device, which only IPv6 minds
            usable = [way for way in table if bound in (None, way.link) or (counts and way.kind != "unicast")]
            found = best(usable, destination)
            if table is self.main and self._hijackable(found, bound):
                found = [Way("unicast", link=str(self.situation.move.link))]
            if found:
                break
        if bound is None or destination.version == 6:
            return found
        if bound not in self.up:
            return []
        on_link = Way("unicast", link=bound)
        return [way if way.kind == "unicast" else on_link for way in found] or [on_link]

    def _hijackable(self, found: list[Way], bound: str | None) -> bool:
        """Whether the network can announce a better route: more specific, or for a host by a better distance."""
        move = self.situation.move
        if move.kind != "more-specific" or bound not in (None, move.link) or move.link not in self.up:
            return False
        leased = LEASED_DISTANCE + (0 if not found or not found[0].net or found[0].net.version == 4 else 256)
        return all(
            way.net is None or way.net.prefixlen < way.net.max_prefixlen or way.metric >= leased for way in found
        )

    def _is_local(self, link: Link, destination: Ip, bound: str | None) -> bool:
        if bound is not None and link.name != bound and destination.version == 4:
            return False
        return self._keeps_addresses(link, destination.version) and any(
            own == destination for own, _ in self._addresses(link, destination.version)
        )

    def _keeps_addresses(self, link: Link, version: int) -> bool:
        """IPv6 takes those of a link that goes down; one that was never up and has no ARP has them from the start."""
        untouched = link.kind in ("dummy", "gre", "ipip", "sit", "ip6tnl", "ip6gre") and not link.up
        return version == 4 or link.name in self.up or (untouched and not link.raised_by)

    def setting(self, name: str) -> str | None:
        return {sysctl.name: sysctl.value for sysctl in self.plan.sysctls}.get(name)

    def _forwards(self, version: int, enters: str) -> bool:
        """ip_forward stands for the setting for all; of IPv6's settings the one for all counts."""
        if version == 6:
            return self.setting("net.ipv6.conf.all.forwarding") != "0"
        own = self.setting(f"net.ipv4.conf.{enters}.forwarding")
        return (own or self.setting("net.ipv4.ip_forward") or "1") != "0"

    def _believes(self, source: Ip, enters: str) -> bool:
        """fib_validate_source: the route back by the same device (1), or any (2)."""
        names = ("all", enters)
        asked = max(int(self.setting(f"net.ipv4.conf.{name}.rp_filter") or 0) for name in names)
        if source.version == 6 or asked == 0:
            return True
        back = [way for way in self.ways(source) if way.kind == "unicast"]
        return any(way.link == enters for way in back) or (asked == 2 and bool(back))

    def mark_of(self, packet: Datagram, enters: str) -> int:
        """What the first rule sets that is for that interface and fits (nft: iifname, addresses, protocol)."""
        for rule in self.plan.marks:
            fits = [enters in rule.in_links, rule.family == packet.destination.version]
            if rule.source is not None:
                fits.append((packet.source in net(rule.source)) != ("source" in rule.negated))
            if rule.destination is not None:
                fits.append((packet.destination in net(rule.destination)) != ("destination" in rule.negated))
            if rule.protocol is not None:
                fits.append((packet.protocol == rule.protocol) != ("protocol" in rule.negated))
            if all(fits):
                return rule.mark
        return 0

    def carry(self, packet: Datagram, enters: str = "eth2") -> set[Ending]:
        """What this router sends or forwards; the latter may be asked for ESP that it did not come in (ip_forward)."""
        own = packet.source is None or any(
            packet.source == address and self._keeps_addresses(link, packet.source.version)
            for link in self.plan.links
            for address, _ in self._addresses(link, packet.source.version)
        )
        if not own and packet.source is not None and not self._believes(packet.source, enters):
            return {DROPPED}
        if own:
            return self.send(packet)
        endings: set[Ending] = set()
        for sent in prerouting(self.plan, packet, enters):
            endings |= {DELIVERED} if sent is None else self._forward(packet, sent, enters)
        return endings

    def _forward(self, packet: Datagram, sent: Datagram, enters: str) -> set[Ending]:
        """``packet`` as it came in, to where ``sent`` goes: marks and the check of policies know only the former."""
        if self.ways(sent.destination)[:1] == [Way("local")]:
            return {DELIVERED}
        if not self._forwards(sent.destination.version, enters):
            return {DROPPED}
        if packet.source is not None:
            turned = replace(
                packet,
                source=packet.destination,
                destination=packet.source,
                source_port=packet.destination_port,
                destination_port=packet.source_port,
            )
            mirrored = [item for item in self.spd if item.inward and item.mode != "transport" and not item.if_id]
            met = [item for item in mirrored if item.meets(turned)]
            asked = {item.mode != "pass" for item in met if item.priority == min(one.priority for one in met)}
            if asked == {True}:
                return {DROPPED}
            if True in asked:
                return {DROPPED} | self.send(sent, mark=self.mark_of(packet, enters))
        mark = self.mark_of(packet, enters)
        return self.send(replace(sent, mark=mark), mark=mark)

    def send(
        self, packet: Datagram, bound: str | None = None, maker: str | None = None, mark: int = 0
    ) -> set[Ending]:
        """Every ending of a packet that this router sends or forwards; ``maker`` is the tunnel device that made it."""
        if (packet, bound, maker, mark) not in self._sent:
            self._sent[packet, bound, maker, mark] = self._send(packet, bound, maker, mark)
        return self._sent[packet, bound, maker, mark]

    def _send(self, packet: Datagram, bound: str | None, maker: str | None, mark: int) -> set[Ending]:
        endings: set[Ending] = set()
        ways = self.ways(packet.destination, bound, packet.source, mark) or [Way("unreachable")]
        self.forked |= len(ways) > 1
        for way in ways:
            if way.kind == "local":
                endings |= self._to_itself(packet, way)
            elif way.kind != "unicast":
                endings.add(DROPPED)
            else:
                source = packet.source or self._source_towards(way, packet.destination)
                endings |= self._police(replace(packet, source=source), way, maker)
        return endings

    def _to_itself(self, packet: Datagram, way: Way) -> set[Ending]:
        """IPv4's routes to itself have DST_NOXFRM by lo's disable_xfrm; those of IPv6 have not."""
        if packet.destination.version == 4:
            return {DELIVERED}
        packet = replace(packet, source=packet.source or packet.destination)
        endings: set[Ending] = set()
        for entry in self.matching(packet):
            if entry is None or entry.mode == "pass" or (entry.mode == "transport" and entry.keyed):
                endings.add(DELIVERED)
                continue
            for out in self._bundle(entry, way):
                if out is None or out.kind != "unicast":
                    endings.add(DROPPED if out is None or out.kind != "local" else DELIVERED)
                else:
                    endings |= self._leave(packet, entry, out)
        return endings

    def _source_towards(self, way: Way, destination: Ip) -> Ip | None:
        """IPv6 by RFC 6724: the outgoing interface, then the longest common prefix, of equal ones the last configured.

        Every address of these tests is of one label.
        """
        if destination.version == 4 or way.source:
            return self._chosen_source(way, destination.version)
        own = [
            (link.name == way.link, min(common_bits(address, destination), prefix.prefixlen), address)
            for link in self.plan.links
            if self._keeps_addresses(link, 6)
            for address, prefix in reversed(self._addresses(link, 6))
        ]
        return max(own, key=lambda item: item[:2])[2] if own else None

    def _chosen_source(self, way: Way, version: int, hop: Ip | None = None) -> Ip | None:
        """inet_select_addr: the link's first address, better one whose network holds the next hop."""
        own = self._addresses(self.links[way.link], version)
        own = own or [pair for link in self.plan.links for pair in self._addresses(link, version)]
        hop = hop or way.via
        near = [address for address, prefix in own if hop is not None and hop in prefix]
        return way.source if way.source else next(iter([*near, *(address for address, _ in own)]), None)

    def matching(self, packet: Datagram, if_id: int | None = None) -> list[Spd | None]:
        met = [entry for entry in self.spd if entry.if_id == if_id and entry.meets(packet)]
        first = [entry for entry in met if entry.priority == min(other.priority for other in met)]
        return [*first] or [None]

    def _police(self, packet: Datagram, way: Way, maker: str | None) -> set[Ending]:
        """Policy lookup; then postrouting on the device of the whole bundle; then the policy of what came out."""
        endings: set[Ending] = set()
        for entry in self.matching(packet):
            for out in self._bundle(entry, way):
                if out is None or out.kind != "unicast":
                    endings.add(DROPPED if out is None or out.kind != "local" else DELIVERED)
                    continue
                if out.link == maker:
                    endings.add(DROPPED)  # the device finds itself at the end of the bundle
                    continue
                changed = self._translate(packet, self._postrouting_device(way, out))
                if changed == packet:
                    endings |= self._leave(packet, entry, out)
                else:
                    endings |= self._police_again(changed, way)
        return endings

    def _postrouting_device(self, way: Way, out: Way) -> Way:
        """What a NAT rule's outbound interface is compared with: the bundle's device, where the outside goes."""
        return way if out.link == SOMEWHERE else out

    def _police_again(self, packet: Datagram, way: Way) -> set[Ending]:
        endings: set[Ending] = set()
        for entry in self.matching(packet):
            for out in self._bundle(entry, way):
                if out is None or out.kind != "unicast":
                    endings.add(DROPPED if out is None or out.kind != "local" else DELIVERED)
                else:
                    endings |= self._leave(packet, entry, out)
        return endings

    def _bundle(self, entry: Spd | None, way: Way) -> Iterable[Way | None]:
        """The ways that the packet takes once the policy is applied; None: no state, or no route for the outside."""
        if entry is None or entry.mode == "pass":
            return [way]
        if not entry.keyed:
            return [None]
        if entry.mode == "transport":
            return [way]
        if entry.far is None:
            return [replace(way, kind="unicast", link=SOMEWHERE)]
        ways = self.ways(entry.far)
        self.unbundled |= not any(way.kind == "unicast" for way in ways)
        return ways or [None]

    def _leave(self, packet: Datagram, entry: Spd | None, out: Way) -> set[Ending]:
        if entry is None or entry.mode == "pass":
            return self.transmit(packet, out.link)
        near, far = packet.source, packet.destination
        if entry.mode == "tunnel":
            far = entry.far or packet.destination
            # charon talks from the address that the way to the peer has.
            near = entry.near or (None if out.link == SOMEWHERE else self._source_towards(out, far))
        sealed = Datagram(near, far, 50, sealed=True, nested=packet.nested, mark=packet.mark)
        # ESP is a connection of its own to NAT, and XFRM does not look at it again.
        return self.transmit(sealed if out.link == SOMEWHERE else self._translate(sealed, out), out.link)

    def _translate(self, packet: Datagram, out: Way) -> Datagram:
        """Source NAT: the first rule that matches decides."""
        if packet.destination.version != 4:
            return packet
        for rule in self.plan.source_nat:
            if matches(rule, packet, out.link):
                if rule.action == "accept":
                    return packet
                if rule.action == "snat":
                    return replace(packet, source=ip(rule.to))
                if not self._addresses(self.links[out.link], 4):
                    return replace(packet, source=None)  # an assumed WAN: its address is nobody's to know
                address = self._chosen_source(replace(out, source=None), 4, out.via or packet.destination)
                return replace(packet, source=address)
        return packet

    def transmit(self, packet: Datagram, name: str) -> set[Ending]:
        if name == SOMEWHERE:
            return {("encrypted", SOMEWHERE)}
        link = self.links[name]
        if link.kind in ("dummy", "loopback"):
            return {DROPPED}
        if link.kind == "xfrm" or link.encapsulating or link.vxlan or link.geneve:
            return self.hand(link.name, packet)
        if packet.sealed:
            return {("encrypted", name)}
        return {("clear", name, str(packet.source), str(packet.destination), str(packet.protocol))}

    def hand(self, name: str, inner: Datagram | None) -> set[Ending]:
        """A packet that was handed to a tunnel device or an xfrm interface."""
        link = self.links[name]
        if name not in self.up or (inner and inner.nested >= NESTING_LIMIT):
            self.circled |= name in self.up
            return {DROPPED}
        if link.kind == "xfrm":
            return self._through_xfrm_interface(inner, link) if inner else {DROPPED}
        if link.vxlan or link.geneve:
            return self._through_udp(inner, link)
        outside = link.encapsulating
        assert outside is not None
        if outside.remote is None:
            return {DROPPED}
        carries = {"ipip": {4}, "ip6tnl": {4 if outside.payload == 4 else 6}}.get(link.kind, {4, 6})
        if inner and inner.destination.version not in carries:
            return {DROPPED}
        local = ip(outside.local) if outside.local else None
        if outside.remote.family == 6 and not any(
            local == address and self._keeps_addresses(home, 6)
            for home in self.plan.links
            for address, _ in self._addresses(home, 6)
        ):
            return {DROPPED}  # ip6_tnl_xmit_ctl
        if outside.remote.family == 6 and self.ways(ip(outside.remote))[:1] == [Way("local")]:
            return {DROPPED}  # ip6_tnl_xmit_ctl, too
        if outside.remote.family == 6 and inner and inner.source == ip(outside.remote):
            return {DROPPED}  # ip6_tnl_addr_conflict
        sealed, nested = (inner.sealed, inner.nested + 1) if inner else (False, 1)
        number = 4 if link.kind == "sit" and inner and inner.destination.version == 4 else outside.protocol
        mark = inner.mark if inner else 0
        outer = Datagram(local, ip(outside.remote), number, sealed=sealed, nested=nested, mark=mark)
        return self.send(outer, outside.link, name)

    def _through_udp(self, inner: Datagram | None, link: Link) -> set[Ending]:
        """VXLAN and GENEVE: UDP by the inner packet's mark (vxlan_get_route, geneve_get_v4_rt: flowi4_mark)."""
        device = link.vxlan or link.geneve
        assert device is not None
        far = device.remotes[0] if isinstance(device, VxlanHeader) else device.remote
        near = device.local if isinstance(device, VxlanHeader) else None
        outer = Datagram(
            ip(near) if near else None,
            ip(far),
            17,
            0,
            device.port,
            sealed=bool(inner and inner.sealed),
            nested=inner.nested + 1 if inner else 1,
            mark=inner.mark if inner else 0,
        )
        return self.send(outer, device.link if isinstance(device, VxlanHeader) else None, link.name, outer.mark)

    def _through_xfrm_interface(self, packet: Datagram, link: Link) -> set[Ending]:
        """No policy, a bypass, no state, or transport mode (the route leads back to the interface): dropped."""
        endings: set[Ending] = set()
        for entry in self.matching(replace(packet, nested=packet.nested + 1), link.if_id):
            if entry is None or entry.mode != "tunnel":
                endings.add(DROPPED)
                continue
            for out in self._bundle(entry, Way("unicast", link=link.name)):
                if out is None or out.link == link.name or out.kind in ("blackhole", "unreachable"):
                    endings.add(DROPPED)
                elif out.kind == "local":
                    endings.add(DELIVERED)
                else:
                    endings |= self._leave(replace(packet, nested=packet.nested + 1), entry, out)
        return endings


def common_bits(one: Ip, other: Ip) -> int:
    return 128 - (int(one) ^ int(other)).bit_length()


def matches(rule: SourceNatRule, packet: Datagram, link: str) -> bool:
    tests: list[tuple[str, object, bool]] = [
        ("outbound", rule.out_link, rule.out_link == link),
        ("source", rule.source, None not in (rule.source, packet.source) and packet.source in net(rule.source)),
        (
            "destination",
            rule.destination,
            rule.destination is not None and packet.destination in net(rule.destination),
        ),
        ("protocol", rule.protocol, rule.protocol == packet.protocol),
    ]
    return all(met != (name in rule.negated) for name, asked, met in tests if asked is not None)
