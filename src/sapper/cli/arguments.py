"""argparse with one-line errors: no usage block, and a suggestion where an option or a choice is mistyped.

Options are never abbreviated: a script that relies on ``--form`` would break when an option is added.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from sapper.cli.failure import Unusable
from sapper.cli.nearest import suggestion


class Parser(argparse.ArgumentParser):
    """Raises :class:`Unusable` for whatever does not fit. ``command`` is how the user calls it."""

    def __init__(self, command: str, description: str, epilog: str | None = None) -> None:
        # add_argument is called by the constructor (for --help), so the list comes first.
        self.known_options: list[str] = []
        super().__init__(
            prog=f"sapper {command}",
            description=description,
            epilog=epilog,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        self.command = command

    def add_argument(self, *names: Any, **settings: Any) -> argparse.Action:
        action = super().add_argument(*names, **settings)
        self.known_options.extend(action.option_strings)
        return action

    def parse(self, words: Sequence[str]) -> argparse.Namespace:
        """Like ``parse_args``; an unknown option is named first, whatever else is wrong."""
        self._reject_unknown(words)
        namespace, extra = self.parse_known_args(list(words))
        if extra:
            self.error(f"unexpected argument {extra[0]!r}")
        return namespace

    def _reject_unknown(self, words: Sequence[str]) -> None:
        for word in words:
            if word == "--":
                return
            option = word.split("=", 1)[0]
            if option.startswith("--") and option not in self.known_options:
                self.error(f"unknown option {option!r}{suggestion(option, self.known_options)}")

    def error(self, message: str) -> NoReturn:
        raise Unusable(message, self.command)


def one_of(*words: str) -> Callable[[str], str]:
    """An argparse type that takes one of ``words`` and suggests the nearest for any other."""

    def read(text: str) -> str:
        if text in words:
            return text
        hint = suggestion(text, words) or f"; known are {', '.join(words)}"
        raise argparse.ArgumentTypeError(f"{text!r} is not known{hint}")

    return read
