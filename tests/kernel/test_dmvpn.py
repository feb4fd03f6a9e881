"""``vpn ipsec profile`` by the reference's section 11.3, and the volumes of a site-to-site child (11.2)."""

from __future__ import annotations

from msgspec.structs import replace

from sapper.address import Address, Prefix
from sapper.kernel.compile import compile_router
from sapper.kernel.plan import Connection, Selector
from sapper.model.interface import Tunnel
from sapper.model.ipsec import Authentication, Dpd, EspGroup, IkeGroup, Peer, PeerTunnel, Profile, Proposal
from sapper.model.origin import Origin
from sapper.model.router import Router
from sapper.secret import Secret

HERE = Origin("here", 0, 0)
HUB = Address.parse("192.0.2.1")
IKE = IkeGroup(
    name="IKE",
    origin=HERE,
    key_exchange="ikev1",
    lifetime_s=3600,
    proposals=(Proposal("aes256", "sha1", 2),),
    dpd=Dpd("restart", 30, 90),
)
ESP = EspGroup(name="ESP", origin=HERE, mode="transport", lifetime_s=1800, pfs="dh-group2", compression=True)
PROFILE = Profile(
    name="NHRP", origin=HERE, ike_group=IKE, esp_group=ESP, secret=Secret("hidden"), tunnels=("tun100", "tun101")
)
MULTIPOINT = Tunnel(name="tun100", origin=HERE, encapsulation="gre", local=HUB, key=1)


def connections(*profiles: Profile, **fields: object) -> tuple[Connection, ...]:
    router = Router(name="hub", generation="1.4", profiles=profiles, **fields)  # type: ignore[arg-type]
    return compile_router(router).connections


def test_one_connection_for_each_bound_tunnel() -> None:
    made, second = connections(PROFILE, tunnels=(MULTIPOINT,))
    assert [made.name, second.name] == ["dmvpn-NHRP-tun100", "dmvpn-NHRP-tun101"]
    assert (made.version, made.proposals, made.keyingtries) == (1, ("aes256-sha1-modp1024",), 0)
    assert (made.local_addrs, made.remote_addrs, made.auth) == ((), (), "psk")
    assert (made.rekey_time_s, made.dpd_delay_s, made.dpd_timeout_s) == (3600, 30, 90)
    assert made.secret == Secret("hidden")
    assert "hidden" not in repr(made)


def test_the_child_rekeys_at_the_lifetime_and_is_never_compressed() -> None:
    (child,) = connections(PROFILE, tunnels=(MULTIPOINT,))[0].children
    assert (child.name, child.mode, child.dpd_action) == ("dmvpn", "transport", "restart")
    assert (child.rekey_time_s, child.life_time_s, child.ipcomp) == (1800, 1980, False)
    assert (child.start_action, child.close_action) == ("none", "none")
    assert child.esp_proposals == ("aes128-sha1-modp1024",)


def test_the_local_side_is_the_source_of_the_tunnel_where_it_has_one() -> None:
    known, unknown = (made.children[0] for made in connections(PROFILE, tunnels=(MULTIPOINT,)))
    assert (known.local_ts, known.remote_ts) == ((Selector(Prefix.host(HUB), 47),), ())
    assert (unknown.local_ts, unknown.remote_ts) == ((), ())
    anywhere = replace(MULTIPOINT, local=Address(4, 0))
    assert connections(PROFILE, tunnels=(anywhere,))[0].children[0].local_ts == ()


def test_profiles_come_before_peers_and_a_disabled_one_not_at_all() -> None:
    peer = Peer(
        name="west",
        origin=HERE,
        ike_group=IKE,
        authentication=Authentication(),
        tunnels=(
            PeerTunnel(number="1", origin=HERE, esp_group=replace(ESP, life_bytes=10_000, life_packets=2_000)),
        ),
    )
    made = connections(PROFILE, peers=(peer,))
    assert [item.name for item in made] == ["dmvpn-NHRP-tun100", "dmvpn-NHRP-tun101", "west"]
    assert (made[2].children[0].life_bytes, made[2].children[0].life_packets) == (10_000, 2_000)
    assert connections(replace(PROFILE, disabled=True)) == ()
