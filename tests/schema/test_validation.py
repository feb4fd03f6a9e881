"""Validation: legal trees have no problem, each kind of mistake has one, and no tree makes it fall over."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from legal_values import SAMPLES, legal_line, tree_of

from sapper.config.tree import Span
from sapper.schema.option import Option
from sapper.schema.register import OPTIONS
from sapper.schema.validate import MOST_SUGGESTIONS, Problem, validate

WORDS = st.one_of(
    st.sampled_from(sorted({word for option in OPTIONS for word in option.words if word != "*"})),
    st.sampled_from(SAMPLES),
    st.text(max_size=8),
)
PATHS = st.lists(WORDS, min_size=1, max_size=7)


def problems(*lines: str) -> list[Problem]:
    return list(validate(tree_of(*lines)).problems)


@given(st.lists(PATHS, max_size=12))
def test_any_tree_has_an_answer(paths: list[list[str]]) -> None:
    validated = validate(tree_of(*paths))
    for problem in validated.problems:
        assert problem.message
        assert (problem.kind == "written-twice") == (problem.first is not None)


@given(st.lists(st.sampled_from(OPTIONS), unique_by=lambda option: option.path, min_size=1, max_size=20))
def test_a_legal_tree_has_no_problem(options: list[Option]) -> None:
    found = validate(tree_of(*(legal_line(option) for option in options)))
    assert found.problems == ()
    unmodelled = {option.path.split()[0] for option in options if option.standing == "unmodelled"}
    assert {path.split()[0] for path in found.unmodelled} == unmodelled


def test_a_mistyped_word_is_named_with_the_word_that_is_meant() -> None:
    (problem,) = problems("interfaces tunnel tun0 encapsulatoin gre")
    assert (problem.kind, problem.suggestion) == ("unknown-word", "encapsulation")
    assert problem.path == "interfaces tunnel tun0"
    assert problem.span == Span(3, 4)


def test_a_mistyped_section_is_no_unmodelled_one() -> None:
    validated = validate(tree_of("interfaces tunel tun0 mtu 1400", "interfaces openvpn vtun0", "protocols bgp 1"))
    assert [problem.suggestion for problem in validated.problems] == ["tunnel"]
    assert validated.unmodelled == ("interfaces openvpn vtun0", "protocols bgp")


def test_legal_words_that_cannot_matter_are_silent() -> None:
    validated = validate(
        tree_of(
            "interfaces ethernet eth0 hw-id 52:54:00:00:00:01",
            "interfaces ethernet eth0 offload gro",
            "interfaces ethernet eth0 duplex auto",
            "interfaces ethernet eth0 description uplink",
            "system host-name east",
        )
    )
    assert validated == ((), ())


def test_options_that_could_matter_are_named_with_their_interface() -> None:
    assert validate(tree_of("interfaces tunnel tun0 netns red")).unmodelled == ("interfaces tunnel tun0 netns",)


def test_one_problem_for_each_value_that_replaces_another() -> None:
    (problem,) = problems("interfaces tunnel tun0 mtu 1400", "interfaces tunnel tun0 mtu 1300")
    assert problem.kind == "written-twice"
    assert (problem.first, problem.span) == (Span(4, 5), Span(9, 10))
    assert problems("interfaces tunnel tun0 mtu 1400", "interfaces tunnel tun0 mtu 1400") == []
    assert (
        problems("interfaces dummy dum0 address 192.0.2.1/32", "interfaces dummy dum0 address 192.0.2.2/32") == []
    )


def test_values_that_are_missing_wrong_or_too_many() -> None:
    assert [problem.kind for problem in problems("interfaces tunnel tun0 mtu")] == ["missing-value"]
    assert [problem.kind for problem in problems("interfaces tunnel")] == ["missing-value"]
    assert [problem.kind for problem in problems("interfaces tunnel tun0 mtu 5")] == ["wrong-value"]
    assert [problem.kind for problem in problems("interfaces tunnel gre0 mtu 1400")] == ["wrong-value"]
    assert [problem.kind for problem in problems("interfaces tunnel tun0 mtu 1400 more")] == ["wrong-value"]
    assert [problem.kind for problem in problems("interfaces tunnel tun0 disable yes")] == ["wrong-value"]
    assert [problem.kind for problem in problems("interfaces dummy dum0 address 192.0.2.1")] == ["no-length"]


def test_the_nearest_value_is_suggested() -> None:
    (problem,) = problems("interfaces tunnel tun0 encapsulation gree")
    assert problem.suggestion == "gre"


SECRET = "hunter2correcthorse"
SLIPS = (
    f"vpn ipsec authentication {SECRET}",
    f"vpn ipsec authentication psk west {SECRET}",
    f"vpn ipsec authentication psk west secret {SECRET} {SECRET}",
    f"vpn ipsec authentication psk west dhcp-interface {SECRET}!",
    f"vpn ipsec authentication psk west secert {SECRET}",
    f"vpn ipsec site-to-site peer west authentication {SECRET}",
    f"vpn ipsec site-to-site peer west authentication pre-shared-secrets {SECRET}",
)


def test_a_secret_is_never_repeated() -> None:
    for slip in SLIPS:
        found = problems(slip)
        assert found
        assert SECRET not in str(found)
    twice = problems(
        f"vpn ipsec authentication psk west secret {SECRET}", f"vpn ipsec authentication psk west secret {SECRET}2"
    )
    assert [problem.kind for problem in twice] == ["written-twice"]
    assert SECRET not in str(twice)


def test_the_firewall_is_named_once_and_only_what_is_known_of_it_is_checked() -> None:
    chain = "firewall ipv4 output filter rule 10"
    validated = validate(
        tree_of(
            f"{chain} sorce address 192.0.2.1",
            f"{chain} ipsec match-none-out",
            f"{chain} ipsec match-ipsec-in",
            f"{chain} set tcp-mss 100",
            "firewall bridge forward filter rule 0 action drop",
            "firewall group network-group LANS network 10.0.0.0/8",
        )
    )
    assert [(problem.kind, problem.path) for problem in validated.problems] == [
        ("unknown-word", f"{chain} ipsec"),
        ("wrong-value", f"{chain} set tcp-mss"),
        ("wrong-value", "firewall bridge forward filter rule"),
    ]
    assert validated.problems[0].suggestion == "match-ipsec"
    assert validated.unmodelled == ("firewall",)


def test_a_value_is_checked_although_it_changes_nothing() -> None:
    assert [problem.kind for problem in problems("interfaces ethernet eth0 speed 17")] == ["wrong-value"]
    assert [problem.kind for problem in problems("interfaces dummy dum0 description " + "x" * 256)] == [
        "wrong-value"
    ]
    assert problems("system ip multipath layer4-hashing", "interfaces ethernet eth0 offload gro") == []
    (slip,) = problems("system ip multipath layer4-hashign")
    assert slip.suggestion == "layer4-hashing"


def test_only_so_many_mistakes_get_a_suggestion() -> None:
    slips = [f"interfaces tunnel tun{number} mtuu 1400" for number in range(MOST_SUGGESTIONS + 5)]
    suggestions = [problem.suggestion for problem in problems(*slips)]
    assert suggestions == ["mtu"] * MOST_SUGGESTIONS + [None] * 5


def test_the_newest_words_of_nhrp_are_named_and_not_refused() -> None:
    validated = validate(tree_of("protocols nhrp tunnel tun0 map tunnel-ip 10.0.0.1 nbma 203.0.113.9"))
    assert validated == ((), ("protocols nhrp tunnel tun0 map tunnel-ip 10.0.0.1",))
