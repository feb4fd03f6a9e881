"""What a target format cannot say, as an exception: nothing of a Plan is ever left out in silence.

Every renderer of a Plan (iproute2, swanctl, nftables, networkd) raises it for the first thing that it cannot write.
What merely belongs to another of these formats is no error: the output names it in a comment (see elsewhere).
"""

from __future__ import annotations


class Inexpressible(Exception):
    """``path`` names the thing of the Plan in words (``link tun0 tos``), ``reason`` says why it cannot be written."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
