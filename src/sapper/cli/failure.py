"""How a command ends early: an exception with the exit status and the one line that the user gets.

The statuses are part of the stable surface. Messages name what, where (``file:line:column``) and what to do; they
never quote a value from a configuration, which may be a secret.
"""

from __future__ import annotations

FINDINGS = 1
UNUSABLE = 2
SYSTEM = 3
INTERRUPTED = 130
TERMINATED = 143


class Failure(Exception):
    """Ends the command with ``status`` after one line on standard error.

    ``command`` is named before the message, for example ``sapper check: …``; None leaves the message alone, for
    one that starts with a place in a file.
    """

    status = SYSTEM

    def __init__(self, message: str, command: str | None = "") -> None:
        super().__init__(message)
        self.command = command

    def __str__(self) -> str:
        message = " ".join(str(self.args[0]).split())
        return message if self.command is None else f"{f'sapper {self.command}'.rstrip()}: {message}"


class Unusable(Failure):
    """The input or the command line could not be used."""

    status = UNUSABLE


class Refused(Failure):
    """The system refused: no permission, no kernel, a program is missing."""

    status = SYSTEM
