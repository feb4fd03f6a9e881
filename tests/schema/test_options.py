"""The register is whole: every option can be reached, its default is a value of its own, its reason is given."""

from __future__ import annotations

import pytest

from sapper.schema.option import Option, leaf
from sapper.schema.register import OPEN, OPTIONS, follow, grow, option_at

INSTANCE = {"*": "x"}


def sound(option: Option) -> bool:
    path = [INSTANCE.get(word, word) for word in option.words]
    default = option.default is None or (option.kind == "leaf" and option.type.refuse(option.default) is None)
    reason = bool(option.reason) == (option.standing != "modelled")
    return option_at(path) is option and bool(option.help) and reason and default


def test_an_option_is_found_and_says_what_it_is() -> None:
    assert OPTIONS
    assert [option.path for option in OPTIONS if not sound(option)] == []


def test_a_fixed_word_is_a_value_of_its_type() -> None:
    for option in OPTIONS:
        assert [word for word in option.type.words if option.type.refuse(word) is not None] == []


def test_the_open_places_are_there() -> None:
    for path in OPEN:
        word = follow(path.split())
        assert word is not None
        assert word.open


def test_what_no_file_declares_is_not_found() -> None:
    assert option_at(("interfaces", "tunnel", "tun0", "encapsulatoin")) is None
    assert option_at(("interfaces", "tunnel", "tun0", "mtu", "1400", "more")) is None


def test_one_path_has_one_option() -> None:
    with pytest.raises(ValueError, match="two options for a b"):
        grow([leaf("a b", "one"), leaf("a b", "two")])
