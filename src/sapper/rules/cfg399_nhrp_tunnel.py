"""CFG399: NHRP on a tunnel that is not multipoint GRE, or with a mapping that leads nowhere.

The tunnel is looked for only where the text has tunnels or is a whole router.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch, first_span
from sapper.rules.example import TUNNEL, without
from sapper.rules.finding import Finding
from sapper.rules.fragment import is_whole
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_SPOKE = TUNNEL + "set protocols nhrp tunnel tun0 map 10.0.0.2/30 nbma-address 203.0.113.20\n"

RULE = Rule(
    code="CFG399",
    title="NHRP on a tunnel that it cannot serve",
    severity="error",
    why=(
        "VyOS refuses the commit: the tunnel must be configured, be gre and have no remote, every map needs its "
        "nbma-address and every dynamic-map its nbma-domain-name. NHRP (RFC 2332) finds the outer address of each "
        "packet, which a tunnel with a remote has already."
    ),
    bad=_SPOKE,
    good=without(_SPOKE, "remote"),
)

_MAPS = {"map": "nbma-address", "dynamic-map": "nbma-domain-name"}


def find(subject: Subject) -> Iterator[Finding]:
    top = subject.top
    look_up = top.has("interfaces", "tunnel") or is_whole(top)
    for nhrp in top.each("protocols", "nhrp", "tunnel"):
        tunnel = top.below("interfaces", "tunnel", nhrp.name)
        wrong = _wrong(nhrp.name, tunnel) if tunnel is not None else None
        if tunnel is None and look_up:
            wrong = f"{nhrp.name} is configured nowhere"
        if wrong:
            yield RULE.finding(f"{wrong}: VyOS refuses NHRP on it", nhrp.where, first_span(nhrp.node))
        for word, needed in _MAPS.items():
            for mapping in nhrp.each(word):
                if _is_prefix(mapping.name) and not mapping.texts(needed):
                    message = f"{word} {mapping.name} has no {needed}: VyOS refuses it"
                    yield RULE.finding(message, mapping.where, first_span(mapping.node))


def _wrong(name: str, tunnel: Branch) -> str | None:
    encapsulation = tunnel.text("encapsulation")
    if encapsulation is not None and encapsulation != "gre":
        return f"{name} is {encapsulation} and not gre"
    return f"{name} has a remote" if tunnel.has("remote") else None


def _is_prefix(name: str) -> bool:
    """Later releases have fixed words here, which are none."""
    return "/" in name or "." in name or ":" in name
