"""Validation: legal trees have no problem, each kind of mistake has one, and no tree makes it fall over."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sapper.config.tree import Node, Span
from sapper.schema.option import Option
from sapper.schema.register import OPTIONS
from sapper.schema.validate import Problem, validate

SAMPLES = (
    *("1", "10", "1400", "eth0", "dum0", "lo", "br0", "tun0", "vti0", "west", "192.0.2.1", "2001:db8::1"),
    *("192.0.2.1/24", "192.0.2.0/24", "2001:db8::/64", "2001:db8::1/64", "any", "gre", "0xff", "dhcp"),
)
WORDS = st.one_of(
    st.sampled_from(sorted({word for option in OPTIONS for word in option.words if word != "*"})),
    st.sampled_from(SAMPLES),
    st.text(max_size=8),
)
PATHS = st.lists(WORDS, min_size=1, max_size=7)


def tree_of(*lines: str | list[str]) -> Node:
    """A tree of paths of words; the places count the words."""
    root = Node("")
    at = 0
    for line in lines:
        node = root
        for word in line.split() if isinstance(line, str) else line:
            node = node.add(word, Span(at, at + 1))
            at += 1
    return root


def problems(*lines: str) -> list[Problem]:
    return list(validate(tree_of(*lines)).problems)


def sample_of(option: Option) -> str | None:
    """A good value for the option, or None if no sample fits."""
    candidates = (*option.type.words, option.default or "", *SAMPLES)
    return next((text for text in candidates if text and option.type.refuse(text) is None), None)


def legal_line(option: Option) -> list[str]:
    words: list[str] = []
    tags = {tag.path: tag for tag in OPTIONS if tag.kind == "tag"}
    for depth, word in enumerate(option.words):
        tag = tags.get(" ".join(option.words[:depth]))
        name = sample_of(tag) if word == "*" and tag is not None else word
        words.append(name or word)
    if option.kind in ("leaf", "multi", "tag"):
        words.append(sample_of(option) or "")
    return words


@given(st.lists(PATHS, max_size=12))
def test_any_tree_has_an_answer(paths: list[list[str]]) -> None:
    validated = validate(tree_of(*paths))
    for problem in validated.problems:
        assert problem.message
        assert (problem.kind == "written-twice") == (problem.first is not None)


@given(st.lists(st.sampled_from(OPTIONS), unique_by=lambda option: option.path, min_size=1, max_size=20))
def test_a_legal_tree_has_no_problem(options: list[Option]) -> None:
    lines = [legal_line(option) for option in options if option.kind != "tag"]
    found = validate(tree_of(*lines))
    assert found.problems == ()
    unmodelled = {option.path.split()[0] for option in options if option.standing == "unmodelled"}
    assert {path.split()[0] for path in found.unmodelled} == unmodelled


def test_a_mistyped_word_is_named_with_the_word_that_is_meant() -> None:
    (problem,) = problems("interfaces tunnel tun0 encapsulatoin gre")
    assert (problem.kind, problem.suggestion) == ("unknown-word", "encapsulation")
    assert problem.path == "interfaces tunnel tun0"
    assert problem.span == Span(3, 4)


def test_a_mistyped_section_is_no_unmodelled_one() -> None:
    validated = validate(tree_of("interfaces tunel tun0 mtu 1400", "interfaces wireguard wg0", "protocols bgp 1"))
    assert [problem.suggestion for problem in validated.problems] == ["tunnel"]
    assert validated.unmodelled == ("interfaces wireguard wg0", "protocols bgp")


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
    assert validate(tree_of("interfaces tunnel tun0 vrf red")).unmodelled == ("interfaces tunnel tun0 vrf",)


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
