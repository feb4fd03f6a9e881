"""A secret is in no message, path or rendering, wherever in its neighbourhood it was written by mistake."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from legal_values import KEY, legal_path, tree_of

from sapper.model.build import build
from sapper.schema.option import Option
from sapper.schema.register import OPTIONS

SECRETS = [option for option in OPTIONS if option.type.secret]
PASSWORD = "hunter2correcthorse"


def slips(option: Option, secret: str) -> Iterator[list[str]]:
    """The secret in its place, with too many words, under a mistyped word, without its word, in a sibling's place."""
    *above, word = legal_path(option)
    yield [*above, word, secret]
    yield [*above, word, "first", secret]
    yield [*above, word, secret, secret]
    yield [*above, word[:-1], secret]
    yield [*above, word + "x", secret]
    yield [*above, "qqqq", secret]
    yield [*above, secret]
    parent = option.path.rpartition(" ")[0]
    siblings = [other for other in OPTIONS if other.path.rpartition(" ")[0] == parent and other != option]
    for sibling in siblings:
        misfits = sibling.kind in ("leaf", "multi") and sibling.type.refuse(secret) is not None
        if sibling.kind == "flag" or misfits:
            yield [*above, sibling.word, secret]


def test_the_keys_and_passwords_are_marked() -> None:
    marked = {option.path for option in SECRETS}
    words = ("secret", "password", "passphrase", "private-key", "preshared-key", "pre-shared-secret")
    assert {option.path for option in OPTIONS if option.word in words and option.kind == "leaf"} <= marked
    assert "protocols nhrp tunnel * cisco-authentication" in marked


@pytest.mark.parametrize("option", SECRETS, ids=lambda option: option.path)
@pytest.mark.parametrize("secret", [KEY, KEY[:-3], PASSWORD])
def test_a_secret_is_never_repeated(option: Option, secret: str) -> None:
    for line in slips(option, secret):
        built = build(tree_of(line), "1.4", "east")
        said = repr((built.problems, built.defaulted, built.router))
        assert secret not in said, f"{line}: {said}"


def test_a_short_mistake_beside_a_key_is_told() -> None:
    built = build(tree_of("interfaces wireguard wg0 mtu 5"), "1.4", "east")
    assert [problem.message for problem in built.problems] == ["mtu: '5' is not within 68-16000"]
