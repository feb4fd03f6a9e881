"""Random stacks that fit together, drawn layer by layer from what the register says that each layer carries."""

from __future__ import annotations

from hypothesis import strategies as st

from sapper.mtu import register
from sapper.mtu.parse import layer_of
from sapper.mtu.protocols.esp_transform import ENCRYPTION, INTEGRITY

PROPOSALS = [
    name if cipher.icv_bytes is not None else f"{name}-{integrity}"
    for name, cipher in ENCRYPTION.items()
    for integrity in (["-"] if cipher.icv_bytes is not None else INTEGRITY)
]
_OPTIONS = {
    "ethernet": ["", ":fcs"],
    "macsec": ["", ":nosci", ":icv=8"],
    "ppp": ["", ":acfc", ":pfc,acfc"],
    "mpls": ["", ":labels=3", ":cw"],
    "ipv4": ["", ":options=8", ":options=40"],
    "ipv6": ["", ":encaplimit", ":extensions=16", ":fragment"],
    "tcp": ["", ":timestamps"],
    "ip6ip6": ["", ":encaplimit"],
    "ipip6": ["", ":encaplimit"],
    "gre": ["", ":key", ":csum,seq", ":csum,key,seq"],
    "gretap": ["", ":key"],
    "erspan": ["", ":i", ":iii", ":iii,platform"],
    "vxlan-gpe": ["", ":ip"],
    "geneve": ["", ":ip", ":options=252"],
    "l2tpv3": ["", ":cookie=4", ":cookie=8,sublayer"],
    "l2tpv2": ["", ":length,seq", ":offset=3"],
    "gue": ["", ":options=16"],
    "openvpn": [
        ":aes-256-gcm",
        ":aes-128-gcm,epoch,v1",
        ":aes-256-cbc-sha256",
        ":bf-cbc,static,comp",
        ":aes-128-cbc,tap",
    ],
    "ah": [":sha1", ":sha256", ":sha256,align8", ":sha512", ":aes128gmac"],
}
_ESP_SUFFIXES = ["", "", "", ",tunnel", ",tfc=700,tunnel", ",tfc=mtu", ",beet"]


@st.composite
def layers(draw: st.DrawFn, word: str) -> str:
    """One layer of that word, with options."""
    if word == "esp":
        return f"esp:{draw(st.sampled_from(PROPOSALS))}{draw(st.sampled_from(_ESP_SUFFIXES))}"
    return word + draw(st.sampled_from(_OPTIONS.get(word, [""])))


@st.composite
def stacks(draw: st.DrawFn, most: int = 10) -> str:
    """The text of a stack of up to ``most`` layers."""
    words = [word for word in register.FILES if (known := register.find(word)) and known.outermost]
    text = [draw(layers(draw(st.sampled_from(words))))]
    for _ in range(draw(st.integers(0, most - 1))):
        carries = layer_of(text[-1]).shape.carries
        inside = [
            word
            for word in register.FILES
            if (known := register.find(word)) and (known.groups & carries or word in carries)
        ]
        if not inside:
            break
        text.append(draw(layers(draw(st.sampled_from(inside)))))
    return "/".join(text)
