"""Facts of XFRM policies, source NAT, devices and guards, one small router each, as in ``test_facts_of_routing.py``.

Sources: the reference's table, the lab's notes; xfrm_policy.c, xfrm_interface_core.c, nf_nat_core.c, ip_tunnel.c,
ip6_tunnel.c, sit.c, nft_rt.c; charon's kernel_netlink_ipsec.c. The second opinion knows neither guards nor WireGuard.
"""

from __future__ import annotations

import pytest
from at_a_point import by_opinion, by_sets, by_walk
from msgspec.structs import replace
from small_router import (
    DEFAULT,
    DEFAULT_2,
    DELIVERED,
    DROPPED,
    MASQUERADE,
    OUTER,
    VTI,
    WAN_2,
    Fact,
    also,
    child,
    clear,
    east,
    encrypted,
    ethernet,
    narrow,
    packet,
    route,
    state,
    tunnel,
    west,
)

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import Child, Guard, Link, Plan, Selector, SourceNatRule, WireguardDevice, WireguardPeer

BOOT, UP, NEGOTIATING = state("boot"), state("up"), state("negotiating")
PLAIN = east(children=(child(),))
OTHER = state("up", others=(("other", "negotiating"),))
ENDS = ("192.0.2.10", "203.0.113.20", 47)
ANYTHING = child("0.0.0.0/0", "0.0.0.0/0", if_id=1)
BOUND = east(VTI, routes=(DEFAULT, route("10.2.0.0/24", "vti0")), children=(ANYTHING,))
OVER_VTI = replace(BOUND, links=(*BOUND.links, tunnel()), routes=(DEFAULT, route("203.0.113.20/32", "vti0")),
                   connections=(west(ANYTHING, remote_addrs=(Address.parse("203.0.113.99"),)),))  # fmt: skip
BACK = packet("10.2.0.9", "10.1.0.5")
V6 = packet("2001:db8:1::5", "2001:db8:2::9")
WAN_6 = ethernet("eth3", "2001:db8:a::10/64")
DEFAULT_6 = route("::/0", "2001:db8:a::1")
ENDS_6 = ("2001:db8:a::10", "2001:db8:f::20")
DOUBT = replace(MASQUERADE, unmodelled=("source group",))


def beside(plan: Plan, made: Child) -> Plan:
    """Another connection with that child, to be in a state of its own."""
    return also(plan, west(replace(made, name="other", title="other"), name="other", title="other"))


def over_6() -> Link:
    return tunnel("ip6tnl", 41, *ENDS_6, payload=41)


def guarded(hook: str, plan: Plan = PLAIN, **more: object) -> Plan:
    return replace(plan, guards=(replace(Guard(name="guard", hook=hook, family=4), **more),))  # type: ignore[arg-type]


def wireguard(*peers: WireguardPeer) -> Link:
    device = WireguardDevice(private_key=None, port=51820, fwmark=0, peers=peers)
    return Link(name="wg0", kind="wireguard", addresses=(Attached.parse("10.0.5.1/24"),), wireguard=device)


def wireguard_peer(*allowed: str, endpoint: str | None = "203.0.113.20") -> WireguardPeer:
    return WireguardPeer(
        public_key=str(allowed),
        allowed=tuple(map(Prefix.parse, allowed)),
        endpoint=Address.parse(endpoint) if endpoint else None,
        port=51820,
    )


POLICIES: dict[str, Fact] = {
    "what no policy selects goes on in clear": Fact(PLAIN, BOOT, packet(), clear("eth0")),
    "a policy without a state drops": Fact(PLAIN, NEGOTIATING, packet(), DROPPED),
    "a policy with a state encrypts": Fact(PLAIN, UP, packet(), encrypted()),
    "in tunnel mode ESP has a way of its own": Fact(
        east(WAN_2, routes=(DEFAULT, route("203.0.113.20/32", "198.51.100.1")), children=(child(),)),
        UP, packet(), encrypted("eth1"),
    ),
    "in transport mode it has the packet's": Fact(
        east(WAN_2, routes=(DEFAULT, route("10.2.0.0/24", "198.51.100.1")), children=(child(mode="transport"),)),
        UP, packet("10.1.0.1"), encrypted("eth1"),
    ),
    "ESP is asked for no policy again": Fact(
        beside(PLAIN, child("192.0.2.10/32", "203.0.113.20/32")), OTHER, packet(), encrypted()
    ),
    "a selector looks at the protocol": Fact(
        east(children=(narrow("10.1.0.0/24", "10.2.0.0/24", 47),)), UP, packet(), clear("eth0")
    ),
    "a selector looks at the port": Fact(
        east(children=(narrow("10.1.0.0/24", "10.2.0.0/24", 17, 500),)), UP,
        packet(protocol=17, source_port=4000, destination_port=501), clear("eth0", protocol=17),
    ),
    "a selector looks at the source": Fact(
        east(children=(child("10.1.0.64/26"),)), UP, packet(), clear("eth0")
    ),
    "a selector looks at the destination": Fact(
        east(children=(child(remote="10.2.0.64/26"),)), UP, packet(), clear("eth0")
    ),
    "the longer prefix has the better priority": Fact(
        beside(east(children=(child("10.0.0.0/8", "10.0.0.0/8"),)), child()), OTHER, packet("10.1.0.1"), DROPPED
    ),
    "a protocol has a better priority than none": Fact(
        beside(PLAIN, narrow("10.1.0.0/24", "10.2.0.0/24", 1)), OTHER, packet("10.1.0.1"), DROPPED
    ),
    "a port has a better priority than none": Fact(
        beside(
            east(children=(narrow("10.1.0.0/24", "10.2.0.0/24", 17),)),
            narrow("10.1.0.0/24", "10.2.0.0/24", 17, 500),
        ),
        OTHER, packet(protocol=17, source_port=4000, destination_port=500), DROPPED,
    ),
    "a protocol weighs less than a bit of a prefix": Fact(
        beside(east(children=(narrow("10.1.0.0/23", "10.2.0.0/24", 1),)), child()), OTHER, packet("10.1.0.1"), DROPPED
    ),
    "a trap comes right behind the SA of its selector": Fact(beside(PLAIN, child()), OTHER, packet(), encrypted()),
    "a bypass comes before everything": Fact(
        beside(PLAIN, child("0.0.0.0/0", "0.0.0.0/0", mode="pass")), OTHER, packet("10.1.0.1"), clear("eth0", "10.1.0.1")
    ),
    "a stated priority is taken as it is": Fact(
        beside(PLAIN, child("0.0.0.0/0", "0.0.0.0/0", priority=7)), OTHER, packet("10.1.0.1"), DROPPED
    ),
    "ESP with a null cipher can be read": Fact(
        east(children=(child(esp_proposals=("null-sha256",)),)), UP, packet(), clear("eth0", *ENDS[:2], 50), asked=False
    ),
    "ESP with GMAC can be read": Fact(
        east(children=(child(esp_proposals=("aes128gmac",)),)), UP, packet(), clear("eth0", *ENDS[:2], 50), asked=False
    ),
    "what is forwarded in clear is asked for the policy of what comes in": Fact(PLAIN, UP, BACK, DROPPED),
    "in transport mode it is not": Fact(
        east(children=(child(mode="transport"),)), UP, BACK, clear("eth2", "10.2.0.9", "10.1.0.5")
    ),
    "a bypass lets it pass": Fact(
        east(children=(child(mode="pass"),)), UP, BACK, clear("eth2", "10.2.0.9", "10.1.0.5")
    ),
    "IPv6 to itself is asked for a policy": Fact(
        east(
            WAN_6, ethernet("eth4", "2001:db8:1::1/64"), routes=(DEFAULT, DEFAULT_6),
            children=(child("2001:db8:a::/64", "2001:db8:1::/64"),),
        ),
        NEGOTIATING, packet("2001:db8:a::10", "2001:db8:1::1"), DROPPED,
    ),
    "IPv4 to itself is not": Fact(
        east(children=(child("192.0.2.0/24", "10.1.0.0/24"),)), NEGOTIATING, packet("192.0.2.10", "10.1.0.1"), DELIVERED
    ),
    "a trap in tunnel mode towards any is refused": Fact(
        east(connections=(west(child(), remote_addrs=()),)), NEGOTIATING, packet(), clear("eth0")
    ),
    "in transport mode it is taken": Fact(
        east(connections=(west(child(mode="transport"), remote_addrs=()),)), NEGOTIATING, packet("10.1.0.1"), DROPPED
    ),
    "start installs nothing before the SA": Fact(
        east(children=(child(start_action="start"),)), NEGOTIATING, packet(), clear("eth0")
    ),
    "none installs nothing before the SA": Fact(
        east(children=(child(start_action="none"),)), NEGOTIATING, packet(), clear("eth0")
    ),
    "close action trap leaves a trap when the peer closes": Fact(
        east(children=(child(start_action="none", close_action="trap"),)), state("deleted (peer)"), packet(), DROPPED
    ),
    "but not when this end closes": Fact(
        east(children=(child(start_action="none", close_action="trap"),)), state("deleted (local)"), packet(),
        clear("eth0"),
    ),
    "DPD action trap leaves a trap when the peer is gone": Fact(
        east(children=(child(start_action="none", dpd_action="trap"),)), state("deleted (dpd)"), packet(), DROPPED
    ),
    "but not when the peer closes": Fact(
        east(children=(child(start_action="none", dpd_action="trap"),)), state("deleted (peer)"), packet(), clear("eth0")
    ),
    "selectors of two families make no policy": Fact(
        east(children=(child(local_ts=(Selector(Prefix.everything(6)), Selector(Prefix.everything(4)))),)),
        UP, packet(), encrypted(),
    ),
}  # fmt: skip

NAT: dict[str, Fact] = {
    "source NAT takes a packet out of its policy": Fact(
        replace(PLAIN, source_nat=(MASQUERADE,)), UP, packet(), clear("eth0", "192.0.2.10")
    ),
    "an exclusion leaves it there": Fact(
        replace(PLAIN, source_nat=(SourceNatRule(number=1, action="accept", out_link="eth0"), MASQUERADE)),
        UP, packet(), encrypted(),
    ),
    "the first rule that matches decides": Fact(
        replace(PLAIN, source_nat=(replace(MASQUERADE, number=1, action="snat", to=Address.parse("10.1.0.77")), MASQUERADE)),
        UP, packet(), encrypted(),
    ),
    "source NAT may lead a packet into a policy": Fact(
        east(children=(child("192.0.2.10/32"),), source_nat=(MASQUERADE,)), UP, packet(), encrypted()
    ),
    "source NAT looks at the interface": Fact(
        replace(PLAIN, source_nat=(replace(MASQUERADE, out_link="eth1"),)), UP, packet(), encrypted()
    ),
    "an interface may be written with a star": Fact(
        replace(PLAIN, source_nat=(replace(MASQUERADE, out_link="eth*"),)), UP, packet(), clear("eth0", "192.0.2.10"), asked=False
    ),
    "source NAT looks at the source": Fact(
        replace(PLAIN, source_nat=(replace(MASQUERADE, source=Prefix.parse("10.1.0.64/26")),)), UP, packet(), encrypted()
    ),
    "source NAT looks at the destination": Fact(
        replace(PLAIN, source_nat=(replace(MASQUERADE, destination=Prefix.parse("10.3.0.0/24")),)), UP, packet(), encrypted()
    ),
    "source NAT looks at the protocol": Fact(
        replace(PLAIN, source_nat=(replace(MASQUERADE, protocol=17),)), UP, packet(), encrypted()
    ),
    "a match may be turned round": Fact(
        replace(
            PLAIN,
            source_nat=(replace(MASQUERADE, destination=Prefix.parse("10.2.0.0/24"), negated=frozenset({"destination"})),),
        ),
        UP, packet(), encrypted(),
    ),
    "what a policy drops never meets NAT": Fact(
        replace(PLAIN, source_nat=(MASQUERADE,)), NEGOTIATING, packet(), DROPPED
    ),
    "without a way for ESP there is no NAT": Fact(
        east(
            WAN_2, routes=(replace(DEFAULT_2, metric=1), route("203.0.113.20/32", kind="blackhole")), children=(child(),),
            source_nat=(replace(MASQUERADE, out_link="eth1"),), install_routes=False,
        ),
        UP, packet(), DROPPED,
    ),
    "of equal routes any may be ESP's": Fact(
        east(
            WAN_2, routes=(DEFAULT, replace(DEFAULT_2, metric=1)), children=(child(),),
            source_nat=(MASQUERADE,), install_routes=False,
        ),
        UP, packet(), encrypted() | encrypted("eth1") | clear("eth0", "192.0.2.10") | clear("eth1", "192.0.2.10"), asked=False,
    ),
    "ESP is a packet of its own to NAT": Fact(
        east(
            children=(child(esp_proposals=("null-sha256",)),),
            source_nat=(replace(MASQUERADE, action="snat", protocol=50, to=Address.parse("192.0.2.77")),),
        ),
        UP, packet(), clear("eth0", "192.0.2.77", "203.0.113.20", 50), asked=False,
    ),
    "there is no source NAT for IPv6": Fact(
        east(WAN_6, routes=(DEFAULT, DEFAULT_6), source_nat=(replace(MASQUERADE, out_link="eth3"),)),
        BOOT, V6, clear("eth3", "2001:db8:1::5", "2001:db8:2::9"),
    ),
    "a match that nobody knows may hold or not": Fact(
        replace(PLAIN, source_nat=(DOUBT,)), UP, packet(), encrypted() | clear("eth0", "192.0.2.10"), asked=False
    ),
}  # fmt: skip

DEVICES: dict[str, Fact] = {
    "a tunnel's outer packet starts over": Fact(east(tunnel()), BOOT, packet(), clear("eth0", *ENDS), "tun0"),
    "and meets the policy for its protocol": Fact(east(tunnel(), children=(OUTER,)), UP, packet(), encrypted(), "tun0"),
    "and no other": Fact(
        east(tunnel("ipip", 4), children=(OUTER,)), UP, packet(), clear("eth0", *ENDS[:2], 4), "tun0"
    ),
    "ipip carries no IPv6": Fact(east(tunnel("ipip", 4)), BOOT, V6, DROPPED, "tun0"),
    "sit sends IPv4 as protocol 4": Fact(east(tunnel("sit", 41)), BOOT, packet(), clear("eth0", *ENDS[:2], 4), "tun0"),
    "sit sends IPv6 as protocol 41": Fact(east(tunnel("sit", 41)), BOOT, V6, clear("eth0", *ENDS[:2], 41), "tun0"),
    "gre carries both": Fact(east(tunnel()), BOOT, V6, clear("eth0", *ENDS), "tun0"),
    "ip6tnl carries the family that it is for": Fact(
        east(WAN_6, over_6(), routes=(DEFAULT_6,)), BOOT, packet(), DROPPED, "tun0"
    ),
    "a tunnel that is routed into itself drops": Fact(
        east(tunnel(), routes=(DEFAULT, route("203.0.113.0/24", "tun0"))), BOOT, packet(), DROPPED, "tun0"
    ),
    "so does one that leads into itself through another": Fact(
        east(
            tunnel(), replace(tunnel(remote="203.0.113.30"), name="tun1"),
            routes=(DEFAULT, route("203.0.113.20/32", "tun1"), route("203.0.113.30/32", "tun0")),
        ),
        BOOT, packet(), DROPPED, "tun0",
    ),
    "a tunnel over IPv6 sends from its own address only": Fact(
        east(WAN_6, replace(over_6(), encapsulating=replace(over_6().encapsulating, local=Address.parse("2001:db8:a::99"))), routes=(DEFAULT_6,)),  # type: ignore[type-var]
        BOOT, V6, DROPPED, "tun0",
    ),
    "a tunnel over IPv6 sends nothing to this router": Fact(
        east(replace(WAN_6, addresses=(*WAN_6.addresses, Attached.parse("2001:db8:f::20/64"))), over_6(), routes=(DEFAULT_6,)),
        BOOT, V6, DROPPED, "tun0",
    ),
    "a tunnel over IPv6 takes nothing from its own far end": Fact(
        east(WAN_6, over_6(), routes=(DEFAULT_6,)), BOOT, packet(ENDS_6[1], "2001:db8:2::9"), DROPPED, "tun0"
    ),
    "an xfrm interface drops what no policy with its id selects": Fact(
        replace(BOUND, connections=(west(child()),)), state("up", "vti0"), packet(), DROPPED, "vti0"
    ),
    "an xfrm interface drops without a state": Fact(
        BOUND, state("deleted (local)", "vti0"), packet(), DROPPED, "vti0"
    ),
    "an xfrm interface encrypts with the policy of its id": Fact(BOUND, state("up", "vti0"), packet(), encrypted(), "vti0"),
    "a packet elsewhere meets no policy with an id": Fact(
        replace(BOUND, routes=(DEFAULT,)), state("up", "vti0"), packet(), clear("eth0")
    ),
    "in transport mode an xfrm interface leads back to itself": Fact(
        replace(BOUND, connections=(west(replace(ANYTHING, mode="transport")),)), state("up", "vti0"), packet(), DROPPED, "vti0"
    ),
    "a policy without an id is asked before an xfrm interface": Fact(
        beside(replace(BOUND, install_routes=False), child()),
        state("up", "vti0", others=(("other", "negotiating"),)), packet(), DROPPED,
    ),
    "a bundle that leads back into the tunnel drops": Fact(
        east(tunnel(), routes=(DEFAULT, route("203.0.113.99/32", "tun0")), connections=(west(
            narrow("192.0.2.10/32", "203.0.113.20/32", 47), remote_addrs=(Address.parse("203.0.113.99"),)),),
             install_routes=False, source_nat=(replace(MASQUERADE, out_link=None),)),
        UP, packet(), DROPPED, "tun0",
    ),
    "WireGuard encrypts": Fact(
        east(wireguard(wireguard_peer("10.2.0.0/24"))), BOOT, packet(), encrypted(), "wg0", asked=False
    ),
    "WireGuard drops what is no peer's": Fact(
        east(wireguard(wireguard_peer("10.3.0.0/24"))), BOOT, packet(), DROPPED, "wg0", asked=False
    ),
    "a WireGuard peer without an endpoint gets nothing": Fact(
        east(wireguard(wireguard_peer("10.2.0.0/24", endpoint=None))), BOOT, packet(), DROPPED, "wg0", asked=False
    ),
    "the longest allowed prefix decides about the peer": Fact(
        east(wireguard(wireguard_peer("10.2.0.0/24", endpoint=None), wireguard_peer("0.0.0.0/0"))),
        BOOT, packet(), DROPPED, "wg0", asked=False,
    ),
}  # fmt: skip

GUARDS: dict[str, Fact] = {
    "a guard in output stops the router's own packets": Fact(
        guarded("output"), BOOT, packet("10.1.0.1"), DROPPED, asked=False
    ),
    "and no others": Fact(guarded("output"), BOOT, packet(), clear("eth0"), asked=False),
    "a guard in forward stops those of others": Fact(guarded("forward"), BOOT, packet(), DROPPED, asked=False),
    "a guard leaves alone what is encrypted": Fact(guarded("forward"), UP, packet(), encrypted(), asked=False),
    "a guard for every protocol stops ESP in output": Fact(guarded("output"), UP, packet(), DROPPED, asked=False),
    "a guard for one protocol does not": Fact(guarded("output", protocol=47), UP, packet(), encrypted(), asked=False),
    "a guard in prerouting stops what comes in": Fact(guarded("prerouting"), BOOT, packet(), DROPPED, asked=False),
    "a guard looks at the protocol": Fact(guarded("forward", protocol=47), BOOT, packet(), clear("eth0"), asked=False),
    "a guard looks at the family": Fact(guarded("forward", family=6), BOOT, packet(), clear("eth0"), asked=False),
    "a guard looks at the interface": Fact(guarded("forward", link="eth1"), BOOT, packet(), clear("eth0"), asked=False),
    "a guard looks at the source": Fact(
        guarded("forward", source=Prefix.parse("10.3.0.0/24")), BOOT, packet(), clear("eth0"), asked=False
    ),
    "a guard looks at the destination": Fact(
        guarded("forward", destination=Prefix.parse("10.3.0.0/24")), BOOT, packet(), clear("eth0"), asked=False
    ),
    "a guard stops what a bypass lets pass": Fact(
        guarded("forward", east(children=(child(mode="pass"),))), UP, packet(), DROPPED, asked=False
    ),
    "a guard in output stops a tunnel over an xfrm interface, SA or not": Fact(
        guarded("output", OVER_VTI, protocol=47), state("up", "vti0"), packet(), DROPPED, "tun0", asked=False
    ),
    "one on the WAN leaves it alone": Fact(
        guarded("output", OVER_VTI, protocol=47, link="eth0"), state("up", "vti0"), packet(), encrypted(), "tun0", asked=False
    ),
    "a guard comes before NAT": Fact(
        guarded("forward", replace(PLAIN, source_nat=(MASQUERADE,))), UP, packet(), clear("eth0", "192.0.2.10"), asked=False
    ),
}  # fmt: skip
FACTS = {**POLICIES, **NAT, **DEVICES, **GUARDS}


@pytest.mark.parametrize("says", FACTS)
def test_all_three_say_what_the_kernel_does(says: str) -> None:
    fact = FACTS[says]
    case = (fact.plan, fact.situation, fact.packet, fact.device)
    assert by_walk(*case) == fact.ends
    assert by_sets(*case) == fact.ends
    if fact.asked:
        assert by_opinion(*case) == fact.ends
