"""LEAK110: the way to the peer leads through the tunnel itself: the daemon has no way to bring it up."""

from __future__ import annotations

from sapper.lab.exhibits.exhibit import Shown
from sapper.lab.exhibits.look import all_heard, look, of_class, through
from sapper.lab.rig import Rig

_PATIENCE_S = 10.0
_BETWEEN_TRIES_S = 1.2


def never_up(rig: Rig) -> Shown:
    """1 if there is no SA although the daemon was asked for one; the words say whether a single IKE packet left."""
    rig.start()
    rig.load()
    flows = through(rig, rig.sides[0])
    asked = look(rig, flows, quiet_s=_BETWEEN_TRIES_S)
    ike = len(of_class(asked.leaving("east"), "ike"))
    if not rig.wait(present=True, deadline_s=_PATIENCE_S):
        arrived = sum(asked.heard.get(item["token"], 0) for item in flows)
        words = f"negotiating: {ike} IKE packets leave, no SA, {arrived} of {sum(item['count'] for item in flows)} arrive"
        return Shown(count=1, words=words, works=False)
    heard = look(rig, flows).heard
    return Shown(count=0, words="up", works=all_heard(flows, heard))
