"""Where the guest keeps the routers' daemons: a directory of the guest's own root.

Not below /run, where each charon has a file system of its own, and not below /tmp, where the checkout may be.
"""

from __future__ import annotations

ROOM = "/sapper-lab"


def vti_mark(node: str, link: str) -> str:
    """The file that is there while the node's VTI is raised and has its routes."""
    return f"{ROOM}/{node}/raised-{link}"
