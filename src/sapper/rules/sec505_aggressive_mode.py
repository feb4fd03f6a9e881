"""SEC505: IKEv1 in aggressive mode with a pre-shared key: the key can be guessed by anybody who asks."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.rules.example import PROTECTED, instead
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import ike_group, rendered_peers
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_V1 = instead(PROTECTED, "key-exchange ikev2", "key-exchange ikev1")

RULE = Rule(
    code="SEC505",
    title="aggressive mode with a pre-shared key",
    severity="error",
    why=(
        "In aggressive mode the responder sends a hash made with the key before it knows who asks. Whoever sends it the "
        "right identity gets something to try keys against, as long as he likes and without being noticed; so does whoever "
        "listens. strongSwan answers such a request only where charon.conf allows it, and asks others all the same."
    ),
    reference="RFC 2409 5.4; RFC 9395 3 deprecates IKEv1",
    lab=(
        "A far end that answers, as other makers' do: from the two captured packets, which are not encrypted, a list of "
        "nine words finds the key."
    ),
    bad=_V1 + "set vpn ipsec ike-group IKE mode aggressive\n",
    good=_V1,
)


def find(subject: Subject) -> Iterator[Finding]:
    for peer in rendered_peers(subject):
        group = ike_group(subject, peer)
        shared = (peer.text("authentication", "mode") or "pre-shared-secret") == "pre-shared-secret"
        if group is None or not shared or group.text("mode") != "aggressive":
            continue
        if group.text("key-exchange") != "ikev2":
            message = f"peer {peer.name} answers anybody with a hash of its key in aggressive mode"
            yield RULE.finding(message, peer.where, first_span(peer.node))
