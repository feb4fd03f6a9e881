"""The sections outside the modelled features: which are legal, and which of them cannot matter to a verdict.

Only the words that a router may have are listed, so that a mistyped ``interfaces tunel`` is told from a kind of
interface that sapper does not model. A section that is neither listed nor close to a modelled word counts as
unmodelled: never proved by ignorance.
"""

from __future__ import annotations

from sapper.schema.option import Option, immaterial, unmodelled

_SERVICE = "a service of the router itself; it changes no route, policy or link"

OPTIONS: tuple[Option, ...] = (
    *unmodelled(
        "interfaces",
        "input macsec openvpn pseudo-ethernet sstpc virtual-ethernet wireless wirelessmodem wwan",
        "a kind of interface that is not modelled",
    ),
    *unmodelled(
        "protocols",
        "babel bfd bgp bmp eigrp failover igmp igmp-proxy isis mpls openfabric ospf ospfv3 pim pim6 rip ripng"
        " segment-routing traffic-engineering",
        "may install routes at run time",
    ),
    *immaterial("protocols", "rpki", "which routes a routing protocol takes, and that is named itself"),
    *unmodelled("vpn", "l2tp openconnect pptp sstp nhrp", "its clients are known only at run time"),
    *immaterial("vpn", "rsa-keys", "which key proves who we are; not which packets are encrypted"),
    *unmodelled("policy", "ipv6-route local-route local-route6", "may mark or reroute packets"),
    *immaterial(
        "policy",
        "access-list access-list6 as-path-list community-list extcommunity-list large-community-list prefix-list"
        " prefix-list6 route-map",
        "acts only through a routing protocol, which is named itself",
    ),
    *unmodelled(
        "",
        "cluster container high-availability nat66 nat64 netns vpp zone-policy",
        "may drop, rewrite or reroute packets, or carry addresses",
    ),
    *immaterial("", "pki", "keys and certificates of those who name them"),
    *immaterial("", "qos traffic-policy", "orders packets in queues"),
    *immaterial("", "content-inspection zebra", _SERVICE),
    *unmodelled("service", "conntrack-sync ipoe-server l2tp pppoe-server suricata webproxy", "handles packets"),
    *immaterial(
        "service",
        "broadcast-relay config-sync console-server dhcp-relay dhcp-server dhcpv6-relay dhcpv6-server dns"
        " gui https ids lldp mdns monitoring ndp-proxy ntp router-advert salt-minion sla snmp ssh"
        " stunnel telegraf tftp-server twamp-server",
        _SERVICE,
    ),
    *unmodelled("service", "event-handler upnp", "may change routes or NAT at run time"),
    *unmodelled("load-balancing", "wan", "reroutes and rewrites packets"),
    *immaterial("load-balancing", "haproxy reverse-proxy", _SERVICE),
    *unmodelled("system", "task-scheduler gateway-address", "may change how packets go"),
    *unmodelled("system conntrack", "ignore ignore-address", "leaves packets out of NAT"),
    *immaterial(
        "system conntrack",
        "expect-table-size flow-accounting hash-size log modules table-size tcp timeout",
        "how connections are counted and when they are forgotten",
    ),
    *immaterial("system", "option options", "behaviour of the shell and of the hardware"),
    *immaterial(
        "system",
        "acceleration config-management console domain-name domain-search flow-accounting frr"
        " host-name ipv4 lcd login logs name-server name-servers-dhcp ntp package proxy sflow static-host-mapping"
        " syslog time-zone update-check updates watchdog wireless options-host",
        _SERVICE,
    ),
)
