"""Every strategy on the articles' setups: what comes out is proved, reads as the same configuration otherwise, and is
nothing more to fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from sapper.config.edit import SetValue, edit
from sapper.config.generation import ReportedGeneration
from sapper.config.print_set import print_set
from sapper.config.read import read
from sapper.config.tree import Document
from sapper.fix.change import shape_for
from sapper.fix.choose import STRATEGIES, Strategy
from sapper.fix.failing import unproved
from sapper.fix.mend import Mended, MendedEnd, Unmendable, mend
from sapper.render.conversion import convert
from sapper.rules import pair402_transport_through_nat
from sapper.rules.check import subject_of
from sapper.rules.subject import Subject
from sapper.schema.shape import shape_of

EXAMPLES = Path(__file__).parents[2] / "examples"
PAIRS = Path(__file__).parents[1] / "lab" / "pairs"
SETUPS = sorted(path for path in EXAMPLES.iterdir() if path.is_dir())


def ends(setup: Path, generation: ReportedGeneration | None = None) -> tuple[Subject, Subject]:
    texts = {name: (setup / f"{name}.set").read_text() for name in ("east", "west")}
    if generation is not None:
        # Before 1.4 a peer with an address calls or answers.
        texts["west"] = texts["west"].replace("connection-type 'none'", "connection-type 'respond'")
        texts = {name: convert(read(text, name), "braces", generation).text for name, text in texts.items()}
    return subject_of(read(texts["east"], "east.set")), subject_of(read(texts["west"], "west.set"))


def leaves(document: Document) -> set[tuple[str, ...]]:
    """What a text says, of a leaf with several values the last."""
    return {path for path in document.root.leaves() if not _replaced(document, path)}


def _replaced(document: Document, path: tuple[str, ...]) -> bool:
    above = document.root.find(*path[:-1])
    return above is not None and shape_for("1.2")(path[:-1]) == "leaf" and above.values()[-1].word != path[-1]


def again(end: MendedEnd) -> Subject:
    return subject_of(read(end.text, end.path))


def both(mended: Mended) -> list[MendedEnd]:
    assert mended.far is not None
    return [mended.near, mended.far]


@pytest.mark.parametrize("setup", SETUPS, ids=lambda path: path.name)
def test_auto_proves_both_ends_and_is_done(setup: Path) -> None:
    near, far = ends(setup)
    if not [*unproved(near), *unproved(far)]:
        return
    mended = mend(near, far, "auto")

    for end in both(mended):
        assert end.guards == ()
        assert list(unproved(again(end))) == []
        assert all(command.startswith(("set ", "delete ")) for command in end.commands)


@pytest.mark.parametrize("generation", ["1.2", "1.3", "1.4", "1.5"])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_in_the_words_of_every_generation(
    strategy: Strategy, generation: ReportedGeneration
) -> None:
    near, far = ends(EXAMPLES / "canonical", generation)
    mended = mend(near, far, strategy)

    assert mended.strategy == strategy
    for before, end in zip((near, far), both(mended), strict=True):
        after = again(end)
        assert after.generation == before.generation
        if end.guards:
            assert generation < "1.5"
        else:
            assert list(unproved(after)) == []
        typed = read(f"{print_set(before.document.root)}\n" + "\n".join(end.commands) + "\n", end.path)
        assert leaves(typed) == leaves(after.document)


def test_what_is_not_concerned_keeps_its_bytes() -> None:
    near, far = ends(EXAMPLES / "dummy")
    mended = mend(near, far, "auto")
    before = near.document.source.text.splitlines()

    assert [line for line in mended.near.text.splitlines() if line in before] == before


def test_a_guard_stands_before_what_could_let_the_packet_pass() -> None:
    near, far = ends(EXAMPLES / "canonical", "1.5")
    accepting = ("ipv4", "output", "filter", "rule", "5"), ("ipv4", "input", "filter", "rule", "1")
    changes = [SetValue(("firewall", *path, "action"), "accept") for path in accepting]
    near = subject_of(read(edit(near.document, changes, shape_of), "east.set"))
    commands = " ".join(mend(near, far, "guard").near.commands)

    assert "output filter rule 4 " in commands
    assert "prerouting raw rule 10 " in commands


def test_one_end_alone_gets_a_guard_only() -> None:
    near, _ = ends(EXAMPLES / "canonical", "1.5")

    assert mend(near, None, "auto").strategy == "guard"
    with pytest.raises(Unmendable, match="PEER_CONFIG"):
        mend(near, None, "dummy")


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ("set protocols ospf interface tun0 area 0\n", "named in protocols ospf interface as well"),
        (
            "set vpn ipsec esp-group ESP mode tunnel\n"
            "set vpn ipsec site-to-site peer WEST tunnel 2 remote prefix 10.9.0.0/16\n",
            "other tunnels",
        ),
    ],
)
def test_a_tunnel_that_is_more_than_a_carrier_does_not_become_a_vti(more: str, reason: str) -> None:
    near, far = ends(EXAMPLES / "canonical")
    near = subject_of(read(near.document.source.text + more, "east.set"))

    with pytest.raises(Unmendable, match=reason):
        mend(near, far, "vti")


def test_what_cannot_be_proved_is_said() -> None:
    near, far = ends(EXAMPLES / "canonical")
    near = subject_of(read(near.document.source.text + "set protocols bgp system-as 65000\n", "east.set"))

    with pytest.raises(Unmendable) as raised:
        mend(near, far, "auto")
    assert len(raised.value.reasons) == len(STRATEGIES)
    assert any("protocols bgp" in reason for reason in raised.value.reasons)


def test_source_nat_gets_an_exclusion() -> None:
    near, far = ends(PAIRS / "dummy-masquerade")
    mended = mend(near, far, "auto")

    assert any("exclude" in command for command in mended.near.commands)
    assert list(unproved(again(mended.near))) == []


def test_auto_sees_nat_by_what_the_ends_call_each_other() -> None:
    rule = pair402_transport_through_nat.RULE
    mended = mend(subject_of(read(rule.bad, "east.set")), subject_of(read(str(rule.far), "west.set")), "auto")

    assert mended.strategy == "dummy"
    assert mended.why.startswith("NAT is in between")
    assert all(list(unproved(again(end))) == [] for end in both(mended))


def test_a_guard_beside_a_hidden_far_end_gets_a_blackhole() -> None:
    mended = mend(*ends(EXAMPLES / "dummy", "1.5"), "guard")

    for end in both(mended):
        assert any(command.endswith(" blackhole") for command in end.commands)
        assert list(unproved(again(end))) == []
