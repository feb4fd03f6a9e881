"""A Plan for strongSwan: swanctl.conf with its secrets, what strongswan.conf must say, the updown scripts of VTIs.

Each file says where it goes. swanctl.conf holds pre-shared keys in clear, because charon needs them: mode 0600.
Sources: swanctl.conf(5), strongswan.conf(5).
"""

from __future__ import annotations

from sapper.kernel.plan import Plan
from sapper.render.elsewhere import not_here
from sapper.render.inexpressible import Inexpressible
from sapper.render.remark import headed, one_line, remark
from sapper.render.swanctl_connection import SCRIPT_DIRECTORY, connection_lines, script_name, secret_lines
from sapper.render.swanctl_updown import updown_script


def render(plan: Plan) -> dict[str, str]:
    """File name to text. Raises Inexpressible."""
    _check_names(plan)
    scripts = sorted({child.updown for one in plan.connections for child in one.children if child.updown})
    files = {"swanctl.conf": _swanctl_conf(plan), "strongswan.conf": _strongswan_conf(plan)}
    return files | {script_name(name): updown_script(plan, name) for name in scripts}


def _check_names(plan: Plan) -> None:
    """Two sections of one name would be merged into one."""
    seen: set[str] = set()
    for connection in plan.connections:
        names = [child.name for child in connection.children]
        if connection.name in seen or len(set(names)) < len(names):
            raise Inexpressible(f"connection {connection.name}", "its name, or a child's, is there twice")
        seen.add(connection.name)


def _swanctl_conf(plan: Plan) -> str:
    head = remark(
        f"{one_line(plan.name)}: goes to {SCRIPT_DIRECTORY}/conf.d/, mode 0600: it holds pre-shared keys",
        "load it with: swanctl --load-all",
    )
    head += not_here(plan, "swanctl") + _keys_elsewhere(plan)
    connections = [f"  {line}" for connection in plan.connections for line in connection_lines(connection)]
    secrets = [f"  {line}" for connection in plan.connections for line in secret_lines(connection)]
    return headed(head, [["connections {", *connections, "}"], ["secrets {", *secrets, "}"]])


def _keys_elsewhere(plan: Plan) -> list[str]:
    missing = []
    for connection in plan.connections:
        if connection.auth == "pubkey":
            missing.append(
                f"not here: certificate and private key of connection {connection.name}"
                f" (put them below {SCRIPT_DIRECTORY}/x509 and {SCRIPT_DIRECTORY}/private)"
            )
        elif connection.secret is None:
            missing.append(f"not here: the pre-shared key of connection {connection.name}: none is configured")
    return remark(*missing)


def _strongswan_conf(plan: Plan) -> str:
    routes = "yes" if plan.install_routes else "no"
    head = remark(f"{one_line(plan.name)}: goes to /etc/strongswan.d/, and is read when charon starts")
    return headed(head, [["charon {", f"  install_routes = {routes}", "}"]])
