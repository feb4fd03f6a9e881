"""What an exhibit is: a finding's example, where and how it is seen, and how it is mended.

The same demonstration is made of the bad example, where it has to be seen, and of the mended one, where it must not. A
finding that no kernel can show has a reason instead.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from sapper.lab.rig import Rig
from sapper.lab.run import Setup
from sapper.rules.far_example import mirrored
from sapper.rules.leak_example import far_end
from sapper.rules.rule import Rule


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What a demonstration saw. ``count`` packets (or 1 for what is no packet); 0 is quiet. ``works`` is what a user
    wants of the tunnel.
    """

    count: int
    words: str
    works: bool = True


Demonstration = Callable[[Rig], Shown]


def as_it_is(setup: Setup) -> Setup:
    """The setup itself."""
    return setup


class Exhibit(msgspec.Struct, frozen=True, kw_only=True):
    """``about`` is a property of the proof, or in a word what goes wrong. ``states`` are those that are enough to see it.

    ``nat``: a NAT box stands in front of this router. ``router`` is the one that the finding is about. ``by_example``:
    mended as the good example says, and then by ``sapper fix``. ``far`` and ``good_far`` are the far ends where they are
    not the mirrored near ones; ``third`` is another router's text. ``laid_out`` changes a prepared setup.
    ``bad`` is another text than the rule's bad example, and ``variant`` a word for it.
    """

    code: str
    about: str
    states: frozenset[str] = frozenset()
    show: Demonstration | None = None
    nat: str | None = None
    router: str = "east"
    by_example: bool = False
    far: str | None = None
    good_far: str | None = None
    third: str | None = None
    laid_out: Callable[[Setup], Setup] = as_it_is
    bad: str | None = None
    variant: str = ""

    @property
    def label(self) -> str:
        """The code, and the variant if there is one."""
        return f"{self.code} {self.variant}".rstrip()


class NotShown(msgspec.Struct, frozen=True):
    """A finding without an exhibit, and why."""

    code: str
    reason: str


def far_of(rule: Rule, text: str) -> str:
    """The other router of the pair: every address and name exchanged for its counterpart."""
    return far_end(text) if rule.code.startswith("LEAK") else mirrored(text)
