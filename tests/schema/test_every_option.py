"""Every option of the schema is in the proof, has a recorded reason why it cannot matter, or makes a verdict unknown.

Each is really put into a configuration that is proved. What the schema calls modelled must change the Plan (its gaps
are part of it), or stand in ``NOT_NEEDED`` with a reason. What it calls immaterial must leave the Plan as it is. What
it calls unmodelled must take ``proved`` away by its name, or ``refuted`` where it can only stop packets; or stand in
``HARMLESS`` with a reason. So whoever adds an option has to say which of the three it is.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache

import pytest
from legal_values import legal_line, legal_path, tree_of
from protected_configuration import LEAKY, SAFE, instance_of, lines_that_set, surroundings_of

from sapper.kernel.compile import compile_router
from sapper.kernel.complete import complete
from sapper.kernel.gaps import ADDS_WAYS, DROPPING, DROPS, HARMLESS
from sapper.kernel.plan import Plan
from sapper.kernel.uncarried import NOT_NEEDED
from sapper.model.build import build
from sapper.proof.prove import prove
from sapper.proof.verdict import PropertyVerdict
from sapper.schema.option import Option
from sapper.schema.register import OPTIONS

Line = str | list[str]
ROUTED = ("confidentiality", "no-bypass")
MODELLED = [option for option in OPTIONS if option.standing == "modelled"]
FILLED = {
    tag.path
    for tag in MODELLED
    if tag.kind == "tag" and any(option.path.startswith(f"{tag.path} *") for option in MODELLED)
}
"""Tags that count by what stands below them."""

ASKED = [option for option in MODELLED if option.path not in FILLED]
IMMATERIAL = [option for option in OPTIONS if option.standing == "immaterial"]
UNMODELLED = [option for option in OPTIONS if option.standing == "unmodelled"]


def plan_of(lines: list[Line], generation: str = "1.4") -> Plan:
    return compile_router(build(tree_of(*lines), generation, "east").router)


def said(plan: Plan) -> str:
    """All that a Plan says, secrets told apart."""
    secrets = [connection.secret.reveal() if connection.secret else None for connection in plan.connections]
    return repr((plan, secrets, [hash(link) for link in plan.links]))


def bases(option: Option) -> list[list[Line]]:
    above = instance_of(option)
    return [[*SAFE, *lines, *([above] if above else [])] for lines in surroundings_of(option)]


def reaches_the_plan(option: Option) -> bool:
    for generation in ("1.4", "1.2"):
        for base in bases(option):
            without = said(plan_of(base, generation))
            if any(said(plan_of([*base, line], generation)) != without for line in lines_that_set(option)):
                return True
    return False


def reason_not_needed(option: Option) -> str | None:
    return next((why for pattern, why in NOT_NEEDED.items() if fnmatchcase(option.path, pattern)), None)


@pytest.mark.parametrize("option", ASKED, ids=lambda option: option.path)
def test_a_modelled_option_changes_the_plan_or_has_a_reason(option: Option) -> None:
    assert reaches_the_plan(option) != bool(reason_not_needed(option))


@pytest.mark.parametrize("option", IMMATERIAL, ids=lambda option: option.path)
def test_an_immaterial_option_has_a_reason_and_changes_nothing(option: Option) -> None:
    assert len(option.reason) > 5
    for base in bases(option):
        assert said(plan_of([*base, legal_line(option)])) == said(plan_of(base))


@cache
def verdicts(lines: tuple[str, ...], more: tuple[str, ...], name: str) -> dict[str, PropertyVerdict]:
    """The verdicts of that entry, ``more`` being the words of one more line."""
    (found,) = [item for item in prove(complete(plan_of([*lines, list(more)]))) if item.name == name]
    return found.verdicts


def named_by(option: Option) -> str:
    """What the reason of an unknown verdict says: the nearest unmodelled word above the option, or itself."""
    words = legal_path(option)
    above = [other.words for other in UNMODELLED if option.path.startswith(f"{other.path} ")]
    return " ".join(words[: min(map(len, above), default=len(words))])


def below(option: Option, listed: dict[str, str]) -> bool:
    return any(option.path == path or option.path.startswith(f"{path} ") for path in listed)


@pytest.mark.parametrize("option", UNMODELLED, ids=lambda option: option.path)
def test_an_unmodelled_option_takes_the_verdict_away_by_its_name(option: Option) -> None:
    line, named = tuple(legal_line(option)), named_by(option)
    effect = DROPS if below(option, DROPPING) else None if below(option, HARMLESS) else ADDS_WAYS
    found = verdicts(SAFE, line, "vti7")
    for asked in ROUTED:
        if effect == ADDS_WAYS:
            assert found[asked].verdict == "unknown"
            assert named in (found[asked].reason or "")
        else:
            assert found[asked].verdict == "proved"
    leak = verdicts(LEAKY, line, "tun7")["confidentiality"]
    if effect == DROPS:
        assert leak.verdict == "unknown"
        assert named in (leak.reason or "")
    elif effect is None:
        assert leak.verdict == "refuted"


def test_without_an_option_the_one_is_proved_and_the_other_refuted() -> None:
    nothing = ("interfaces", "ethernet", "eth0")
    assert {verdicts(SAFE, nothing, "vti7")[asked].verdict for asked in ROUTED} == {"proved"}
    assert verdicts(LEAKY, nothing, "tun7")["confidentiality"].verdict == "refuted"


def test_what_is_said_of_single_options_is_said_of_options_that_are_there() -> None:
    """And of no whole section: neither list may hold the first word of several options with other standings."""
    declared = {option.path for option in UNMODELLED}
    assert set(DROPPING) | set(HARMLESS) <= declared
    assert all(len(why) > 10 for why in (*DROPPING.values(), *HARMLESS.values(), *NOT_NEEDED.values()))
    for pattern in NOT_NEEDED:
        assert any(fnmatchcase(option.path, pattern) for option in ASKED), pattern


def test_a_tunnel_of_nhrp_proves_nothing_that_routing_decides() -> None:
    found = verdicts(SAFE, ("protocols", "nhrp", "tunnel", "tun7"), "vti7")
    for asked in ROUTED:
        assert found[asked].verdict == "unknown"
        assert "protocols nhrp tunnel tun7" in (found[asked].reason or "")


@pytest.mark.parametrize(
    "words", ["system brandnew", "service brandnew", "brandnew", "vpn brandnew", "protocols new"]
)
def test_what_no_release_has_yet_proves_nothing(words: str) -> None:
    found = verdicts(SAFE, (*words.split(), "x"), "vti7")
    for asked in ROUTED:
        assert found[asked].verdict == "unknown"
        assert words in (found[asked].reason or "")
