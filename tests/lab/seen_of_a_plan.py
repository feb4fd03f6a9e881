"""What a kernel shows of a Plan, through other people's eyes: iproute2's JSON, ``wg``, ``bridge``.

:func:`look_script` is the shell text that looks, for the namespace that the Plan is in; :func:`differences` says
in words where the Plan and the kernel differ, attribute by attribute. An empty list is the only good one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from sapper.kernel.plan import Encapsulating, ErspanHeader, Link, Plan, Route

VIEWS = {
    "links": "ip -d -j link show",
    "addresses": "ip -j address show",
    "routes": "ip -j -4 route show table all",
    "routes6": "ip -j -6 route show table all",
    "rules": "ip -j -4 rule show",
    "rules6": "ip -j -6 rule show",
    "sessions": "ip -j l2tp show session",
    "tunnels": "ip l2tp show tunnel",
    "forwarding": "bridge -j fdb show",
    "vlans": "bridge -j vlan tunnelshow",
    "filters": "bridge -j vni show || echo ]",  # without a VXLAN device it breaks off
    "wireguard": "wg show all dump",
}
_TEXT = {"tunnels", "wireguard"}
TABLES = {"main": 254, "local": 255, "default": 253}
PROTOCOL_WORDS = {("ipip", 4): "ipip", ("sit", 41): "ip6ip", ("ip6tnl", 4): "ipip6", ("ip6tnl", 41): "ip6ip6"}

Seen = dict[str, Any]


class Way(NamedTuple):
    """A route, as both sides can say it."""

    prefix: str
    kind: str
    via: str | None
    link: str | None
    source: str | None
    metric: int
    table: int
    onlink: bool


def look_script() -> str:
    """Shell text that prints every view, each followed by the separator."""
    return "\n".join(f"{{ {command}; }} 2> /dev/null; echo; echo =====" for command in VIEWS.values())


def sysctl_script(plan: Plan) -> str:
    """Shell text that prints one line for each sysctl of the Plan."""
    return "\n".join(f"cat {sysctl_path(sysctl.name, plan)}" for sysctl in plan.sysctls)


def sysctl_path(name: str, plan: Plan) -> str:
    for link in plan.links:
        if "." in link.name and f".{link.name}." in name:
            before, after = name.split(f".{link.name}.")
            return f"/proc/sys/{before.replace('.', '/')}/{link.name}/{after.replace('.', '/')}"
    return f"/proc/sys/{name.replace('.', '/')}"


def parse(text: str) -> Seen:
    parts = text.split("\n=====\n")
    seen: Seen = {}
    for name, part in zip(VIEWS, parts, strict=False):
        seen[name] = part if name in _TEXT else json.loads(part.strip() or "[]")
    return seen


def differences(plan: Plan, seen: Seen, *, xfrm_on_loopback: bool = False) -> list[str]:
    """Sentences; ``xfrm_on_loopback``: an XFRM interface that has no device below may have the loopback device."""
    shown = {link["ifname"]: link for link in seen["links"]}
    found = []
    for link in plan.links:
        device = shown.get(link.name)
        if device is None:
            found.append(f"{link.name} is not there")
            continue
        found += [f"{link.name}: {text}" for text in _link(link, device, seen)]
        if link.kind == "xfrm":
            allowed = {link.parent} | ({"lo"} if xfrm_on_loopback and link.parent is None else set())
            if device.get("link") not in allowed:
                found.append(f"{link.name}: on {device.get('link')}, not {link.parent}")
        found += [f"{link.name}: {text}" for text in _header(link, device, seen)]
    return [*found, *_routes(plan, seen), *_rules(plan, seen)]


def _differ(what: str, seen: object, planned: object) -> list[str]:
    return [] if seen == planned else [f"{what} is {seen!r}, not {planned!r}"]


def _link(link: Link, device: dict[str, Any], seen: Seen) -> Iterator[str]:
    addresses = {
        f"{entry['local']}/{entry['prefixlen']}"
        for each in seen["addresses"]
        if each["ifname"] == link.name
        for entry in each["addr_info"]
        if entry["scope"] == "global" and not (link.kind == "sit" and entry["prefixlen"] == 96)
    }  # a sit device without a remote end gets ::ADDRESS/96 from the kernel (net/ipv6/addrconf.c)
    yield from _differ("up", "UP" in device["flags"], link.up)
    yield from _differ("addresses", addresses, {str(attached) for attached in link.addresses})
    yield from _differ("master", device.get("master"), link.master)
    if link.mtu_bytes is not None:
        yield from _differ("mtu", device["mtu"], link.mtu_bytes)
    if link.encapsulating is not None or (not link.multicast and link.kind != "loopback"):
        yield from _differ("multicast", "MULTICAST" in device["flags"], link.multicast)
    if link.kind not in ("ethernet", "loopback", "l2tpeth"):
        yield from _differ("kind", device["linkinfo"]["info_kind"], link.kind)


def _header(link: Link, device: dict[str, Any], seen: Seen) -> list[str]:
    data = device.get("linkinfo", {}).get("info_data", {})
    if link.encapsulating is not None:
        return list(_tunnel(link, link.encapsulating, device, data))
    if link.kind == "vlan":
        return _differ("vlan", data["id"], link.vlan) + _differ("parent", device.get("link"), link.parent)
    if link.kind == "xfrm":
        return _differ("if_id", int(data["if_id"], 16), link.if_id)
    if link.kind == "vrf":
        return _differ("table", data["table"], link.vrf_table)
    if link.vxlan is not None:
        return list(_vxlan(link, data, seen))
    if link.geneve is not None:
        return list(_geneve(link, data))
    if link.l2tp is not None:
        return list(_l2tp(link, seen))
    if link.wireguard is not None:
        return _wireguard(link, seen)
    return []


def _tunnel(link: Link, outer: Encapsulating, device: dict[str, Any], data: dict[str, Any]) -> Iterator[str]:
    yield from _differ("local", data["local"], str(outer.local or "any"))
    yield from _differ("remote", data["remote"], str(outer.remote or "any"))
    yield from _differ("ttl", data["ttl"], outer.ttl)
    yield from _differ("link", device.get("link"), outer.link)
    yield from _differ("proto", data.get("proto"), PROTOCOL_WORDS.get((link.kind, outer.protocol)))
    key = None if outer.key is None else ".".join(str(byte) for byte in outer.key.to_bytes(4, "big"))
    yield from _differ("keys", (data.get("ikey"), data.get("okey")), (key, key))
    yield from _differ(
        "sequence", (data.get("iseq", False), data.get("oseq", False)), (outer.sequence, outer.sequence)
    )
    yield from _differ("ignore-df", data.get("ignore_df", False), outer.ignore_df)
    if link.kind.startswith("ip6"):
        yield from _over_ipv6(outer, data)
    else:
        tos = 1 if outer.tos_inherit else outer.tos
        yield from _differ("tos", int(str(data.get("tos", "0")), 16), tos)
        yield from _differ("pmtudisc", data["pmtudisc"], outer.pmtu_discovery)
    if link.kind in ("erspan", "ip6erspan"):
        yield from _erspan(outer.erspan or ErspanHeader(), data)
    if outer.sixrd is not None:
        yield from _differ("6rd", f"{data['prefix']}/{data['prefixlen']}", str(outer.sixrd.prefix))
        relay = f"{data.get('relay_prefix', '0.0.0.0')}/{data.get('relay_prefixlen', 0)}"
        yield from _differ("6rd relay", relay, str(outer.sixrd.relay))


def _over_ipv6(outer: Encapsulating, data: dict[str, Any]) -> Iterator[str]:
    ignored = data.get("ip6_tnl_f_ign_encap_limit", False)
    yield from _differ("encaplimit", None if ignored else data.get("encap_limit", 0), outer.encaplimit)
    yield from _differ("tclass inherit", data.get("ip6_tnl_f_use_orig_tclass", False), outer.tos_inherit)
    if not outer.tos_inherit:
        yield from _differ("tclass", int(str(data.get("tclass", "0")), 16), outer.tos)
    inherited = data.get("ip6_tnl_f_use_orig_flowlabel", False)
    yield from _differ("flowlabel inherit", inherited, outer.flow_label is None)
    if outer.flow_label is not None:
        yield from _differ("flowlabel", int(str(data.get("flowlabel", "0")), 16), outer.flow_label)


def _erspan(header: ErspanHeader, data: dict[str, Any]) -> Iterator[str]:
    yield from _differ("erspan version", data["erspan_ver"], header.version)
    if header.version == 1:
        yield from _differ("erspan index", data.get("erspan_index", 0), header.index)
    else:
        yield from _differ("erspan direction", data["erspan_dir"], "egress" if header.egress else "ingress")
        yield from _differ("erspan hwid", int(str(data["erspan_hwid"]), 16), header.hw_id)


def _vxlan(link: Link, data: dict[str, Any], seen: Seen) -> Iterator[str]:
    header = link.vxlan
    assert header is not None
    first = header.group or (header.remotes[0] if header.remotes else None)
    yield from _differ("external", data.get("external", False), header.vni is None)
    yield from _differ("vni", data.get("id", 0), header.vni or 0)
    yield from _differ("local", data.get("local", data.get("local6")), _text(header.local))
    far = data.get("group", data.get("group6", data.get("remote", data.get("remote6"))))
    yield from _differ("remote", far, _text(first))
    yield from _differ("link", data.get("link"), header.link)
    yield from _differ("port", data["port"], header.port)
    yield from _differ("ttl", data.get("ttl", 0), header.ttl)
    yield from _differ("tos", int(str(data.get("tos", "0")), 16), 1 if header.tos is None else header.tos)
    yield from _differ("df", data["df"], header.df)
    yield from _differ("learning", data.get("learning", True), header.learning)
    yield from _differ("label", int(str(data.get("label", "0")), 16), header.flow_label)
    yield from _differ("udp checksum", data["udp_csum"], True)
    yield from _differ("vni filter", data.get("vnifilter", False), header.vni_filter)
    flood = {
        entry["dst"]
        for entry in seen["forwarding"]
        if entry["ifname"] == link.name and entry["mac"] == "00:00:00:00:00:00" and "dst" in entry
    }
    yield from _differ("flooded to", flood, {str(each) for each in (*header.remotes, header.group) if each})
    tunnels = {
        pair
        for each in seen["vlans"]
        if each["ifname"] == link.name
        for entry in each["tunnels"]
        for pair in zip(_range(entry, "vlan"), _range(entry, "tunid"), strict=True)
    }
    yield from _differ("VLANs", tunnels, set(header.vlan_to_vni))
    listed = [entry for each in seen["filters"] if each["ifname"] == link.name for entry in each["vnis"]]
    filters = {vni for entry in listed for vni in _range(entry, "vni")}
    yield from _differ("filters", filters, {vni for _, vni in header.vlan_to_vni} if header.vni_filter else set())


def _range(entry: dict[str, int], name: str) -> range:
    """What ``bridge`` shows as one number or as a range of them."""
    return range(entry[name], entry.get(f"{name}End", entry[name]) + 1)


def _geneve(link: Link, data: dict[str, Any]) -> Iterator[str]:
    header = link.geneve
    assert header is not None
    yield from _differ("vni", data["id"], header.vni)
    yield from _differ("remote", data.get("remote", data.get("remote6")), str(header.remote))
    yield from _differ("port", data["port"], header.port)
    yield from _differ("ttl", data.get("ttl", 0), header.ttl)
    yield from _differ("tos", int(str(data.get("tos", "0")), 16), 1 if header.tos is None else header.tos)
    yield from _differ("df", data["df"], header.df)
    yield from _differ("label", int(str(data.get("label", "0")), 16), header.flow_label)
    yield from _differ("inner protocol", data.get("inner_proto_inherit", False), header.inner_protocol)


def _l2tp(link: Link, seen: Seen) -> Iterator[str]:
    session = link.l2tp
    assert session is not None
    sessions: list[dict[str, Any]] = seen["sessions"]
    shown = next((each for each in sessions if each["interface"] == link.name), {})
    for name in ("tunnel_id", "peer_tunnel_id", "session_id", "peer_session_id"):
        yield from _differ(name, shown.get(name), getattr(session, name))
    text = next((part for part in seen["tunnels"].split("Tunnel ") if part.startswith(f"{session.tunnel_id},")), "")
    wanted = [f"encap {session.encapsulation.upper()}", f"From {session.local} to {session.remote}"]
    if session.encapsulation == "udp":
        wanted.append(f"UDP source / dest ports: {session.source_port}/{session.destination_port}")
    yield from (f"its tunnel does not say {each!r}: {text!r}" for each in wanted if each not in text)


def _wireguard(link: Link, seen: Seen) -> list[str]:
    device = link.wireguard
    assert device is not None
    lines = [line.split("\t")[1:] for line in seen["wireguard"].splitlines() if line.split("\t")[0] == link.name]
    own = lines[0] if lines else []
    private = device.private_key.reveal() if device.private_key else "(none)"
    mark = f"{device.fwmark:#x}" if device.fwmark else "off"
    found = _differ("key, port and mark", own[:1] + own[2:], [private, str(device.port), mark])
    peers = {
        (line[0], line[1], line[2], frozenset(line[3].split(",")), line[7].replace("off", "0"))
        for line in lines[1:]
    }
    planned = set()
    for peer in device.peers:
        shared = peer.preshared_key.reveal() if peer.preshared_key else "(none)"
        where = f"{peer.endpoint}:{peer.port}" if peer.endpoint else "(none)"
        allowed = frozenset(map(str, peer.allowed))
        planned.add((peer.public_key, shared, where, allowed, str(peer.keepalive_s)))
    return found + _differ("peers", peers, planned)


def _routes(plan: Plan, seen: Seen) -> list[str]:
    """Static routes, both ways: those of the Plan that have a way, and no others."""
    entries = [entry for entry in seen["routes"] + seen["routes6"] if entry.get("protocol") == "static"]
    # A hop whose device has gone down stays in the list, dead, and comes to life with it.
    hops = [(entry, hop) for entry in entries for hop in entry.get("nexthops", [{}])]
    shown = {_shown(entry | hop) for entry, hop in hops if "dead" not in hop.get("flags", [])}
    planned = {_planned(plan, route) for route in plan.routes if not _waits(plan, route)}
    return [f"route {route} is not there" for route in sorted(planned - shown, key=str)] + [
        f"route {route} is not in the plan" for route in sorted(shown - planned, key=str)
    ]


def _shown(entry: dict[str, Any]) -> Way:
    six = ":" in entry["dst"] + entry.get("gateway", "") or entry.get("pref") is not None
    everything = "::/0" if six else "0.0.0.0/0"
    destination = everything if entry["dst"] == "default" else entry["dst"]
    if "/" not in destination:
        destination += "/128" if ":" in destination else "/32"
    table = entry.get("table", "main")
    kind = entry.get("type", "unicast")
    return Way(
        prefix=destination,
        kind=kind,
        via=entry.get("gateway"),
        link=None if kind != "unicast" else entry.get("dev"),
        source=entry.get("prefsrc"),
        metric=entry.get("metric", 0),
        table=int(TABLES.get(table, table)),
        onlink="onlink" in entry.get("flags", []),
    )


def _planned(plan: Plan, route: Route) -> Way:
    link = route.link
    if route.via is not None and link is None:
        via = route.via
        link = next(
            (each.name for each in plan.links if any(via in attached.prefix for attached in each.addresses)), None
        )
    return Way(
        prefix=str(route.prefix),
        kind=route.kind,
        via=_text(route.via),
        link=link,
        source=_text(route.source),
        metric=route.metric,
        table=route.table,
        onlink=route.onlink,
    )


def _waits(plan: Plan, route: Route) -> bool:
    name = _planned(plan, route).link
    link = plan.link(name) if name else None
    return link is not None and not link.up


def _rules(plan: Plan, seen: Seen) -> list[str]:
    shown: set[tuple[int, int, int, int | None]] = set()
    for family, view in ((4, "rules"), (6, "rules6")):
        for entry in seen[view]:
            if "l3mdev" in entry:  # the kernel's own, as soon as there is a VRF
                continue
            table = TABLES.get(str(entry["table"]), entry["table"])
            mark = int(entry["fwmark"], 16) if "fwmark" in entry else None
            shown.add((entry["priority"], int(table), family, mark))
    planned = {(rule.priority, rule.table, rule.family, rule.mark) for rule in plan.rules}
    kernels_own = {(0, 255), (32766, 254), (32767, 253)}
    return [f"rule {rule} is not there" for rule in planned - shown] + [
        f"rule {rule} is not in the plan" for rule in shown - planned if rule[:2] not in kernels_own
    ]


def _text(value: object) -> str | None:
    return None if value is None else str(value)
