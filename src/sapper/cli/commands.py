"""The commands by name, and the help page that lists them. Imports nothing: ``sapper --help`` must start fast.

The module of a command has the command's name and one function, ``run(words) -> int``.
"""

from __future__ import annotations

COMMANDS: dict[str, str] = {
    "check": "find leaks and errors in configurations; prove or refute the tunnels' properties",
    "convert": "write a configuration in another syntax, generation or program's format",
    "explain": "what a finding's code or a word of the reports means, with examples",
    "fix": "the commands that make every property proved, at both ends",
    "lab": "boot a pair of routers on a real kernel and compare the wire with the proof",
    "mtu": "the largest packet, the MSS and the bytes on the wire of any stack of encapsulations",
    "redact": "a configuration without secrets, addresses and names, for a public bug report",
}

_HELP = """\
sapper digs IP tunnels and proves that they do not leak.

Usage: sapper COMMAND [OPTION…] [CONFIG…]

Commands:
{commands}

'sapper COMMAND --help' says more. '--version' prints the version.

CONFIG is a file, a directory, or '-' for standard input; its syntax is recognised.

Exit status: 0 nothing wrong; 1 findings, a property refuted or unknown, or the
kernel disagreed; 2 the input or the command line could not be used; 3 the system
refused; 130 interrupted.
"""


def help_text() -> str:
    """What ``sapper --help`` prints."""
    width = max(map(len, COMMANDS))
    return _HELP.format(commands="\n".join(f"  {name:{width}}  {what}" for name, what in COMMANDS.items()))
