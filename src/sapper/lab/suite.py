"""A private source list: another suite of the host's own distribution and mirror, for our apt only.

The address and the signing key are those from which the host gets its release, asked of apt; so no address is kept
here, and a local mirror serves too. The host's sources and lists are not touched. Sources: apt-get(8) indextargets,
sources.list(5).
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from sapper.lab.unavailable import LabUnavailable

_FIELDS = ("REPO_URI", "RELEASE", "ORIGIN", "COMPONENT", "SIGNED_BY")
FORMAT = "|".join(f"$({field})" for field in _FIELDS)
_KEYRINGS = Path("/usr/share/keyrings")


class Source(NamedTuple):
    """One index of the host's sources."""

    uri: str
    release: str
    origin: str
    component: str
    signed_by: str


def parse_targets(output: str) -> list[Source]:
    """The sources among the lines of ``apt-get indextargets`` in :data:`FORMAT`; a field without a value stays ``$(…)``."""
    found = []
    for line in output.splitlines():
        words = ["" if word.startswith("$(") else word for word in line.split("|")]
        if len(words) == len(_FIELDS):
            found.append(Source(*words))
    return found


def source_list(sources: list[Source], suite: str) -> str:
    """The text of a sources file for ``suite`` of the Debian release that ``sources`` are of."""
    release = next(
        (
            source
            for source in sources
            if source.origin == "Debian" and source.component == "main" and "-" not in source.release
        ),
        None,
    )
    if release is None:
        raise LabUnavailable(
            f"{suite} is a suite of Debian's, and no source of this host's apt is a Debian release"
        )
    key = release.signed_by or _archive_keyring()
    return f"Types: deb\nURIs: {release.uri}\nSuites: {release.release}-{suite}\nComponents: main\n" + (
        f"Signed-By: {key}\n" if key else ""
    )


def _archive_keyring() -> str:
    """Debian's keyring where it is not in apt's trusted directory only; empty means that apt knows it by itself."""
    path = _KEYRINGS / "debian-archive-keyring.gpg"
    return str(path) if path.exists() else ""
