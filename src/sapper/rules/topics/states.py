"""The lifecycle states, each as a topic: what it means, and what it leaves in the kernel (from the proof's own table)."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.proof.states.lifecycle import STATES, TABLE, Left, Row, State
from sapper.rules.topics.topic import Topic

MEANING: dict[State, str] = {
    "boot": "The configuration is committed, the firewall included; the IKE daemon has not started.",
    "negotiating": "The daemon has loaded its connections; the peer does not answer.",
    "up": "The SA is established. Where an end of it may get another address or port (the peer's is not known, it is one "
    "of several, ESP is in UDP, or this end's is leased and MOBIKE is on), there are moments (moved) in which the daemon "
    "has taken the inbound policies away, to write them again: the outbound ones block, and what comes in is not asked.",
    "deleted": "The SA was closed in an orderly way: by us (local), by the peer (peer), or because it was gone (dpd).",
    "expired": "The hard lifetime passed without rekeying.",
    "stopped": "The daemon was stopped in an orderly way and has taken everything back.",
    "crashed": "The daemon was killed; policies stay, SAs stay until their hard lifetime, and after it.",
    "restarted": "A new daemon runs after a crash, and the SA is not up again yet.",
    "reloading": "The connections are unloaded and loaded anew, as VyOS does on a commit.",
    "flushed": "Somebody flushed policies and states. This is tampering, and is reported apart from the others.",
}
_KINDS = ((Left.SA, "the SA's"), (Left.TRAP, "start_action's trap"), (Left.CLOSE, "close_action's trap"),
          (Left.DPD, "dpd_action's trap"))  # fmt: skip


def _row(row: Row) -> Iterator[str]:
    policies = [words for kind, words in _KINDS if kind in row.policies]
    policies = [words if row.inbound or words != _KINDS[0][1] else f"{words} outbound ones" for words in policies]
    yield f"{row.label}: policies: {', '.join(policies) or 'none'}; {'SAs there' if row.sa else 'no SA'}"
    yield f"; VTI {row.vti.name.lower()}; {'the daemon runs' if row.daemon else 'no daemon'}"
    if row.routes_kept:
        yield "; the daemon's routes in table 220 stay without their policies"
    yield ".\n"


def _topic(state: State) -> Topic:
    left = "".join(piece for row in TABLE if row.state == state for piece in _row(row))
    text = f"{MEANING[state]}\n\nWhat it leaves in the kernel:\n\n{left}"
    return Topic(name=state, title=f"The lifecycle state {state}", text=text, see=("states",))


_ALL = Topic(
    name="states",
    title="The lifecycle states",
    text=(
        "A tunnel over IPsec is safe only if it is safe in every state that the IKE daemon can leave behind. Every "
        "property is examined in each of them, crossed with what the network may do.\n\n"
        + "".join(f"{state}: {meaning}\n" for state, meaning in MEANING.items())
    ),
    see=("confidentiality", "no-bypass", "authenticity"),
)
TOPICS: tuple[Topic, ...] = (_ALL, *(_topic(state) for state in STATES))
