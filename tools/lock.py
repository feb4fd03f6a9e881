"""Writes the lock files anew: every package that sapper runs with, and every one it is developed with, with hashes.

The locks hold names, versions and hashes, and no index, host or path: where the packages come from is the
business of whoever installs them. ``dev.txt`` is resolved under ``run.txt``, so that what is tested is what runs.
Run by ``make lock`` after a change to the dependencies in pyproject.toml; it installs its resolver for itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import bootstrap
import pip_source

CHECKOUT = Path(__file__).resolve().parent.parent
RESOLVER = CHECKOUT / ".cache" / "resolver"
COMPILE = (
    *("pip", "compile", "pyproject.toml", "--quiet", "--upgrade", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-header"),
)
LOCKS = {
    "run": (),
    "dev": ("--group", "dev", "--constraint", "requirements/run.txt"),
}


def install_resolver() -> Path:
    """A virtual environment of its own with uv in it; the path of its uv."""
    program = RESOLVER / "bin" / "uv"
    if not program.exists():
        python = bootstrap.create_venv(RESOLVER)
        pip = pip_source.find_pip(python, CHECKOUT / ".cache")
        subprocess.run([*pip, "install", "--quiet", "uv"], check=True, env=pip_source.pip_environment())
    return program


def main() -> int:
    uv = install_resolver()
    for name, options in LOCKS.items():
        target = CHECKOUT / "requirements" / f"{name}.txt"
        target.unlink(missing_ok=True)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("UV_")}
        output = str(target.relative_to(CHECKOUT))
        subprocess.run([uv, *COMPILE, *options, "--output-file", output], cwd=CHECKOUT, env=environment, check=True)
        print(f"sapper: wrote {output}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
