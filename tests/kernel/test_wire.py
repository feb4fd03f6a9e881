"""A Plan on its way into a guest: the same Plan comes out, whatever was in it, and no secret goes along."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sapper.address import WIDTH_BITS, Address, Attached, Family, Prefix
from sapper.kernel.plan import (
    Child,
    Connection,
    Encapsulating,
    Link,
    Plan,
    Route,
    Rule,
    Selector,
    SourceNatRule,
    Sysctl,
    WireguardDevice,
    WireguardPeer,
)
from sapper.kernel.wire import decode_plan, encode_plan
from sapper.secret import Secret

families: st.SearchStrategy[Family] = st.sampled_from([4, 6])


def number_in(family: Family) -> st.SearchStrategy[int]:
    return st.integers(0, (1 << WIDTH_BITS[family]) - 1)


def address_in(family: Family) -> st.SearchStrategy[Address]:
    return number_in(family).map(lambda value: Address(family, value))


addresses = families.flatmap(address_in)
prefixes = families.flatmap(
    lambda family: st.builds(Prefix, st.just(family), number_in(family), st.integers(0, WIDTH_BITS[family]))
)
attached = families.flatmap(
    lambda family: st.builds(Attached, address_in(family), st.integers(0, WIDTH_BITS[family]))
)
for kind, strategy in ((Address, addresses), (Prefix, prefixes), (Attached, attached)):
    st.register_type_strategy(kind, strategy)
st.register_type_strategy(Secret, st.builds(Secret, st.text(min_size=1)))


def anything(kind: type[msgspec.Struct], **fixed: st.SearchStrategy[object]) -> st.SearchStrategy[msgspec.Struct]:
    """Every field of the record by its type, so that a new field is covered on the day it is added."""
    fields = {field.name: st.from_type(field.type) for field in msgspec.structs.fields(kind)}
    return st.builds(kind, **{**fields, **fixed})


st.register_type_strategy(WireguardPeer, anything(WireguardPeer, preshared_key=st.none()))
st.register_type_strategy(WireguardDevice, anything(WireguardDevice, private_key=st.none()))
for record in (Encapsulating, Link, Route, Rule, Sysctl, SourceNatRule, Selector, Child, Connection):
    st.register_type_strategy(record, anything(record))
plans = anything(Plan, connections=st.just(()))
connected = st.lists(anything(Connection), min_size=1, max_size=2)
QUICK = settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
secret_texts = st.text(alphabet='abcdefgh0123456789"\\/ü', min_size=12, max_size=40)


@QUICK
@given(plans)
def test_a_plan_comes_back_the_same(plan: Plan) -> None:
    assert decode_plan(encode_plan(plan)) == plan


@QUICK
@given(plans)
def test_encoding_is_stable_and_plain_json(plan: Plan) -> None:
    text = encode_plan(plan)
    assert encode_plan(decode_plan(text)) == text
    assert json.loads(text)["name"] == plan.name


@settings(max_examples=5, suppress_health_check=list(HealthCheck))
@given(connected, secret_texts)
def test_no_connection_and_so_no_secret_travels(connections: list[Connection], text: str) -> None:
    keyed = [
        msgspec.structs.replace(item, secret=Secret(text), secret_ids=(text,), title=text) for item in connections
    ]
    plan = Plan(name="east", connections=tuple(keyed))
    encoded = encode_plan(plan)
    assert decode_plan(encoded) == Plan(name="east")
    assert json.dumps(text)[1:-1] not in encoded
    assert text not in repr(Secret(text))


def test_the_keys_of_wireguard_stay_at_home() -> None:
    peer = WireguardPeer(public_key="west", preshared_key=Secret("shared-and-hidden"))
    device = WireguardDevice(private_key=Secret("private-and-hidden"), port=51820, peers=(peer,))
    plan = Plan(name="east", links=(Link(name="wg0", kind="wireguard", wireguard=device),))

    encoded = encode_plan(plan)

    assert "hidden" not in encoded
    (link,) = decode_plan(encoded).links
    assert link.wireguard == WireguardDevice(
        private_key=None, port=51820, peers=(WireguardPeer(public_key="west"),)
    )


def test_a_secret_cannot_be_encoded_even_by_another_way() -> None:
    from sapper.kernel import wire

    with pytest.raises(NotImplementedError, match="does not travel"):
        wire._to_text(Secret("hidden-hidden"))
    with pytest.raises(NotImplementedError):
        wire._from_text(Secret, "hidden-hidden")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"name": 1}', '{"name": "x", "links": [{"name": "a"}]}'])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises((msgspec.ValidationError, msgspec.DecodeError)):
        decode_plan(text)


@pytest.mark.parametrize("prefix", ["10.0.0.0", "10.0.0.0/33", "x/8", ""])
def test_a_bad_address_in_a_plan_is_refused(prefix: str) -> None:
    text = json.dumps({"name": "east", "routes": [{"prefix": prefix}]})
    with pytest.raises(msgspec.ValidationError):
        decode_plan(text)
