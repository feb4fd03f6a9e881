"""A redacted configuration says the same to sapper, and nothing about its owner to anybody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.address import Address, Prefix
from sapper.config.read import read
from sapper.render.address_mask import AddressMask
from sapper.render.conversion import convert
from sapper.render.redaction import Redaction
from sapper.rules.check import check_text

HERE = Path(__file__).parents[1]
TEXTS = sorted([*HERE.glob("lab/pairs/*/east.set"), *HERE.glob("articles/*.set"), *HERE.glob("articles/*.boot"),
                *HERE.parent.glob("examples/*/west.set")])  # fmt: skip
KEY = b"a key for the tests"


def seen(text: str) -> list[tuple[str, ...]]:
    report = check_text(text, "router.conf")
    verdicts = [(name, verdict.verdict) for tunnel in report.tunnels for name, verdict in tunnel.verdicts.items()]
    return [
        *verdicts,
        *sorted({(finding.code,) for finding in report.findings if not finding.code.startswith("SYN")}),
    ]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_it_says_the_same(path: Path) -> None:
    text = path.read_text()

    assert seen(Redaction(KEY).text(read(text, "router.conf"))) == seen(text)


SECRETS = """\
set interfaces ethernet eth0 address 81.2.69.142/28
set interfaces ethernet eth0 hw-id 00:0c:29:1a:2b:3c
set interfaces ethernet eth0 description 'Musterfirma Berlin'
set interfaces wireguard wg0 private-key 'yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk='
set interfaces wireguard wg0 peer berlin public-key 'xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg='
set interfaces wireguard wg0 peer berlin allowed-ips 10.44.0.0/16
set system host-name musterfirma
set system login user erika authentication plaintext-password 'hunter2'
set system domain-name musterfirma.de
set vpn ipsec authentication psk berlin id 'erika@musterfirma.de'
set vpn ipsec authentication psk berlin secret 'Geheim!23'
set vpn ipsec site-to-site peer berlin remote-address 2a02:6b8::feed:face:cafe:1
comment interfaces ethernet eth0 "call Erika Mustermann"
# ask erika
"""
TELLING = ("81.2.69", "1a:2b:3c", "uster", "rika", "erlin", "hunter2", "Geheim", "yAnz5", "xTIBA5", "10.44", "cafe")


@pytest.mark.parametrize("syntax", ["set", "braces", "json"])
def test_nothing_that_tells_survives(syntax: str) -> None:
    document = read(convert(read(SECRETS, "x"), syntax).text, "x")  # type: ignore[arg-type]
    redacted = Redaction(KEY).text(document)

    assert [word for word in TELLING if word in redacted] == []
    assert read(redacted, "x").syntax == syntax
    assert len(set(read(redacted, "x").root.leaves())) == len(set(document.root.leaves()))


def test_the_same_word_is_the_same_in_every_text_of_one_run() -> None:
    redaction = Redaction(KEY)
    texts = [
        redaction.text(read((HERE.parent / f"examples/dummy/{name}.set").read_text(), name))
        for name in ("east", "west")
    ]
    local = re.search(r"source-address '?([\d.]+)", texts[0])
    remote = re.search(r"remote '?([\d.]+)", texts[1])
    assert local is not None
    assert remote is not None
    assert local[1] == remote[1]


def test_a_waiver_keeps_its_code_and_loses_its_reason() -> None:
    text = SECRETS.replace("call Erika Mustermann", "sapper: ignore CFG312 says Erika")

    assert "sapper: ignore CFG312 redacted" in Redaction(KEY).text(read(text, "x"))


addresses = st.builds(Address, st.just(4), st.integers(0, 2**32 - 1)) | st.builds(
    Address, st.just(6), st.integers(0, 2**128 - 1)
)


@given(addresses, addresses, st.integers(8, 24))
def test_a_network_holds_what_it_held(one: Address, other: Address, length: int) -> None:
    """Of a length that keeps the first octet of IPv4 whole, and does not mix public and private networks."""
    mask = AddressMask(KEY)
    length = length + 8 if one.family == 4 and one.value >> 24 in (100, 172, 192, 198, 203, 169) else length
    network = Prefix(one.family, one.value, length)

    assert (mask.address(other) in mask.prefix(network)) == (other in network) or _special(network, other)
    assert (mask.address(one) == mask.address(other)) == (one == other)


def _special(network: Prefix, other: Address) -> bool:
    """Networks that reach over the edge of one with a meaning of its own."""
    return (
        network.family == 4 and (network.first >> 24) in (0, 100, 127, 169, 172, 192, 198, 203)
    ) or network.family == 6
