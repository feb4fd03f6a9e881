"""A Plan's link as ``ip -d -j link`` shows it: every attribute of ``info_data``, and nothing else."""

from __future__ import annotations

from typing import Any

from sapper.kernel.plan import Encapsulating, GeneveHeader, Link, VxlanHeader

# What iproute2 calls the protocol of ipip, sit and ip6tnl devices.
PROTOCOL_WORDS = {("ipip", 4): "ipip", ("sit", 41): "ip6ip", ("ip6tnl", 4): "ipip6", ("ip6tnl", 41): "ip6ip6"}
# What nobody can configure and the kernel chooses.
KERNELS_OWN = {
    "vxlan": {"port_range", "ageing", "udp_csum", "udp_zero_csum6_tx", "udp_zero_csum6_rx"},
    "geneve": {"udp_csum", "udp_zero_csum6_tx", "udp_zero_csum6_rx"},
}


def configurable(link: Link, data: dict[str, Any]) -> dict[str, Any]:
    """What was shown, without what is the kernel's own."""
    return {word: value for word, value in data.items() if word not in KERNELS_OWN.get(link.kind, ())}


def expected(link: Link) -> dict[str, Any]:
    """``info_data`` of ``ip -d -j link`` for what the Plan says."""
    if link.encapsulating is not None:
        words = expected_tunnel(link, link.encapsulating)
    elif link.vxlan is not None:
        words = expected_vxlan(link.vxlan)
    elif link.geneve is not None:
        words = expected_geneve(link.geneve)
    else:
        words = {"if_id": hex(link.if_id or 0)}
    always = ("pmtudisc", "learning")
    return {
        word: value for word, value in words.items() if word in always or (value is not None and value is not False)
    }


def expected_tunnel(link: Link, outer: Encapsulating) -> dict[str, Any]:
    key = None if outer.key is None else ".".join(str(byte) for byte in outer.key.to_bytes(4, "big"))
    words: dict[str, Any] = {
        "proto": PROTOCOL_WORDS.get((link.kind, outer.protocol)),
        "local": str(outer.local or "any"),
        "remote": str(outer.remote or "any"),
        "link": outer.link,
        "ttl": outer.ttl,
        "ikey": key,
        "okey": key,
        "iseq": outer.sequence,
        "oseq": outer.sequence,
    }
    if link.kind.startswith("ip6"):
        words |= {
            "encap_limit": outer.encaplimit,
            "ip6_tnl_f_ign_encap_limit": outer.encaplimit is None,
            "ip6_tnl_f_use_orig_tclass": outer.tos_inherit,
            "ip6_tnl_f_use_orig_flowlabel": outer.flow_label is None,
            "flowlabel": None if outer.flow_label is None else f"0x{outer.flow_label:05x}",
            "tclass": None if outer.tos_inherit else f"0x{outer.tos:02x}",
        }
    else:
        words |= {
            "tos": f"{outer.tos | outer.tos_inherit:#x}",
            "pmtudisc": outer.pmtu_discovery,
            "ignore_df": outer.ignore_df,
        }
    if outer.erspan is not None and outer.erspan.version == 1:
        words |= {"erspan_ver": 1, "erspan_index": outer.erspan.index}
    elif outer.erspan is not None:
        direction = "egress" if outer.erspan.egress else "ingress"
        hw_id = f"{outer.erspan.hw_id:#x}" if outer.erspan.hw_id else "0"
        words |= {"erspan_ver": 2, "erspan_dir": direction, "erspan_hwid": hw_id}
    if link.kind == "sit":
        words |= {"prefix": "2002::", "prefixlen": 16}
    if outer.sixrd is not None:
        prefix, relay = outer.sixrd.prefix, outer.sixrd.relay
        words |= {"prefix": str(prefix.network), "prefixlen": prefix.length}
        words |= {"relay_prefix": str(relay.network), "relay_prefixlen": relay.length}
    return words


def expected_vxlan(header: VxlanHeader) -> dict[str, Any]:
    six = {4: "", 6: "6"}
    words: dict[str, Any] = {
        "id": header.vni or 0,
        "external": header.vni is None,
        "vnifilter": header.vni_filter,
        "link": header.link,
        "port": header.port,
        "ttl": header.ttl,
        "tos": "0x1" if header.tos is None else f"{header.tos:#x}",
        "df": header.df,
        "learning": header.learning,
        "label": f"{header.flow_label:#x}" if header.flow_label else None,
    }
    if header.local is not None:
        words["local" + six[header.local.family]] = str(header.local)
    if header.group is not None:
        words["group" + six[header.group.family]] = str(header.group)
    elif header.remotes:
        words["remote" + six[header.remotes[0].family]] = str(header.remotes[0])
    return words


def expected_geneve(header: GeneveHeader) -> dict[str, Any]:
    return {
        "id": header.vni,
        "remote" if header.remote.family == 4 else "remote6": str(header.remote),
        "port": header.port,
        "ttl": header.ttl,
        "tos": "0x1" if header.tos is None else f"{header.tos:#x}",
        "df": header.df,
        "label": f"{header.flow_label:#x}" if header.flow_label else None,
        "inner_proto_inherit": header.inner_protocol,
    }
