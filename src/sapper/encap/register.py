"""Every encapsulation by its VyOS name. A new one is one file and one line here."""

from __future__ import annotations

from sapper.encap.encapsulation import Encapsulation
from sapper.encap.gre import GRE
from sapper.encap.gretap import GRETAP
from sapper.encap.ip6gre import IP6GRE
from sapper.encap.ip6gretap import IP6GRETAP
from sapper.encap.ip6ip6 import IP6IP6
from sapper.encap.ipip import IPIP
from sapper.encap.ipip6 import IPIP6
from sapper.encap.sit import SIT
from sapper.encap.vti import VTI

ENCAPSULATIONS: dict[str, Encapsulation] = {
    encapsulation.name: encapsulation
    for encapsulation in (GRE, GRETAP, IPIP, SIT, IPIP6, IP6IP6, IP6GRE, IP6GRETAP, VTI)
}
