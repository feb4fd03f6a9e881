"""Where the guest keeps the routers' daemons: a directory of the guest's own root.

Not below /run, where each charon has a file system of its own, and not below /tmp, where the checkout may be.
"""

from __future__ import annotations

ROOM = "/sapper-lab"
