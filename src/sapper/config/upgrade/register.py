"""The upgrade steps in the order in which they run, and the one function that runs them.

The order matters in three places: a prefix length on an end point is noted while the text's own words are there;
passive peers and old defaults are settled while peers still have their old names; a key moves after its peer was
renamed. VyOS' own migration steps are named in each file.
"""

from __future__ import annotations

from typing import NamedTuple

from sapper.config.generation import ReportedGeneration, has_old_ipsec, recognise_generation, reported
from sapper.config.tree import Document, Node
from sapper.config.upgrade import (
    endpoint_prefix,
    interface_bridge_group,
    ipsec_actions,
    ipsec_flags,
    ipsec_interfaces,
    ipsec_key_store,
    ipsec_named_peers,
    ipsec_passive_peers,
    ipsec_trap,
    nat_interface_name,
    old_defaults,
    policy_binding,
    static_interface_route,
    tunnel_bridge_group,
    tunnel_ends,
    tunnel_multicast,
)
from sapper.config.upgrade.graft import copy
from sapper.config.upgrade.step import Note, Step, Written

STEPS: tuple[Step, ...] = (
    Step("end points without prefix length", endpoint_prefix.apply),
    Step("defaults of older generations", old_defaults.apply),
    Step("passive peers", ipsec_passive_peers.apply),
    Step("tunnel end points", tunnel_ends.apply),
    Step("tunnel bridge membership", tunnel_bridge_group.apply),
    Step("interface bridge membership", interface_bridge_group.apply),
    Step("tunnel multicast", tunnel_multicast.apply),
    Step("IPsec interfaces", ipsec_interfaces.apply),
    Step("IPsec options that became flags", ipsec_flags.apply),
    Step("IKE actions", ipsec_actions.apply),
    Step("peers with names", ipsec_named_peers.apply),
    Step("pre-shared keys by identity", ipsec_key_store.apply),
    Step("respond is trap", ipsec_trap.apply),
    Step("NAT interface by name", nat_interface_name.apply),
    Step("static routes by interface", static_interface_route.apply),
    Step("policy routes name their interfaces", policy_binding.apply),
)


class Upgraded(NamedTuple):
    """A tree in the newest words. ``generation`` is the one that the text was written for."""

    root: Node
    generation: ReportedGeneration
    notes: list[Note]


def upgrade(document: Document) -> Upgraded:
    """The document's tree in the newest generation's words; the document itself stays as it is."""
    generation = recognise_generation(document)
    root = copy(document.root)
    written = Written(generation, has_old_ipsec(root, generation))
    notes = [note for step in STEPS for note in step.apply(root, written)]
    notes.sort(key=lambda note: note.span)
    return Upgraded(root, reported(generation), notes)
