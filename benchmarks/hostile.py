"""What hostile configurations cost: CPU seconds, peak resident memory, and the answer of the whole command.

Each input of ``tests/cli/hostile_*.py`` is written to a file at its full size, and ``sapper`` runs on it in a process of
its own under hard limits from outside: 300 s of CPU, 4 GiB of address space. ``STOPPED`` in the table means that a limit
ended it, which is an error; any other answer is the last line that was printed and the exit status. Nothing is asserted.

Arguments: words that the names of inputs hold (none: all); ``quick`` for the small sizes; ``--command check``,
``pair`` (the same file twice), ``fix`` or ``certificate``.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CPU_S = 300
ADDRESS_SPACE = 4 << 30
_WORDS: dict[str, list[str]] = {
    "check": ["check", "FILE"],
    "pair": ["check", "FILE", "OTHER"],
    "fix": ["fix", "FILE"],
    "certificate": ["check", "--certificate", "CERTIFICATE", "FILE"],
}


def main() -> int:
    """Print a row for each input."""
    options = _options()
    sys.path.insert(0, str(ROOT / "tests" / "cli"))
    from hostile_multiples import MULTIPLES
    from hostile_texts import HOSTILE

    print("| input | number | KiB | CPU s | peak MiB | exit | answer |\n|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, (make, small, large) in (HOSTILE | MULTIPLES).items():
            if options.names and not any(word in name for word in options.names):
                continue
            number = small if options.quick else large
            text = make(number)
            print(
                f"| {name} | {number:,} | {len(text) >> 10:,} |",
                measured(text, options.command, folder),
                flush=True,
            )
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="words that the names of inputs hold; none: all of them")
    parser.add_argument("--quick", action="store_true", help="the small sizes")
    parser.add_argument("--command", choices=sorted(_WORDS), default="check")
    return parser.parse_args()


def measured(text: str, command: str, folder: str) -> str:
    """The figures of one run of the command on that text."""
    places = {word: str(Path(folder) / f"{word.lower()}.set") for word in ("FILE", "OTHER", "CERTIFICATE")}
    Path(places["FILE"]).write_text(text)
    Path(places["OTHER"]).write_text(text)
    words = [places.get(word, word) for word in _WORDS[command]]
    with (Path(folder) / "out").open("w+") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "sapper", *words], stdout=out, stderr=subprocess.STDOUT, preexec_fn=_limited
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        printed = out.read().splitlines()
    code = str(process.returncode) if process.returncode >= 0 else "STOPPED"
    answer = (printed[-1][:110] if printed else "nothing").replace(folder, "").replace("|", "/")
    return f"{used.ru_utime + used.ru_stime:.1f} | {used.ru_maxrss >> 10:,} | {code} | {answer} |"


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))


if __name__ == "__main__":
    sys.exit(main())
