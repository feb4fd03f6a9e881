"""``vpn ipsec site-to-site peer``: whom to talk to and which packets to protect.

``connection-type respond`` is the older word for ``trap`` with the same effect.
"""

from __future__ import annotations

from sapper.schema.address_value import IP_ADDRESS, IP_PREFIX
from sapper.schema.name_value import FQDN, INTERFACE
from sapper.schema.option import Option, as_immaterial, flag, immaterial, leaf, multi, tag, unmodelled
from sapper.schema.value import DESCRIPTION, IP_PROTOCOL, NAME, PORT, SECRET, TEXT, either, matching, number, one_of

_PEER = "vpn ipsec site-to-site peer *"
_TUNNEL = f"{_PEER} tunnel *"
_ANY = one_of("any")
_CREDENTIAL = "which key proves who we are; not which packets are encrypted"

_CREDENTIALS = (
    leaf(f"{_PEER} authentication rsa local-key", "Our key pair, by its name below pki", NAME),
    leaf(f"{_PEER} authentication rsa remote-key", "The peer's public key, by its name below pki", NAME),
    leaf(f"{_PEER} authentication rsa passphrase", "What our key is locked with", SECRET),
    leaf(f"{_PEER} authentication x509 certificate", "Our certificate, by its name below pki", NAME),
    multi(f"{_PEER} authentication x509 ca-certificate", "Who may sign the peer's, by its name below pki", NAME),
    leaf(f"{_PEER} authentication x509 passphrase", "What our key is locked with", SECRET),
    leaf(f"{_PEER} authentication x509 private-key-passphrase", "The same in early releases of 1.4", SECRET),
    flag(f"{_PEER} authentication use-x509-id", "Take our identity from the certificate"),
)

OPTIONS: tuple[Option, ...] = (
    tag("vpn ipsec site-to-site peer", "Peer", matching("a peer name", r"[-_a-zA-Z0-9|@]+")),
    flag(f"{_PEER} disable", "Leave this peer out"),
    leaf(
        f"{_PEER} authentication mode",
        "How the peers prove who they are",
        one_of("pre-shared-secret", "rsa", "x509"),
    ),
    leaf(f"{_PEER} authentication local-id", "Name that this end gives itself", TEXT),
    leaf(f"{_PEER} authentication remote-id", "Name that the peer must give", TEXT, "%any"),
    leaf(
        f"{_PEER} connection-type",
        "Who begins: initiate starts at once, trap at the first packet, none never",
        one_of("initiate", "trap", "none", "respond"),
        "initiate",
    ),
    leaf(f"{_PEER} default-esp-group", "ESP group of tunnels that name none", NAME),
    leaf(f"{_PEER} ike-group", "IKE group", NAME),
    flag(f"{_PEER} force-udp-encapsulation", "Encapsulate ESP in UDP even without NAT"),
    leaf(f"{_PEER} local-address", "Address of this end", either(IP_ADDRESS, _ANY)),
    leaf(f"{_PEER} dhcp-interface", "Interface whose leased address is this end", INTERFACE),
    multi(f"{_PEER} remote-address", "Address or name of the peer", either(IP_ADDRESS, _ANY, FQDN)),
    leaf(
        f"{_PEER} replay-window", "Packets that may come late; 0 accepts replays", number(0, 2040), "32", "packets"
    ),
    tag(f"{_PEER} tunnel", "Packets to protect: one child SA", NAME),
    flag(f"{_TUNNEL} disable", "Leave this tunnel out"),
    leaf(f"{_TUNNEL} esp-group", "ESP group", NAME),
    leaf(f"{_TUNNEL} protocol", "Only packets of this protocol", IP_PROTOCOL),
    leaf(f"{_TUNNEL} priority", "Priority of the policy", number(1, 100)),
    multi(f"{_TUNNEL} local prefix", "Networks on this side", IP_PREFIX),
    multi(f"{_TUNNEL} remote prefix", "Networks on the peer's side", IP_PREFIX),
    leaf(f"{_TUNNEL} local port", "Only packets from this port", PORT),
    leaf(f"{_TUNNEL} remote port", "Only packets to this port", PORT),
    leaf(f"{_PEER} vti bind", "VTI that carries the packets", matching("a VTI (vti0 …)", r"vti[0-9]+")),
    leaf(f"{_PEER} vti esp-group", "ESP group", NAME),
    multi(f"{_PEER} virtual-address", "Address to ask the peer for", matching("an address", r"\S+")),
    *as_immaterial(_CREDENTIAL, *_CREDENTIALS),
    *immaterial(f"{_PEER} authentication", "rsa-key-name", _CREDENTIAL),
    *as_immaterial("free text", leaf(f"{_PEER} description", "Free text", DESCRIPTION)),
    *as_immaterial(
        "accepted by VyOS and not rendered",
        leaf(f"{_PEER} ikev2-reauth", "Authenticate anew instead of rekeying", one_of("yes", "no", "inherit")),
    ),
    *immaterial(f"{_TUNNEL}", "allow-nat-networks allow-public-networks", "removed from VyOS; has no effect"),
    *unmodelled(f"{_PEER} vti", "traffic-selector", "narrows what the VTI takes"),
)
