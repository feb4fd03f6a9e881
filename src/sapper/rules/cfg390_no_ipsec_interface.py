"""CFG390: IPsec without interfaces to work on, which VyOS 1.1 does not take.

Only a footer can tell 1.1 from 1.2, whose last script no longer asks for them.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.config.generation import recognise_generation
from sapper.model.branch import first_span
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import IPSEC
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_OLD = """\
vpn {
    ipsec {
        esp-group ESP {
            proposal 1 {
                encryption aes256
                hash sha1
            }
        }
    }
}
/* === vyatta-config-version: "interfaces@4:ipsec@4:quagga@2" === */
/* Release version: VyOS 1.1.8 */
"""

RULE = Rule(
    code="CFG390",
    title="IPsec without its interfaces in 1.1",
    severity="error",
    why=(
        "VyOS 1.1 refuses the commit: ipsec-interfaces is mandatory there. Later releases make it optional, and "
        "the daemon then works on every interface."
    ),
    bad=_OLD,
    good=_OLD.replace(
        "        esp-group", "        ipsec-interfaces {\n            interface eth0\n        }\n        esp-group"
    ),
)


def find(subject: Subject) -> Iterator[Finding]:
    ipsec = subject.top.below(*IPSEC)
    if ipsec is None or ipsec.texts("interface") or recognise_generation(subject.document) != "1.1":
        return
    message = "ipsec-interfaces is missing: VyOS 1.1 refuses it"
    yield RULE.finding(message, ipsec.where, first_span(ipsec.node))
