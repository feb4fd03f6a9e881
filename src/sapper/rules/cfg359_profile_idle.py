"""CFG359: an IPsec profile (DMVPN) that VyOS takes, and of which it renders less than is written, or nothing.

VyOS does not look whether the bound tunnels exist. The key of a profile is rendered once for each tunnel, under the
tunnel's name alone. Source: the swanctl template for profiles.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.config.tree import Span
from sapper.model.branch import Branch, first_span
from sapper.rules.cfg358_profile_incomplete import PROFILE
from sapper.rules.example import without
from sapper.rules.finding import Finding
from sapper.rules.fragment import is_whole
from sapper.rules.ipsec_tree import IPSEC, esp_group
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG359",
    title="an IPsec profile that is not rendered as it is written",
    severity="warning",
    why=(
        "VyOS takes it and says nothing. A profile without a bound tunnel is left out; a tunnel that is not "
        "configured is never protected; without mode pre-shared-secret no authentication is rendered, and without "
        "its secret no key; compression is never rendered for a profile; two profiles on one tunnel share one key."
    ),
    bad=without(PROFILE, "bind tunnel"),
    good=PROFILE,
)

Told = tuple[str, str, Span]


def find(subject: Subject) -> Iterator[Finding]:
    configured = {tunnel.name for tunnel in subject.top.each("interfaces", "tunnel")}
    known = configured or is_whole(subject.top)
    bound: dict[str, Span] = {}
    for profile in subject.top.each(*IPSEC, "profile"):
        if profile.has("disable"):
            continue
        for message, path, span in (*_authentication(profile), *_group(subject, profile)):
            yield RULE.finding(message, path, span)
        tunnels = profile.texts("bind", "tunnel")
        if not tunnels:
            message = "this profile binds no tunnel: VyOS takes it and leaves it out"
            yield RULE.finding(message, profile.where, first_span(profile.node))
        for tunnel in tunnels:
            path = f"{profile.where} bind tunnel"
            if known and tunnel.word not in configured:
                message = f"{tunnel.word} is bound here and configured nowhere: VyOS takes it, nothing is protected"
                yield RULE.finding(message, path, tunnel.span)
            earlier = bound.get(tunnel.word)
            bound.setdefault(tunnel.word, tunnel.span)
            if earlier is not None:
                message = (
                    f"{tunnel.word} is bound at {subject.line_column(earlier)} too: VyOS renders both, and one "
                    "profile's key under the name of the other's"
                )
                yield RULE.finding(message, path, tunnel.span)


def _authentication(profile: Branch) -> Iterator[Told]:
    """No message names the secret, nor the value of the mode, where one might stand by mistake."""
    authentication = profile.below("authentication")
    if authentication is None:
        return
    mode = authentication.in_force("mode")
    span = first_span(authentication.node)
    if mode is None or mode.word != "pre-shared-secret":
        message = "the authentication mode is not pre-shared-secret: VyOS takes it and renders no authentication"
        yield message, authentication.where, span
    elif not authentication.texts("pre-shared-secret"):
        message = "this profile has no pre-shared-secret: VyOS takes it, and no spoke can authenticate"
        yield message, authentication.where, span


def _group(subject: Subject, profile: Branch) -> Iterator[Told]:
    value = profile.in_force("esp-group")
    group = esp_group(subject, profile, profile)
    if value is None or group is None:
        return
    path = f"{profile.where} esp-group"
    if group.text("mode") == "tunnel":
        message = (
            f"esp-group {group.name} is tunnel mode: VyOS takes it and adds a second outer header to every GRE "
            "packet, for a profile transport mode fits"
        )
        yield message, path, value.span
    if group.has("compression"):
        message = f"esp-group {group.name} has compression, which VyOS does not render for a profile"
        yield message, path, value.span
