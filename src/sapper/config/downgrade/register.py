"""The steps back in the order in which they run: newest first, each the opposite of an upgrade step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sapper.config.downgrade import (
    bonding_member,
    bridge_flags,
    bridge_member,
    ethernet_offload,
    firewall_adjust_mss,
    firewall_default_log,
    firewall_families,
    firewall_icmpv6,
    firewall_ipsec_match,
    firewall_rule_flags,
    firewall_rule_interface,
    firewall_rule_words,
    firewall_zones,
    ipsec_actions,
    ipsec_defaults,
    ipsec_flags,
    ipsec_interfaces,
    ipsec_key_files,
    ipsec_key_store,
    ipsec_named_peers,
    ipsec_peer_options,
    ipsec_trap,
    nat_any_interface,
    nat_interface_leaf,
    nat_interface_name,
    nat_log,
    nat_port_mapping,
    no_vrf,
    policy_binding,
    policy_default_log,
    policy_local_route,
    policy_route6,
    policy_rule_flags,
    pppoe_interface,
    pppoe_words,
    source_interface_link,
    static_arp,
    static_interface_route,
    static_route_map,
    system_sysctl,
    tunnel_dhcp_interface,
    tunnel_ends,
    tunnel_mtu,
    tunnel_multicast,
    tunnel_ttl,
    vrf_protocols,
    vxlan_defaults,
    vxlan_external,
    wireguard_endpoint,
    wireguard_keys,
)
from sapper.config.downgrade.step import Step
from sapper.config.generation import Generation, component_versions
from sapper.config.tree import Document

STEPS: tuple[Step, ...] = (
    Step("interfaces", 10, "no VRFs", no_vrf.apply),
    Step("vrf", 2, "routing of VRFs", vrf_protocols.apply),
    Step("quagga", 11, "static ARP by address", static_arp.apply),
    Step("quagga", 11, "static route map", static_route_map.apply),
    Step("quagga", 9, "static routes by interface", static_interface_route.apply),
    Step("system", 21, "kernel settings", system_sysctl.apply),
    Step("firewall", 17, "IPsec match on the way in", firewall_ipsec_match.apply),
    Step("firewall", 14, "log of a firewall chain", firewall_default_log.apply),
    Step("firewall", 13, "flags of firewall rules", firewall_rule_flags.apply),
    Step("firewall", 11, "chains without families", firewall_families.apply),
    Step("firewall", 12, "interfaces of firewall rules", firewall_rule_interface.apply),
    Step("firewall", 11, "protocol icmpv6", firewall_icmpv6.apply),
    Step("firewall", 8, "firewall at the interface, zones", firewall_zones.apply),
    Step("firewall", 7, "words of firewall rules", firewall_rule_words.apply),
    Step("firewall", 6, "MSS in the firewall", firewall_adjust_mss.apply),
    Step("policy", 8, "log of a policy", policy_default_log.apply),
    Step("policy", 7, "flags of policy rules", policy_rule_flags.apply),
    Step("policy", 6, "addresses of local routes", policy_local_route.apply),
    Step("policy", 5, "interfaces name their policy routes", policy_binding.apply),
    Step("policy", 2, "ipv6-route and TCP flags", policy_route6.apply),
    Step("nat", 8, "NAT port mapping", nat_port_mapping.apply),
    Step("nat", 7, "NAT rules name an interface", nat_any_interface.apply, telling=False),
    Step("nat", 7, "NAT interface by interface-name", nat_interface_name.apply),
    Step("nat", 6, "NAT interface by its own word", nat_interface_leaf.apply),
    Step("nat", 5, "NAT log", nat_log.apply),
    Step("ipsec", 14, "trap is respond", ipsec_trap.apply),
    Step("ipsec", 13, "IKE actions", ipsec_actions.apply),
    Step("ipsec", 11, "pre-shared keys at the peers", ipsec_key_store.apply),
    Step("ipsec", 10, "IPsec defaults", ipsec_defaults.apply, telling=False),
    Step("ipsec", 10, "options of peers", ipsec_peer_options.apply),
    Step("ipsec", 10, "peers by address", ipsec_named_peers.apply),
    Step("ipsec", 10, "IPsec options with values", ipsec_flags.apply),
    Step("ipsec", 8, "keys in files", ipsec_key_files.apply),
    Step("ipsec", 6, "IPsec interfaces", ipsec_interfaces.apply),
    Step("interfaces", 32, "VXLAN external", vxlan_external.apply),
    Step("interfaces", 32, "VXLAN defaults", vxlan_defaults.apply, telling=False),
    Step("interfaces", 29, "tunnel multicast", tunnel_multicast.apply),
    Step("interfaces", 28, "MTU of tunnels", tunnel_mtu.apply),
    Step("interfaces", 28, "PPPoE words", pppoe_words.apply),
    Step("interfaces", 26, "WireGuard keys in files", wireguard_keys.apply),
    Step("interfaces", 22, "tunnels bound to DHCP", tunnel_dhcp_interface.apply),
    Step("interfaces", 21, "offloading as options", ethernet_offload.apply),
    Step("interfaces", 10, "TTL of tunnels", tunnel_ttl.apply, telling=False),
    Step("interfaces", 20, "tunnel end points", tunnel_ends.apply),
    Step("interfaces", 9, "source interfaces as links", source_interface_link.apply),
    Step("interfaces", 8, "WireGuard end points", wireguard_endpoint.apply),
    Step("interfaces", 5, "PPPoE as an option", pppoe_interface.apply),
    Step("interfaces", 2, "bond membership", bonding_member.apply),
    Step("interfaces", 1, "bridge membership", bridge_member.apply),
    Step("interfaces", 1, "bridge flags", bridge_flags.apply),
)


def needed(document: Document, generation: Generation, target: Mapping[str, int]) -> Iterator[Step]:
    """The steps from the document's component versions back to ``target``; an absent component is 0.

    Without a footer every word tells itself how new it is, as far as that step's words do.
    """
    versions = component_versions(document, generation)
    for step in STEPS:
        by_words = step.telling and not document.components
        is_new = by_words or step.to <= versions.get(step.component, 0)
        if is_new and target.get(step.component, 0) < step.to:
            yield step
