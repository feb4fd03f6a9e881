"""A Plan's connections in vici's form, which is swanctl.conf's (strongSwan, vici README).

The lab speaks vici, so that keys never touch a file. What the lab changes is only time: lifetimes and timers, listed
in :class:`Timers` and printed with every report.
"""

from __future__ import annotations

from typing import Any

import msgspec

from sapper.kernel.plan import MAIN_TABLE, Child, Connection, Plan, Route, Selector

LAB_SECRET = "sapper-lab-secret-0Jx"  # stands in where the configuration has none
_PAIR = 2
_FEW = 4


class Timers(msgspec.Struct, frozen=True, kw_only=True):
    """The lab's times in seconds; ``life_time_s`` None keeps the configuration's, and so do bytes and packets."""

    life_time_s: int | None = None
    life_bytes: int | None = None
    life_packets: int | None = None
    dpd: bool = True
    dpd_delay_s: int = 1
    retransmit_timeout_s: float = 0.8
    retransmit_tries: int = 3

    @classmethod
    def for_routers(cls, number: int) -> Timers:
        """A pair's times, or more patient ones for many routers on one processor: their exchanges wait for each other."""
        if number <= _PAIR:
            return cls()
        return cls(retransmit_timeout_s=2.0, retransmit_tries=3 + number // 2, dpd_delay_s=1 + number // 4)

    @property
    def give_up_s(self) -> float:
        """After how many seconds without an answer an exchange is given up."""
        return self.retransmit_timeout_s * (self.retransmit_tries + 1)

    def sentences(self) -> tuple[str, ...]:
        """What was shortened, for the report."""
        return (
            f"IKE retransmission: {self.retransmit_tries} tries every {self.retransmit_timeout_s:g} s, "
            f"given up after {self.give_up_s:.1f} s (strongSwan: 5 tries, about 165 s)",
            f"DPD delay {self.dpd_delay_s} s where the configuration has DPD; none while a lifetime is to expire",
        )


def conf(plan: Plan, timers: Timers) -> str:
    """strongswan.conf for one router's daemon; ``@ROOM@`` is its directory inside the guest.

    No cookies and no limit of half-open SAs: a hub whose spokes all come at once is not under attack, and neither is a
    slow router whose peer has given up and begins anew. A cookie can even undo an exchange: an answer to the first
    IKE_SA_INIT that comes after the one with the cookie was sent makes the two ends sign different messages. With the
    thresholds alone set to 0, charon raises the one of blocking above that of cookies for each address (receiver.c).
    """
    routes = "yes" if plan.install_routes else "no"
    return f"""charon {{
  load = random nonce openssl kdf kernel-netlink socket-default vici updown
  install_routes = {routes}
  retransmit_timeout = {timers.retransmit_timeout_s}
  retransmit_base = 1.0
  retransmit_tries = {timers.retransmit_tries}
  close_ike_on_child_failure = no
  threads = {8 if len(plan.connections) <= _FEW else 16}
  dos_protection = no
  plugins {{
    vici {{
      socket = unix://@ROOM@/charon.vici
    }}
  }}
  filelog {{
    log {{
      path = @ROOM@/charon.log
      append = yes
      time_format = %H:%M:%S
      ike_name = yes
      default = 1
      flush_line = yes
    }}
  }}
}}
swanctl {{
  load = random
}}
"""


def connection_message(connection: Connection, timers: Timers) -> dict[str, Any]:
    """The ``load-conn`` message of one connection."""
    body: dict[str, Any] = {
        "version": str(connection.version),
        "local_addrs": [str(address) for address in connection.local_addrs] or ["%any"],
        "remote_addrs": [str(address) for address in connection.remote_addrs] or ["%any"],
        "proposals": list(connection.proposals),
        "mobike": _yes(connection.mobike),
        "aggressive": _yes(connection.aggressive),
        "encap": _yes(connection.encap),
        "rekey_time": str(connection.rekey_time_s),
        "local": _round(connection.auth, connection.local_id),
        "remote": _round(connection.auth, connection.remote_id or "%any"),
        "children": {child.name: _child(child, timers) for child in connection.children},
    }
    if connection.keyingtries is not None:
        body["keyingtries"] = str(connection.keyingtries)
    if timers.dpd and connection.dpd_delay_s is not None:
        body["dpd_delay"] = f"{timers.dpd_delay_s}s"
    if connection.dpd_timeout_s is not None:
        body["dpd_timeout"] = f"{timers.dpd_delay_s * 3}s"
    return {connection.name: body}


def secret_message(connection: Connection, secret: str) -> dict[str, Any]:
    """The ``load-shared`` message of one connection's pre-shared key."""
    owners = [identity for identity in connection.secret_ids if identity not in ("any", "%any")]
    message: dict[str, Any] = {"id": f"ike-{connection.name}", "type": "IKE", "data": secret}
    if owners and len(owners) == len(connection.secret_ids):
        message["owners"] = owners
    return message


def _round(auth: str, identity: str | None) -> dict[str, str]:
    return {"auth": auth} | ({"id": identity} if identity else {})


def _child(child: Child, timers: Timers) -> dict[str, Any]:
    body: dict[str, Any] = {
        "mode": child.mode,
        "start_action": child.start_action,
        "replay_window": str(child.replay_window),
        "ipcomp": _yes(child.ipcomp),
    }
    if child.local_ts:
        body["local_ts"] = [_selector(selector) for selector in child.local_ts]
    if child.remote_ts:
        body["remote_ts"] = [_selector(selector) for selector in child.remote_ts]
    if child.mode == "pass":
        return body
    body |= {"esp_proposals": list(child.esp_proposals), "close_action": child.close_action}
    if child.dpd_action is not None:
        body["dpd_action"] = child.dpd_action
    if timers.life_time_s is not None:
        body |= {"life_time": f"{timers.life_time_s}s", "rekey_time": "0s", "rand_time": "0s"}
    else:
        body["life_time"] = f"{child.life_time_s}s"
        if child.rekey_time_s is not None:
            body["rekey_time"] = f"{child.rekey_time_s}s"
    body |= _volumes(child, timers)
    if child.priority is not None:
        body["priority"] = str(child.priority)
    if child.if_id is not None:
        body |= {"if_id_in": str(child.if_id), "if_id_out": str(child.if_id)}
    return body


def _volumes(child: Child, timers: Timers) -> dict[str, str]:
    """Limits of bytes and packets; those of the lab expire without a rekeying before."""
    body: dict[str, str] = {}
    for word, shortened, configured in (
        ("bytes", timers.life_bytes, child.life_bytes),
        ("packets", timers.life_packets, child.life_packets),
    ):
        if shortened is not None:
            body |= {f"life_{word}": str(shortened), f"rekey_{word}": "0", f"rand_{word}": "0"}
        elif configured is not None:
            body[f"life_{word}"] = str(configured)
    return body


def _selector(selector: Selector) -> str:
    if selector.protocol is None and selector.port is None:
        return str(selector.prefix)
    protocol = "any" if selector.protocol is None else str(selector.protocol)
    return f"{selector.prefix}[{protocol}/{selector.port if selector.port is not None else 'any'}]"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def updown_script(plan: Plan, name: str, routes: tuple[Route, ...], mark: str) -> str:
    """The script that raises and lowers a VTI, in place of VyOS' own and of its routing daemon.

    One ip for everything: charon answers nothing while the script runs (its peer may give up, MOBIKE's address list
    being under way), and on a slow machine every process counts. The file ``mark`` is there while the VTI is raised.
    """
    link = plan.link(name)
    lines = [f"link set dev {name} up"]
    if link is not None:
        lines += [f"address replace {attached} dev {name}" for attached in link.addresses]
    for route in routes:
        via = f" via {route.via}" if route.via else ""
        table = f" table {route.table}" if route.table != MAIN_TABLE else ""
        lines.append(f"route replace {route.prefix}{via} dev {name} metric {route.metric}{table}")
    raising = "\n".join(lines)
    return f"""#!/bin/sh
case "$PLUTO_VERB" in
  up-*)
    ip -force -batch - <<'END'
{raising}
END
    : > {mark}
    ;;
  down-*)
    ip link set dev {name} down
    rm -f {mark}
    ;;
esac
"""
