"""How a packet ended, in the one form in which the model's word and the wire's can be compared.

``wire`` has the wire, whether ESP protects the packet, and the outermost header; ``gone`` means that no wire saw it:
dropped, swallowed by a dummy, or taken by the router itself; ``taken`` that a tunnel device took it off the wire.
"""

from __future__ import annotations

from typing import Literal, NamedTuple


class Ending(NamedTuple):
    """None in a field of a prediction: not known beforehand, anything fits. ``reason`` is of ``unknown`` alone."""

    kind: Literal["wire", "gone", "taken", "unknown"]
    link: str | None = None
    protected: bool | None = None
    source: str | None = None
    destination: str | None = None
    protocol: int | None = None
    reason: str = ""

    def fits(self, predicted: Ending) -> bool:
        """Whether what was seen (this) is what was said beforehand."""
        return self.kind == predicted.kind and all(
            said is None or said == seen for said, seen in zip(predicted[1:6], self[1:6], strict=True)
        )

    def __str__(self) -> str:
        if self.kind != "wire":
            return f"{self.kind} {self.link or self.reason}".strip()
        words = "encrypted" if self.protected else "clear"
        return f"{words} at {self.link}: {self.source} -> {self.destination} protocol {self.protocol}"


GONE = Ending("gone")
