"""The upgrade steps in the order in which they run, and the two functions that run them.

A step runs for a file whose footer says that its component is older; without a footer the words decide, one by one.
VyOS runs components in alphabetical order. Here the order is the one in which nothing is lost: PPPoE gets its name
before an MSS is set on it; passive peers and old defaults are settled while peers still have their old names; a key
moves after its peer was renamed; a prefix length on an end point is noted while the text's own words are there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sapper.config.generation import (
    Generation,
    ReportedGeneration,
    component_versions,
    has_old_ipsec,
    recognise_generation,
    reported,
)
from sapper.config.tree import Document, Node
from sapper.config.upgrade import (
    bonding_member,
    bridge_flags,
    endpoint_prefix,
    ethernet_offload,
    ethernet_smp_affinity,
    firewall_adjust_mss,
    firewall_default_log,
    firewall_families,
    firewall_icmpv6,
    firewall_ipsec_match,
    firewall_rule_flags,
    firewall_rule_interface,
    firewall_rule_words,
    firewall_zones,
    interface_bridge_group,
    ipsec_actions,
    ipsec_close_clear,
    ipsec_flags,
    ipsec_includes,
    ipsec_interfaces,
    ipsec_key_files,
    ipsec_key_store,
    ipsec_log_any,
    ipsec_named_peers,
    ipsec_passive_peers,
    ipsec_trap,
    nat_interface_leaf,
    nat_interface_name,
    nat_log,
    nat_port_mapping,
    old_defaults,
    policy_binding,
    policy_default_log,
    policy_local_route,
    policy_route6,
    policy_rule_flags,
    pppoe_interface,
    pppoe_words,
    routing_on_interfaces,
    source_interface_link,
    static_arp,
    static_interface_route,
    static_route_map,
    system_gateway,
    system_sysctl,
    tunnel_bridge_group,
    tunnel_dhcp_interface,
    tunnel_ends,
    tunnel_multicast,
    tunnel_ttl,
    vrf_protocols,
    vti_unbound,
    vxlan_defaults,
    wireguard_endpoint,
    wireguard_keys,
)
from sapper.config.upgrade.graft import copy, share
from sapper.config.upgrade.step import LENIENCE, Note, Step, Written

STEPS: tuple[Step, ...] = (
    Step(LENIENCE, 1, "end points without prefix length", endpoint_prefix.apply),
    Step("ipsec", 10, "IPsec defaults of older generations", old_defaults.apply, telling=False),
    Step("ipsec", 10, "passive peers", ipsec_passive_peers.apply),
    Step("interfaces", 10, "TTL of tunnels", tunnel_ttl.apply, telling=False),
    Step("interfaces", 1, "tunnel bridge membership", tunnel_bridge_group.apply),
    Step("interfaces", 1, "interface bridge membership", interface_bridge_group.apply),
    Step("interfaces", 1, "bridge flags", bridge_flags.apply),
    Step("interfaces", 2, "bond membership", bonding_member.apply),
    Step("interfaces", 5, "PPPoE as an interface", pppoe_interface.apply),
    Step("interfaces", 8, "WireGuard end points", wireguard_endpoint.apply),
    Step("interfaces", 9, "links as source interfaces", source_interface_link.apply),
    Step("interfaces", 15, "no SMP affinity", ethernet_smp_affinity.apply),
    Step("interfaces", 20, "tunnel end points", tunnel_ends.apply),
    Step("interfaces", 21, "offloading as flags", ethernet_offload.apply),
    Step("interfaces", 22, "tunnels bound to DHCP", tunnel_dhcp_interface.apply),
    Step("interfaces", 24, "routing protocols name their interfaces", routing_on_interfaces.apply),
    Step("interfaces", 25, "no VTI without a peer", vti_unbound.apply, telling=False),
    Step("interfaces", 26, "WireGuard keys in the text", wireguard_keys.apply),
    Step("interfaces", 28, "PPPoE words", pppoe_words.apply),
    Step("interfaces", 29, "tunnel multicast", tunnel_multicast.apply),
    Step("interfaces", 32, "VXLAN defaults", vxlan_defaults.apply, telling=False),
    Step("firewall", 6, "MSS at the interface", firewall_adjust_mss.apply),
    Step("firewall", 7, "words of firewall rules", firewall_rule_words.apply),
    Step("firewall", 8, "firewall interfaces and zones", firewall_zones.apply),
    Step("firewall", 11, "protocol ipv6-icmp", firewall_icmpv6.apply),
    Step("firewall", 11, "firewall families and hooks", firewall_families.apply),
    Step("firewall", 12, "interfaces of firewall rules", firewall_rule_interface.apply),
    Step("firewall", 13, "flags of firewall rules", firewall_rule_flags.apply),
    Step("firewall", 14, "log of a firewall chain", firewall_default_log.apply),
    Step("firewall", 17, "IPsec match by direction", firewall_ipsec_match.apply),
    Step("ipsec", 5, "IPsec log modes", ipsec_log_any.apply),
    Step("ipsec", 6, "IPsec interfaces", ipsec_interfaces.apply),
    Step("ipsec", 8, "keys in the PKI", ipsec_key_files.apply),
    Step("ipsec", 9, "close action clear", ipsec_close_clear.apply),
    Step("ipsec", 10, "IPsec options that became flags", ipsec_flags.apply),
    Step("ipsec", 10, "peers with names", ipsec_named_peers.apply),
    Step("ipsec", 11, "pre-shared keys by identity", ipsec_key_store.apply),
    Step("ipsec", 12, "no foreign files", ipsec_includes.apply),
    Step("ipsec", 13, "IKE actions", ipsec_actions.apply),
    Step("ipsec", 14, "respond is trap", ipsec_trap.apply),
    Step("nat", 5, "NAT log", nat_log.apply),
    Step("nat", 6, "NAT interface by interface-name", nat_interface_leaf.apply),
    Step("nat", 7, "NAT interface by name", nat_interface_name.apply),
    Step("nat", 8, "NAT port mapping", nat_port_mapping.apply),
    Step("policy", 2, "route6 and TCP flags", policy_route6.apply),
    Step("policy", 5, "policy routes name their interfaces", policy_binding.apply),
    Step("policy", 6, "addresses of local routes", policy_local_route.apply),
    Step("policy", 7, "flags of policy rules", policy_rule_flags.apply),
    Step("policy", 8, "log of a policy", policy_default_log.apply),
    Step("system", 10, "default route", system_gateway.apply),
    Step("system", 21, "kernel settings", system_sysctl.apply),
    Step("quagga", 9, "static routes by interface", static_interface_route.apply),
    Step("quagga", 11, "static route map", static_route_map.apply),
    Step("quagga", 11, "static ARP by interface", static_arp.apply),
    Step("vrf", 2, "routing at the VRF", vrf_protocols.apply),
)


class Upgraded(NamedTuple):
    """A tree in the newest words. ``generation`` is the one that the text was written for."""

    root: Node
    generation: ReportedGeneration
    notes: list[Note]


_WITHOUT_TELLING_WORDS: Generation = "1.4"


def upgrade(document: Document, target: ReportedGeneration | None = None) -> Upgraded:
    """The document's tree in the newest generation's words; the document itself stays as it is.

    ``target`` is the generation of a text that does not say its own.
    """
    generation = recognise_generation(document)
    if target is not None and not document.components and document.release is None:
        generation = target if generation == _WITHOUT_TELLING_WORDS else generation
    root = copy(document.root)
    notes = [note for step in needed(document, generation) for note in run(step, root, document, generation)]
    notes.sort(key=lambda note: note.span)
    return Upgraded(share(root), reported(generation), notes)


def needed(document: Document, generation: Generation, target: Mapping[str, int] | None = None) -> Iterator[Step]:
    """The steps from the document's component versions to ``target``, the newest there is if that is None."""
    versions = component_versions(document, generation)
    for step in STEPS:
        by_words = step.telling and not document.components
        is_old = by_words or step.component == LENIENCE or versions.get(step.component, 0) < step.to
        if is_old and (target is None or step.to <= target.get(step.component, 0)):
            yield step


def run(step: Step, root: Node, document: Document, generation: Generation) -> list[Note]:
    """Apply one step to a tree made from the document."""
    return step.apply(root, Written(generation, has_old_ipsec(document, generation)))
