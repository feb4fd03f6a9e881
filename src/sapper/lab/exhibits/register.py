"""Every exhibit, in the order of the codes, and what has none."""

from __future__ import annotations

from sapper.lab.exhibits.anybody import from_anybody
from sapper.lab.exhibits.before_firewall import before_the_firewall, first_part_only
from sapper.lab.exhibits.exhibit import Exhibit, NotShown
from sapper.lab.exhibits.guessed_key import from_two_packets
from sapper.lab.exhibits.key_read import with_the_key
from sapper.lab.exhibits.moved_ike import into_the_tunnel
from sapper.lab.exhibits.no_way_out import never_up
from sapper.lab.exhibits.other_family import over_ipv6
from sapper.lab.exhibits.other_peer import for_the_other_peer
from sapper.lab.exhibits.replayed import sent_again
from sapper.lab.exhibits.second_port import out_of_the_second_port
from sapper.lab.exhibits.tried_key import word_by_word
from sapper.lab.exhibits.weak_group import too_small_a_group
from sapper.rules.example import PROTECTED, instead
from sapper.rules.leak_example import BLACKHOLE, DUMMY, DUMMY_GUARD_IN, REJECT, VTI, WAN, far_end

_BOOT, _UP = frozenset({"boot"}), frozenset({"up"})
_NORTH = (
    DUMMY.replace("192.0.2.10", "198.51.100.30")
    .replace("next-hop 192.0.2.1\n", "next-hop 198.51.100.1\n")
    .replace("203.0.113.20", "192.0.2.10")
    .replace(" west", " east")
    .replace("connection-type initiate", "connection-type none")
    .replace("local prefix 10.10.0.1/32", "local prefix 10.10.0.2/31")
    .replace("remote prefix 10.10.0.2/32", "remote prefix 10.10.0.0/31")
)
_NORTH = "".join(
    text for text in _NORTH.splitlines(keepends=True) if " dummy " not in text and " tunnel tun0 " not in text
)
_CALLING = "connection-type none", "connection-type initiate"

EXHIBITS = (
    Exhibit(code="LEAK101", about="confidentiality", states=_BOOT | {"deleted", "stopped"}),
    Exhibit(code="LEAK101", variant="canonical", about="confidentiality", states=_BOOT | {"deleted"}, bad=WAN),
    Exhibit(code="LEAK102", about="no-bypass", states=_BOOT | {"deleted"}),
    Exhibit(code="LEAK103", about="authenticity", states=_BOOT | {"deleted"}),
    Exhibit(code="LEAK104", about="confidentiality", states=_BOOT),
    Exhibit(code="LEAK105", about="confidentiality", states=frozenset({"flushed"}), by_example=True),
    Exhibit(code="LEAK106", about="confidentiality", states=_UP),
    Exhibit(code="LEAK107", about="confidentiality", states=_UP, by_example=True),
    Exhibit(
        code="LEAK107",
        variant="reverse",
        about="confidentiality",
        states=_UP,
        by_example=True,
        bad=WAN.replace("tunnel 1 protocol gre", "tunnel 1 protocol ipencap"),
    ),
    Exhibit(code="LEAK108", about="confidentiality", states=_UP, by_example=True),
    Exhibit(code="LEAK109", about="confidentiality", states=frozenset({"negotiating"}), by_example=True),
    Exhibit(code="LEAK110", about="liveness", show=never_up, by_example=True),
    Exhibit(
        code="LEAK111",
        about="liveness",
        show=into_the_tunnel,
        by_example=True,
        far=far_end(VTI + REJECT),
        good_far=far_end(VTI + REJECT) + "set interfaces ethernet eth2 address 203.0.113.129/25\n",
    ),
    Exhibit(
        code="LEAK112",
        about="liveness",
        show=for_the_other_peer,
        by_example=True,
        far=far_end(DUMMY),
        good_far=far_end(DUMMY),
        third=_NORTH,
    ),
    Exhibit(code="LEAK113", about="authenticity", show=from_anybody, by_example=True, far=far_end(WAN)),
    Exhibit(
        code="LEAK114",
        about="no-bypass",
        show=out_of_the_second_port,
        by_example=True,
    ),
    Exhibit(code="LEAK115", about="no-bypass", show=over_ipv6, by_example=True),
    Exhibit(code="LEAK116", about="authenticity", states=_BOOT),
    Exhibit(
        code="LEAK117",
        about="confidentiality",
        show=before_the_firewall,
        by_example=True,
        laid_out=first_part_only,
    ),
    Exhibit(
        code="LEAK118",
        about="confidentiality",
        states=_UP,
        nat="west",
        by_example=True,
        far=far_end(WAN).replace(*_CALLING),
        good_far=far_end(DUMMY + BLACKHOLE + DUMMY_GUARD_IN).replace(*_CALLING),
    ),
    Exhibit(code="CFG383", about="replay", show=sent_again, by_example=True),
    Exhibit(code="PAIR401", about="confidentiality", states=frozenset({"negotiating"})),
    Exhibit(code="PAIR402", about="confidentiality", states=_UP, nat="east", router="west"),
    Exhibit(code="SEC501", about="authenticity", show=with_the_key, by_example=True),
    Exhibit(code="SEC502", about="confidentiality", states=_UP, by_example=True),
    Exhibit(
        code="SEC502",
        variant="GMAC",
        about="confidentiality",
        states=_UP,
        by_example=True,
        bad=instead(PROTECTED, "aes256gcm128", "aes128gmac"),
    ),
    Exhibit(code="SEC504", about="key exchange", show=too_small_a_group, by_example=True),
    Exhibit(code="SEC505", about="key", show=from_two_packets, by_example=True),
    Exhibit(code="SEC506", about="key", show=word_by_word, by_example=True),
)
NOT_SHOWN: tuple[NotShown, ...] = ()
"""What no kernel can show, with the reason. Nothing at present."""
