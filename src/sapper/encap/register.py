"""Every encapsulation by its VyOS name. A new one is one file, its import and its word in the list here."""

from __future__ import annotations

from sapper.encap.encapsulation import Encapsulation
from sapper.encap.erspan import ERSPAN
from sapper.encap.geneve import GENEVE
from sapper.encap.gre import GRE
from sapper.encap.gretap import GRETAP
from sapper.encap.ip6erspan import IP6ERSPAN
from sapper.encap.ip6gre import IP6GRE
from sapper.encap.ip6gretap import IP6GRETAP
from sapper.encap.ip6ip6 import IP6IP6
from sapper.encap.ipip import IPIP
from sapper.encap.ipip6 import IPIP6
from sapper.encap.l2tpv3 import L2TPV3
from sapper.encap.sit import SIT
from sapper.encap.vti import VTI
from sapper.encap.vxlan import VXLAN
from sapper.encap.wireguard import WIREGUARD

ENCAPSULATIONS: dict[str, Encapsulation] = {
    encapsulation.name: encapsulation
    for encapsulation in (
        GRE,
        GRETAP,
        ERSPAN,
        IPIP,
        SIT,
        IPIP6,
        IP6IP6,
        IP6GRE,
        IP6GRETAP,
        IP6ERSPAN,
        VTI,
        VXLAN,
        GENEVE,
        L2TPV3,
        WIREGUARD,
    )
}
