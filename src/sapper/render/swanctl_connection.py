"""Connections, children and secrets of swanctl.conf, as VyOS' own template has them (swanctl.conf(5)).

What the Plan leaves open (``None``) is not written, so that strongSwan's default holds. A ``pubkey`` connection names
no files: charon then takes the certificate and key it has loaded for the identity, and the head says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.plan import Child, Connection, Selector
from sapper.render.inexpressible import Inexpressible
from sapper.render.link_order import checked_name
from sapper.render.remark import remark
from sapper.render.swanctl_text import proposals, quoted, secret_text, section

SCRIPT_DIRECTORY = "/etc/swanctl"
_ANYONE = frozenset({"any", "%any"})


def connection_lines(connection: Connection) -> list[str]:
    """The section of one connection. Raises Inexpressible."""
    name = section(connection.name, "connection")
    body = [*_endpoints(connection), *_timers(connection)]
    body += _section("local", _round(connection, connection.local_id))
    body += _section("remote", _round(connection, connection.remote_id or "%any"))
    children: list[str] = []
    for child in connection.children:
        children += remark(child.title) if child.title else []
        children += _section(section(child.name, "child"), list(_child(child)))
    body += _section("children", children)
    about = remark(f"vpn ipsec, {connection.title}") if connection.title else []
    return [*about, *_section(name, body)]


def secret_lines(connection: Connection) -> list[str]:
    """The section of its pre-shared key; a key without identities, or for anyone, has no owners."""
    if connection.secret is None:
        return []
    path = f"connection {connection.name} secret"
    owners = connection.secret_ids
    if _ANYONE.intersection(owners):
        owners = ()
    body = [f"id-{at} = {quoted(owner, path)}" for at, owner in enumerate(owners, 1)]
    body.append(f"secret = {secret_text(connection.secret, path)}")
    return _section(f"ike-{section(connection.name, 'connection')}", body)


def script_name(link: str) -> str:
    return f"updown-{checked_name(link, 'updown script')}"


def _endpoints(connection: Connection) -> Iterator[str]:
    path = f"connection {connection.name}"
    yield f"version = {connection.version}"
    yield f"local_addrs = {_addresses(connection.local_addrs)}"
    yield f"remote_addrs = {_addresses(connection.remote_addrs)}"
    if connection.proposals:
        yield f"proposals = {proposals(connection.proposals, path)}"
    if connection.aggressive:
        yield "aggressive = yes"
    yield f"mobike = {_yes(connection.mobike)}"
    if connection.encap:
        yield "encap = yes"


def _timers(connection: Connection) -> Iterator[str]:
    yield f"rekey_time = {connection.rekey_time_s}s"
    if connection.keyingtries is not None:
        yield f"keyingtries = {connection.keyingtries}"
    if connection.dpd_delay_s is not None:
        yield f"dpd_delay = {connection.dpd_delay_s}s"
    if connection.dpd_timeout_s is not None:
        yield f"dpd_timeout = {connection.dpd_timeout_s}s"


def _round(connection: Connection, identity: str | None) -> list[str]:
    lines = [f"auth = {connection.auth}"]
    return lines + ([f"id = {quoted(identity, f'connection {connection.name} id')}"] if identity else [])


def _child(child: Child) -> Iterator[str]:
    path = f"child {child.name}"
    yield f"mode = {child.mode}"
    if child.local_ts:
        yield f"local_ts = {_selectors(child.local_ts)}"
    if child.remote_ts:
        yield f"remote_ts = {_selectors(child.remote_ts)}"
    yield f"start_action = {child.start_action}"
    if child.mode == "pass":
        return
    if child.esp_proposals:
        yield f"esp_proposals = {proposals(child.esp_proposals, path)}"
    yield f"close_action = {child.close_action}"
    if child.dpd_action is not None:
        yield f"dpd_action = {child.dpd_action}"
    yield from _lifetime(child)
    yield f"replay_window = {child.replay_window}"
    yield f"ipcomp = {_yes(child.ipcomp)}"
    if child.priority is not None:
        yield f"priority = {child.priority}"
    if child.if_id is not None:
        yield f"if_id_in = {child.if_id}"
        yield f"if_id_out = {child.if_id}"
    if child.updown is not None:
        yield f"updown = {SCRIPT_DIRECTORY}/{script_name(child.updown)}"


def _lifetime(child: Child) -> Iterator[str]:
    yield f"life_time = {child.life_time_s}s"
    if child.life_bytes is not None:
        yield f"life_bytes = {child.life_bytes}"
    if child.life_packets is not None:
        yield f"life_packets = {child.life_packets}"
    if child.rekey_time_s is not None:
        yield f"rekey_time = {child.rekey_time_s}s"
        if child.rekey_time_s == 0:
            yield "rekey_bytes = 0"
            yield "rekey_packets = 0"


def _addresses(addresses: tuple[object, ...]) -> str:
    return ",".join(map(str, addresses)) or "%any"


def _selectors(selectors: tuple[Selector, ...]) -> str:
    return ",".join(map(_selector, selectors))


def _selector(selector: Selector) -> str:
    if selector.protocol is None and selector.port is None:
        return str(selector.prefix)
    if selector.protocol is not None and not 0 <= selector.protocol <= 255:
        raise Inexpressible(f"selector {selector.prefix}", f"{selector.protocol} is no protocol")
    protocol = "" if selector.protocol is None else str(selector.protocol)
    return f"{selector.prefix}[{protocol}/{'' if selector.port is None else selector.port}]"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _section(name: str, body: list[str]) -> list[str]:
    return [f"{name} {{", *(f"  {line}" for line in body), "}"]
