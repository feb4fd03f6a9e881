"""The stack language: what it reads, and the one line for everything that it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stack_strategy import stacks

from sapper.mtu import register
from sapper.mtu.misread import WrongStack
from sapper.mtu.parse import parse
from sapper.mtu.protocols.esp_transform import ENCRYPTION, INTEGRITY, transform
from sapper.mtu.sizes import sizes

MISREAD = {
    "ethernet/tcp": (
        10,
        "tcp cannot stand right under ethernet; what fits there: vlan, qinq, macsec, pppoe, mpls, ipv4, ipv6, ipip,"
        " sit, 6rd, ip6ip6, ipip6",
    ),
    "ipv4/esp:aes257/ipv4": (10, "no ESP transform is called 'aes257'; did you mean 'aes256'?"),
    "ipv4/esp:aes256-sha2566": (10, "no ESP transform is called 'sha2566'; did you mean 'sha256'?"),
    "ipv4/esp:sha256": (10, "no encryption algorithm in 'sha256'; for example aes256-sha256"),
    "ipv4/esp:aes256-aes128": (10, "two encryption algorithms in 'aes256-aes128'; name one"),
    "ipv4/esp:aes256-sha1,tfx=9": (22, "esp has no option 'tfx'; did you mean 'tfc'?"),
    "ipv4/esp": (9, "esp needs a transform, for example esp:aes256gcm128 or esp:aes256-sha256"),
    "ipv4/esp:aes256-sha1,beet,tfc=9/ipv4": (27, "the kernel pads payloads (tfc) in tunnel mode only"),
    "ipv4/gre:kye/ipv4": (10, "gre has no option 'kye'; did you mean 'key'?"),
    "ipv4/gre:key,key": (10, "key stands there twice"),
    "ipv4/gre:": (10, "an option of gre is missing here"),
    "ipv4/nvgre:key": (12, "nvgre has no option 'key'; it has none"),
    "ipv4/gre/tpc": (10, "no layer is called 'tpc'; did you mean 'tcp'?"),
    "ipv4//gre": (6, "a layer is missing here"),
    "vxlan/ipv4": (1, "vxlan cannot be the outermost layer; it stands under udp"),
    "tcp": (1, "tcp cannot be the outermost layer; it stands under ipv4, ipv6, ah, esp, ipcomp"),
    "ipv4/vxlan/tcp": (
        12,
        "tcp cannot stand right under ethernet (which vxlan brings); what fits there: vlan, qinq, macsec, pppoe,"
        " mpls, ipv4, ipv6, ipip, sit, 6rd, ip6ip6, ipip6",
    ),
    "sit/ipv4": (5, "ipv4 cannot stand right under sit; what fits there: ipv6, ip6ip6, ipip6"),
    "ipv4/tcp/gre": (10, "gre cannot stand right under tcp; what fits there: openvpn"),
    "pppoe/ppp": (7, "ppp cannot stand right under pppoe; what fits there: mpls, ipv4, ipv6, ipip, sit, 6rd, ip6ip6, ipip6"),
    "ipv4:options=6": (6, "options takes a number from 0 to 40 in steps of 4"),
    "ipv4:options": (6, "options takes a number from 0 to 40 in steps of 4"),
    "ipv4/geneve:options=256": (13, "options takes a number from 0 to 252 in steps of 4"),
    "ipv4/l2tpv3:cookie": (13, "cookie takes a number from 0 to 8 in steps of 4"),
    "ipv4/erspan:ii,iii": (16, "a header has one ERSPAN type: i, ii or iii"),
    "ipv4/ah:sha257": (9, "no integrity algorithm is called 'sha257'; did you mean 'sha256'?"),
    "ipv4/ah": (8, "ah needs an integrity algorithm, for example ah:sha256"),
    "ipv4/openvpn:aes-256-gcn": (14, "no OpenVPN cipher is called 'aes-256-gcn'; did you mean 'aes-256-gcm'?"),
}  # fmt: skip


@pytest.mark.parametrize("text", MISREAD)
def test_a_wrong_stack_gets_one_line_with_its_column(text: str) -> None:
    with pytest.raises(WrongStack) as refused:
        parse(text)
    assert (refused.value.column, refused.value.message) == MISREAD[text]


@given(st.text(max_size=60))
def test_any_text_is_a_stack_or_one_line(text: str) -> None:
    refused = None
    try:
        parse(text)
    except WrongStack as error:
        refused = error
    if refused is not None:
        assert "\n" not in refused.message or "\n" in text
        assert 0 <= refused.column <= len(text) + 1


@given(stacks())
def test_a_stack_printed_and_read_again_is_the_same(text: str) -> None:
    stack = parse(text)
    again = parse(stack.text)
    assert again.text == stack.text
    assert sizes(again).fitting(1500) == sizes(stack).fitting(1500)
    assert (again.inner, again.frame) == (stack.inner, stack.frame)


@pytest.mark.parametrize(
    ("short", "whole"),
    [
        ("ipv4/vxlan", "ipv4/udp/vxlan/ethernet"),
        ("IPv6 / VXLAN / IPv4", "ipv6/udp/vxlan/ethernet/ipv4"),
        ("ipv4/esp:aes256gcm128/vxlan", "ipv4/esp:aes256gcm128/udp/vxlan/ethernet"),
        ("ipv4/gretap/vlan/ipv4", "ipv4/gretap/ethernet/vlan/ipv4"),
        ("ipv4/wireguard", "ipv4/udp/wireguard"),
        ("ipv4/l2tpv2/ipv4", "ipv4/udp/l2tpv2/ppp/ipv4"),
        ("sit", "sit/ipv6"),
        ("ipip6:encaplimit", "ipip6:encaplimit/ipv4"),
        ("ipv4/udp/gue/gre/ipv4", "ipv4/udp/gue/gre/ipv4"),
    ],
)
def test_layers_that_are_always_there_may_be_left_out(short: str, whole: str) -> None:
    stack = parse(short)
    assert stack.text == whole
    assert sizes(stack).fitting(1500) == sizes(parse(whole)).fitting(1500)


@pytest.mark.parametrize(
    ("text", "bytes_around"),
    [
        ("ipv4/l2tpv3", 20 + 4 + 14),
        ("ipv4/udp/l2tpv3:cookie=8,sublayer", 20 + 8 + 4 + 4 + 8 + 4 + 14),
        ("ipv4/erspan:i", 20 + 4 + 14),
        ("ipv4/erspan", 20 + 8 + 8 + 14),
        ("ipv4/erspan:iii", 20 + 8 + 12 + 14),
        ("ipv4/erspan:iii,platform", 20 + 8 + 20 + 14),
        ("ipv4/stt", 20 + 20 + 18 + 14),
        ("ipv4/geneve:options=252", 20 + 8 + 8 + 252 + 14),
        ("ipv4/geneve:ip", 20 + 8 + 8),
        ("ipv4/vxlan-gpe:ip", 20 + 8 + 8),
        ("ipv4/vxlan-gpe", 50),
        ("ipv4/lisp", 36),
        ("ipv4/fou/ipv4", 28),
        ("ipv4/gue", 32),
        ("ipv4/ip-in-udp", 28),
        ("ipv4/l2tpv2", 20 + 8 + 6 + 4),
        ("ethernet/qinq/ipv4/gre/ethernet/qinq", 20 + 4 + 14 + 8),
        ("ipv4/ah:sha1/ipv4", 20 + 24),
        ("ipv6/ah:sha256/ipv4", 40 + 32),
        ("ipv4/ah:sha256/ipv4", 20 + 28),
        ("ipv4/tcp/openvpn:aes-256-gcm", 20 + 20 + 2 + 24),
        ("ipv4/openvpn:aes-256-gcm,epoch", 20 + 8 + 28),
        ("ipv4/openvpn:aes-256-gcm,tap", 20 + 8 + 24 + 14),
    ],
)
def test_plain_overheads_are_what_the_formula_says(text: str, bytes_around: int) -> None:
    known = sizes(parse(text))
    assert known.overhead(1500) == (bytes_around, bytes_around)
    assert known.largest(1500) == 1500 - bytes_around


def test_openvpn_s_cbc_pads_one_to_sixteen() -> None:
    known = sizes(parse("ipv4/openvpn:aes-256-cbc-sha256"))
    for packet in range(20, 200):
        padding = 16 - (packet + 4) % 16
        assert known.wire(packet) == 20 + 8 + 4 + 32 + 16 + 4 + packet + padding


def test_every_transform_of_strongswan_is_known() -> None:
    assert (len(ENCRYPTION), len(INTEGRITY)) == (
        95,
        16,
    )  # its keyword list, but for otpcbc, which nothing implements
    for name, cipher in ENCRYPTION.items():
        assert transform(name if cipher.icv_bytes else f"{name}-sha256").icv_bytes == (cipher.icv_bytes or 16)
        assert cipher.block in (4, 8, 16)


def test_words_of_a_proposal_that_have_no_size_are_read_over() -> None:
    plain, whole = transform("aes256-sha256"), transform("aes256-sha256-prfsha256-modp2048-ecp256bp-curve25519-esn")
    assert plain == whole
    assert transform("aes256gcm128-sha256").note == "sha256 has no effect beside aes-gcm-16"
    assert transform("aes256").icv_bytes == 0


def test_the_register_names_every_protocol_once() -> None:
    catalogue = register.catalogue()
    assert [protocol.word for protocol in catalogue] == list(register.FILES)
    assert all(protocol.source and protocol.title for protocol in catalogue)
    assert not set(register.ALIASES) & set(register.FILES)
    for protocol in catalogue:
        parsed = register.find(protocol.word.upper().lower())
        assert parsed is protocol
