"""SEC506: somebody in the far end's place tries one word after the other, and the router says which is the key.

Each try is a whole exchange; a wrong word is answered with AUTHENTICATION_FAILED, the right one with an SA. Who lets
the router call him needs one exchange only and tries at home (RFC 7296 2.15); to the router it is the same key.
"""

from __future__ import annotations

from typing import Any

from sapper.lab.exhibits.exhibit import Shown
from sapper.lab.exhibits.guessed_key import WORDS
from sapper.lab.exhibits.look import all_heard, look, through
from sapper.lab.rig import Rig, Side
from sapper.lab.side import secret_of
from sapper.lab.swanctl import connection_message, secret_message

_PATIENCE_MS = 4000


def word_by_word(rig: Rig) -> Shown:
    """1 if a word of the list gives an SA; where none does, the right key has to."""
    east, west = rig.sides[:2]
    rig.start()
    rig.vici_all(
        (side.name, "load-conn", _that_waits(connection_message(connection, rig.timers)))
        for side in (east, west)
        for connection in side.connections
    )
    found = next((number for number, word in enumerate(WORDS, 1) if _comes_up(rig, west, word)), None)
    if found is None:
        _comes_up(rig, west, secret_of(west.connections[0], west, rig.sides))
    flows = through(rig, east)
    works = all_heard(flows, look(rig, flows).heard)
    said = f"the {found}. of {len(WORDS)} words gives an SA" if found else f"none of {len(WORDS)} words gives an SA"
    return Shown(count=int(found is not None), words=f"negotiating: {said}", works=works)


def _that_waits(message: dict[str, Any]) -> dict[str, Any]:
    ((name, body),) = message.items()
    children = {child: {**fields, "start_action": "none"} for child, fields in body["children"].items()}
    return {name: {**body, "children": children}}


def _comes_up(rig: Rig, side: Side, word: str) -> bool:
    """Whether the side's connection gets its SA with that key."""
    (connection,) = side.connections
    rig.vici(side, "load-shared", secret_message(connection, word))
    asked = {"child": connection.children[0].name, "ike": connection.name, "timeout": str(_PATIENCE_MS)}
    answer = rig.ask("vici", node=side.name, command="initiate", arguments=asked, stream=True)
    return "failed" not in answer
