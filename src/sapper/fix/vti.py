"""A VTI with unreachable routes behind it: an xfrm interface has no way out in clear, and its routes' end is closed.

A tunnel device becomes a VTI only where it is nothing but a carrier of IP: no layer 2, no key to tell tunnels apart,
and no other part of the configuration that names it. Both ends change together.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.config.edit import Change, Delete, Put, SetValue
from sapper.fix import unreachable
from sapper.fix.carrier import carrier_of, tunnel_mode
from sapper.fix.dummy import opposite
from sapper.fix.proposal import Impossible, Proposal
from sapper.model.branch import Branch
from sapper.proof.properties.protected import Entry
from sapper.rules.subject import Subject

_LAYER_2 = frozenset({"gretap", "ip6gretap", "erspan", "ip6erspan"})
_ITS_OWN = frozenset({"encapsulation", "source-address", "source-interface", "remote", "parameters"})
_OF_BOTH = frozenset({"address", "description", "disable", "ip", "ipv6", "mtu", "vrf"})
_ROUTES = (("protocols", "static", "route"), ("protocols", "static", "route6"))


def propose(near: Subject, entry: Entry, far: Subject | None) -> Proposal:
    """For one entry. Raises Impossible."""
    if entry.link is not None and entry.link.kind == "xfrm":
        return unreachable.propose(near, entry.networks)
    if entry.link is None or entry.link.encapsulating is None:
        raise Impossible(f"{entry.name} is no tunnel device")
    if entry.link.kind in _LAYER_2:
        raise Impossible(f"{entry.name} carries Ethernet frames, a VTI carries IP packets only")
    if far is None:
        raise Impossible("it replaces the tunnel at both ends; give the far end's configuration as PEER_CONFIG")
    return _replaced(near, entry).with_more(_replaced(far, opposite(entry, far)).turned())


def _replaced(subject: Subject, entry: Entry) -> Proposal:
    carrier = carrier_of(subject, entry)
    if len(list(carrier.peer.each("tunnel"))) != len(carrier.numbers):
        raise Impossible(f"peer {carrier.peer.name} has other tunnels, and VyOS ignores them beside a VTI")
    tunnel = subject.top.below("interfaces", "tunnel", entry.name)
    if tunnel is None:
        raise Impossible(f"{entry.name} is not in the configuration")
    name = _free_vti(subject)
    routes = list(_routes(subject, entry.name, name))
    named = _other_places(subject, entry.name, {path for change in routes for path in [change.path]})
    if named is not None:
        raise Impossible(f"{entry.name} is named in {named} as well")
    changes: list[Change] = [
        *_taken_along(tunnel, name),
        Delete(tunnel.path),
        *routes,
        *tunnel_mode(subject, carrier),
        Delete((*carrier.peer.path, "tunnel")),
        SetValue((*carrier.peer.path, "vti", "bind"), name),
        SetValue((*carrier.peer.path, "vti", "esp-group"), carrier.group.name),
    ]
    return Proposal(near=tuple(changes)).with_more(unreachable.propose(subject, entry.networks))


def _taken_along(tunnel: Branch, name: str) -> Iterator[Change]:
    """The tunnel's options that a VTI has as well. Raises Impossible for one that it has not."""
    for word in tunnel.node.view:
        if word in _ITS_OWN:
            continue
        if word not in _OF_BOTH:
            raise Impossible(f"{tunnel.name} has {word}, and a VTI has none")
        below = tunnel.node.look(word)
        for path in below.leaves() if below is not None and below.view else [()]:
            yield Put(("interfaces", "vti", name, word, *path))


def _routes(subject: Subject, old: str, new: str) -> Iterator[Change]:
    for kind in _ROUTES:
        for route in subject.top.each(*kind):
            if route.has("interface", old):
                yield Delete((*route.path, "interface", old))
                yield Put((*route.path, "interface", new))


def _other_places(subject: Subject, name: str, handled: set[tuple[str, ...]]) -> str | None:
    for path, node in subject.root.walk():
        if node.word == name and path not in handled and path[:3] != ("interfaces", "tunnel", name):
            return " ".join(path[:-1])
    return None


def _free_vti(subject: Subject) -> str:
    used = {vti.name for vti in subject.top.each("interfaces", "vti")}
    return next(name for number in range(len(used) + 1) if (name := f"vti{number}") not in used)
