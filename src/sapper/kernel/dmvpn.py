"""``vpn ipsec profile``: one connection for each multipoint tunnel that a profile binds (reference, 11.3).

Neither end's address is written: strongSwan's ``dynamic[gre]`` on both sides. The local side is the tunnel's own
source address where it has one; the far side stays dynamic, because NHRP finds it at run time. ``lifetime`` is when
VyOS rekeys here, so the hard limit is strongSwan's own tenth later.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.address import Prefix
from sapper.encap.encapsulation import PROTOCOL_GRE
from sapper.kernel.plan import Child, Connection, Selector
from sapper.kernel.proposals import IKE_VERSION, esp_proposals, ike_proposals
from sapper.model.ipsec import Profile
from sapper.model.router import Router


def profile_connections(router: Router) -> Iterator[Connection]:
    """``dmvpn-PROFILE-TUNNEL`` for each tunnel that an enabled profile binds."""
    sources = {tunnel.name: tunnel.local for tunnel in router.tunnels if tunnel.local is not None}
    for profile in router.profiles:
        for tunnel in () if profile.disabled else profile.tunnels:
            source = sources.get(tunnel)
            known = source is not None and not source.is_unspecified
            local_ts = (Selector(Prefix.host(source), PROTOCOL_GRE),) if source is not None and known else ()
            yield _connection(profile, tunnel, local_ts)


def _connection(profile: Profile, tunnel: str, local_ts: tuple[Selector, ...]) -> Connection:
    ike = profile.ike_group
    return Connection(
        name=f"dmvpn-{profile.name}-{tunnel}",
        binds=tunnel,
        title=f"{profile.name} {tunnel}",
        version=IKE_VERSION[ike.key_exchange],
        local_addrs=(),
        remote_addrs=(),
        proposals=ike_proposals(ike),
        children=(_child(profile, tunnel, local_ts),),
        secret=profile.secret,
        dpd_delay_s=ike.dpd.interval_s if ike.dpd else None,
        dpd_timeout_s=ike.dpd.timeout_s if ike.dpd else None,
        rekey_time_s=ike.lifetime_s,
        keyingtries=0,
    )


def _child(profile: Profile, tunnel: str, local_ts: tuple[Selector, ...]) -> Child:
    ike, esp = profile.ike_group, profile.esp_group
    return Child(
        name="dmvpn",
        title=f"{profile.name} {tunnel} dmvpn",
        mode=esp.mode,
        local_ts=local_ts,
        remote_ts=(),
        esp_proposals=esp_proposals(esp, ike),
        dpd_action=ike.dpd.action if ike.dpd else None,
        rekey_time_s=esp.lifetime_s,
        life_time_s=esp.lifetime_s + esp.lifetime_s // 10,
    )
