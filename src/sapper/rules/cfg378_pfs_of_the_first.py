"""CFG378: perfect forward secrecy with the group of the first IKE proposal, where there are several groups."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch, first_span
from sapper.rules.example import PEER
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import esp_group, ike_group, proposals, rendered_peers, rendered_tunnels
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_TWO = PEER + "set vpn ipsec ike-group IKE proposal 2 dh-group 19\n"

RULE = Rule(
    code="CFG378",
    title="perfect forward secrecy follows the first IKE proposal",
    severity="warning",
    why=(
        "With pfs enable, which is the default, VyOS silently takes the Diffie-Hellman group of the IKE proposal "
        "with the lowest number for every ESP proposal. If the peers agree on another IKE proposal, the SAs that "
        "come up with IKE work, and the first rekeying of one fails if the peer does not know that group."
    ),
    bad=_TWO,
    good=_TWO + "set vpn ipsec esp-group ESP pfs dh-group19\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    told: set[tuple[str, str]] = set()
    for peer in rendered_peers(subject):
        ike = ike_group(subject, peer)
        groups = [proposal.text("dh-group") or "2" for proposal in proposals(ike)] if ike is not None else []
        other = next((group for group in groups if group != groups[0]), None)
        if ike is None or other is None:
            continue
        for esp in _used(subject, peer):
            if (ike.name, esp.name) in told or esp.text("pfs") != "enable":
                continue
            told.add((ike.name, esp.name))
            written = esp.in_force("pfs")
            message = (
                f"pfs enable is group {groups[0]} of ike-group {ike.name}'s first proposal: VyOS silently offers "
                f"it also where group {other} was agreed upon; write dh-group{groups[0]} or another"
            )
            span = written.span if written is not None else first_span(esp.node)
            yield RULE.finding(message, f"{esp.where} pfs" if written else esp.where, span)


def _used(subject: Subject, peer: Branch) -> Iterator[Branch]:
    children = [*rendered_tunnels(peer)]
    vti = peer.below("vti")
    if vti is not None and not peer.has("tunnel"):
        children.append(vti)
    for child in children:
        group = esp_group(subject, peer, child)
        if group is not None:
            yield group
