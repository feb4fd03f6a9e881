"""The commands that clamp a tunnel, in the words of the text's generation.

Since 1.4 an interface has ``adjust-mss``. Before, it stands under ``firewall options``, and the articles' way is a
policy on the interface that connections come from. VyOS takes an MSS of 536 to 65535 in the one and of 500 to 1460 in
the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sapper.kernel.interface_settings import interfaces_of
from sapper.rules.clamp_nftables import new_sizes, tunnel_clamps
from sapper.rules.clamping import ADJUST_WORDS, Clamp, Clamping
from sapper.rules.finding import Fix
from sapper.rules.sized import Sized
from sapper.rules.subject import Subject

_POLICY = "MSS-CLAMP"
_LEAST_ADJUST, _LEAST_POLICY, _MOST_POLICY = 536, 500, 1460
_OLD_POLICY = {4: "route", 6: "ipv6-route"}


def has_old_words(subject: Subject) -> bool:
    """True if the text was written for 1.3 or before."""
    return subject.generation < "1.4"


def clamp_fixes(subject: Subject, clamping: Clamping, wanted: list[tuple[Sized, list[int]]]) -> tuple[Fix, ...]:
    """Ways to clamp each tunnel for its families: on the tunnel, and as the articles do it where that is the custom."""
    commands = [
        command
        for tunnel, families in wanted
        for family in families
        for command in adjust_commands(subject, tunnel, family)
    ]
    by_nftables = tunnel_clamps(wanted)
    if not commands:
        return by_nftables
    fixes = [Fix("lower the MSS of what leaves by the tunnel, at both ends", tuple(commands))]
    policy = list(_policy_commands(subject, clamping, wanted)) if has_old_words(subject) else []
    if policy:
        fixes.append(Fix("lower the MSS of what enters from inside, at both ends", tuple(policy)))
    return (*fixes, *by_nftables)


def adjust_commands(subject: Subject, tunnel: Sized, family: int) -> list[str]:
    """``adjust-mss`` on the tunnel; none where VyOS takes no such value."""
    size = tunnel.segment(family)
    if has_old_words(subject):
        word = "adjust-mss" if family == 4 else "adjust-mss6"
        size = min(size, _MOST_POLICY)
        return [f"set firewall options interface {tunnel.name} {word} {size}"] if size >= _LEAST_ADJUST else []
    words = " ".join(ADJUST_WORDS[family])
    return [f"set {tunnel.origin.path} {words} {size}"] if size >= _LEAST_ADJUST else []


def new_size_fixes(subject: Subject, clamps: Iterable[Clamp], size: int) -> tuple[Fix, ...]:
    """The clamps with another MSS, in the text's own words and in nftables'."""
    every = list(clamps)
    commands = tuple(command for clamp in every for command in _new_size_commands(subject, clamp, size))
    own = (Fix(f"an MSS of {size}", commands),) if commands else ()
    return (*own, *new_sizes(every, size))


def _new_size_commands(subject: Subject, clamp: Clamp, size: int) -> list[str]:
    """The clamp with another MSS; none where VyOS takes no such value."""
    if clamp.entering:
        path = clamp.origin.path
        if has_old_words(subject):
            path = path.replace("policy route6", "policy ipv6-route", 1)
        fits = _LEAST_POLICY <= size <= _MOST_POLICY
        return [f"set {path} set tcp-mss {size}"] if fits else []
    if size < _LEAST_ADJUST:
        return []
    if has_old_words(subject):
        word = "adjust-mss" if clamp.family == 4 else "adjust-mss6"
        return [f"set firewall options interface {clamp.leaving} {word} {min(size, _MOST_POLICY)}"]
    return [f"set {clamp.origin.path} {' '.join(clamp.words)} {size}"]


def _policy_commands(
    subject: Subject, clamping: Clamping, wanted: Iterable[tuple[Sized, list[int]]]
) -> Iterator[str]:
    """The articles' policy on every inside interface; nothing where one of them has a policy already."""
    inside = {link.name for link in clamping.inside}
    paths = [each.origin.path for each in interfaces_of(subject.router) if each.name in inside]
    if any(inside.intersection(policy.interfaces) for policy in subject.router.policies):
        return
    sizes: dict[int, int] = {}
    for tunnel, families in wanted:
        for family in families:
            sizes[family] = min(sizes.get(family, _MOST_POLICY), tunnel.segment(family))
    for family, size in sorted(sizes.items()) if paths else ():
        if size < _LEAST_POLICY:
            continue
        name = _POLICY if family == 4 else f"{_POLICY}6"
        rule = f"set policy {_OLD_POLICY[family]} {name} rule 10"
        yield from (f"{rule} protocol tcp", f"{rule} set tcp-mss {size}", f"{rule} tcp flags SYN")
        yield from (f"set {path} policy {_OLD_POLICY[family]} {name}" for path in paths)
