"""DMVPN of the tree to the Router: ``vpn ipsec profile`` and ``protocols nhrp``.

A profile without a group is refused by VyOS; like a peer it goes on with the defaults, and a finding names it.
"""

from __future__ import annotations

from sapper.model.branch import Assumed, Branch, first_span
from sapper.model.build_groups import ESP_DEFAULTS, IKE_DEFAULTS, NO_NAME, Groups
from sapper.model.ipsec import NhrpTunnel, Profile


def build_profiles(root: Branch, groups: Groups, defaulted: list[Assumed]) -> tuple[Profile, ...]:
    """All profiles in order of writing, disabled ones too."""
    found = []
    for branch in root.each("vpn", "ipsec", "profile"):
        ike, esp = branch.in_force("ike-group"), branch.in_force("esp-group")
        if ike is None:
            defaulted.append(_assumed("CFG307", branch, f"ike-group; {IKE_DEFAULTS}"))
        if esp is None:
            defaulted.append(_assumed("CFG308", branch, f"esp-group; {ESP_DEFAULTS}"))
        found.append(
            Profile(
                name=branch.name,
                origin=branch.origin,
                ike_group=groups.ike(ike.word if ike is not None else NO_NAME, branch),
                esp_group=groups.esp(esp.word if esp is not None else NO_NAME, branch),
                secret=branch.secret("authentication", "pre-shared-secret"),
                tunnels=tuple(branch.good_texts("bind", "tunnel")),
                disabled=branch.has("disable"),
            )
        )
    return tuple(found)


def build_nhrp(root: Branch) -> tuple[NhrpTunnel, ...]:
    """All tunnels of ``protocols nhrp`` in order of writing; a map without a far end is left out."""
    return tuple(
        NhrpTunnel(
            name=branch.name,
            origin=branch.origin,
            maps=_maps(branch, "map", "nbma-address"),
            dynamic_maps=_maps(branch, "dynamic-map", "nbma-domain-name"),
        )
        for branch in root.each("protocols", "nhrp", "tunnel")
    )


def _maps(branch: Branch, word: str, far: str) -> tuple[tuple[str, str], ...]:
    return tuple((entry.name, outer) for entry in branch.each(word) if (outer := entry.text(far)) is not None)


def _assumed(code: str, branch: Branch, missing: str) -> Assumed:
    return Assumed(code, f"this profile names no {missing}", branch.where, first_span(branch.node))
