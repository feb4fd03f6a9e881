"""A Plan for systemd-networkd 252 (Debian 12): .netdev and .network files, sysctls, and one setting of the daemon.

networkd removes routes and rules that it does not know; charon's rule 220, its table and the updown scripts' routes
are such, so the drop-in tells it to leave them. ``.netdev`` files of WireGuard devices hold keys: mode 0640, group
systemd-network. Each file's head says where it goes. Sources: systemd.netdev(5), systemd.network(5),
networkd.conf(5), sysctl.d(5).
"""

from __future__ import annotations

import msgspec

from sapper.kernel.plan import Link, Plan
from sapper.render.elsewhere import not_here
from sapper.render.link_order import GIVEN_KINDS, in_order, section_of
from sapper.render.networkd_netdev import netdev_sections
from sapper.render.networkd_network import LOOPBACK, carrier, network_sections
from sapper.render.plan_routes import waiting_sentence
from sapper.render.remark import headed, one_line, remark
from sapper.render.sysctl_conf import sysctl_lines

DIRECTORY = "/etc/systemd/network"
_LEAVE_OTHERS = ["[Network]", "ManageForeignRoutes=no", "ManageForeignRoutingPolicyRules=no"]


def render(plan: Plan) -> dict[str, str]:
    """File name to text, all but ``sapper.conf`` and ``sysctl.conf`` for one directory. Raises Inexpressible."""
    plan = _with_loopback(plan)
    nowhere = remark(*(waiting_sentence(plan, one) for one in plan.routes if carrier(plan, one) is None))
    early, late = in_order(plan)
    about = f"{one_line(plan.name)}: goes to /etc/systemd/networkd.conf.d/; the other files to {DIRECTORY}/"
    files = {"sapper.conf": headed([*remark(about), *not_here(plan, "networkd"), *nowhere], [_LEAVE_OTHERS])}
    for link in (*early, *late):
        head = remark(section_of(link))
        if link.kind not in GIVEN_KINDS:
            keys = remark("Holds keys: mode 0640, group systemd-network.") if link.kind == "wireguard" else []
            files[f"50-{link.name}.netdev"] = headed([*head, *keys], netdev_sections(link))
        files[f"50-{link.name}.network"] = headed(head, network_sections(plan, link))
    if plan.sysctls:
        head = remark(f"{one_line(plan.name)}: goes to /etc/sysctl.d/90-sapper.conf")
        files["sysctl.conf"] = headed(head, [sysctl_lines(plan.sysctls, plan)])
    return files


def _with_loopback(plan: Plan) -> Plan:
    """The loopback device carries what hangs on no other link."""
    if plan.link(LOOPBACK) is not None or not (plan.rules or any(route.kind != "unicast" for route in plan.routes)):
        return plan
    return msgspec.structs.replace(plan, links=(Link(name=LOOPBACK, kind="loopback"), *plan.links))
