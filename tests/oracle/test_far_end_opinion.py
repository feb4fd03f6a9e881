"""Whether the far end takes what this one sends: the proof's word against plain code, for pairs that differ by chance.

East and West are the two ends of one tunnel; then something of West is changed, or nothing. What both say must be the
same: the packet arrives, or it does not.
"""

from __future__ import annotations

import os

import msgspec
from brute_alive import narrowed, taken_in
from brute_kernel import Datagram, ip
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import Child, Connection, Encapsulating, Link, LinkKind, Plan, Route, Selector
from sapper.proof.properties.far_end import FarRouter, refusal
from sapper.proof.properties.protected import entries_of

EXAMPLES = int(os.environ.get("SAPPER_EXAMPLES", "150"))
DRAWS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="SAPPER_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
PROTOCOLS: dict[LinkKind, int] = {"gre": 47, "ipip": 4, "sit": 41, "gretap": 47}
WANS = (Address.parse("192.0.2.10"), Address.parse("203.0.113.20"))
DUMMIES = (Address.parse("10.10.0.1"), Address.parse("10.10.0.2"))
STRANGER = Address.parse("198.51.100.9")


def router(
    name: str, ends: tuple[Address, Address], wans: tuple[Address, Address], link: Link, child: Child
) -> Plan:
    """One end, with its WAN, its dummy where the tunnel has one, a default route and the connection."""
    wan = Link(name="eth0", kind="ethernet", addresses=(Attached(wans[0], 24),))
    dummy = (Link(name="dum0", kind="dummy", addresses=(Attached(ends[0], 32),)),) if ends != wans else ()
    connection = Connection(
        name="peer",
        title="peer",
        version=2,
        local_addrs=(wans[0],),
        remote_addrs=(wans[1],),
        proposals=("aes128-sha256-modp2048",),
        children=(child,),
    )
    route = Route(prefix=Prefix.everything(4), link="eth0")
    return Plan(name=name, links=(wan, *dummy, link), routes=(route,), connections=(connection,))


def tunnel(ends: tuple[Address, Address], kind: LinkKind, key: int | None) -> Link:
    outer = Encapsulating(protocol=PROTOCOLS[kind], local=ends[0], remote=ends[1], key=key)
    return Link(name="tun0", kind=kind, addresses=(Attached.parse("10.0.0.1/30"),), encapsulating=outer)


def selecting(ends: tuple[Address, Address], protocol: int | None) -> Child:
    return Child(
        name="peer-1",
        title="peer 1",
        mode="tunnel",
        local_ts=(Selector(Prefix.host(ends[0]), protocol),),
        remote_ts=(Selector(Prefix.host(ends[1]), protocol),),
        esp_proposals=("aes128-sha256",),
    )


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Plan, Plan]:
    kind: LinkKind = draw(st.sampled_from(list(PROTOCOLS)))
    key = draw(st.sampled_from([None, 10])) if kind in ("gre", "gretap") else None
    near, far = draw(st.sampled_from([WANS, DUMMIES]))
    protocol = draw(st.sampled_from([None, PROTOCOLS[kind]]))
    east = router("east", (near, far), WANS, tunnel((near, far), kind, key), selecting((near, far), protocol))
    back = (far, near)
    link, child = tunnel(back, kind, key), selecting(back, protocol)
    changed = draw(
        st.sampled_from(["nothing", "key", "kind", "remote", "local", "down", "protocol", "selector", "any"])
    )
    assert link.encapsulating is not None
    outer = link.encapsulating
    if changed == "key":
        outer = msgspec.structs.replace(outer, key=20)
    elif changed == "kind":
        kind = draw(st.sampled_from(list(PROTOCOLS)))
        link = msgspec.structs.replace(link, kind=kind)
    elif changed == "remote":
        outer = msgspec.structs.replace(outer, remote=draw(st.sampled_from([STRANGER, None])))
    elif changed == "local":
        outer = msgspec.structs.replace(outer, local=draw(st.sampled_from([STRANGER, None])))
    elif changed == "down":
        link = msgspec.structs.replace(link, up=False)
    elif changed == "protocol":
        child = selecting(back, draw(st.sampled_from([None, 47, 4, 41])))
    elif changed == "selector":
        child = selecting((far, draw(st.sampled_from([STRANGER, near]))), protocol)
    else:
        child = selecting(back, None)
    link = msgspec.structs.replace(link, encapsulating=outer)
    return east, router("west", back, (WANS[1], WANS[0]), link, child)


@DRAWS
@given(pairs())
def test_both_say_whether_the_far_end_takes_the_packet(pair: tuple[Plan, Plan]) -> None:
    east, west = pair
    entry = next(entry for entry in entries_of(east) if entry.name == "tun0")
    assert entry.link is not None
    assert entry.link.encapsulating is not None
    outer = entry.link.encapsulating
    packet = Datagram(ip(outer.local), ip(outer.remote), outer.protocol)
    ours, theirs = east.connections[0], west.connections[0]
    expected = narrowed(ours, theirs, packet) and taken_in(west, entry.link, packet)
    said = refusal(east, entry, ours, FarRouter(west, "west.set"), theirs)
    event("arrives" if expected else "is lost")
    assert (said is None) == expected, (said, west)
