"""Distribution packages without installing them: which ones, fetched by apt, unpacked by dpkg-deb.

An ordinary user may do all of it: apt gets private directories for its lists and its cache and reads the host's
sources and dpkg status. ``apt-get --print-uris install`` names exactly what the host lacks, so what is unpacked
lies over the host's root without a second version of anything. Maintainer scripts are never run. Paths are mapped
to a merged /usr (``/lib/x`` to ``/usr/lib/x``), because on such a host a real ``/lib`` in an upper layer would
hide the host's. Sources: apt-get(8), apt.conf(5), deb(5).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from sapper.lab.cache import Progress
from sapper.lab.suite import FORMAT, parse_targets, source_list
from sapper.lab.unavailable import LabUnavailable

MERGED = ("bin", "sbin", "lib", "lib64")
UNWANTED = ("usr/share/doc/", "usr/share/man/", "usr/share/locale/", "usr/share/lintian/", "usr/share/bug/")
# No root: no locks and no second user. Images for containers switch the package cache off, which costs a second a call.
_PRIVATE = (
    "Debug::NoLocking=1",
    "APT::Sandbox::User=root",
    "Dir::Cache::pkgcache=pkgcache.bin",
    "Dir::Cache::srcpkgcache=srcpkgcache.bin",
    "Acquire::Retries=2",
    "Acquire::http::Timeout=30",
    "Acquire::https::Timeout=30",
)
_URI = re.compile(r"^'(?P<uri>[^']+)' (?P<file>\S+\.deb) (?P<size>\d+)\b")
_FIELD = re.compile(r"[A-Z][\w-]*: ")
_KERNEL_PART = re.compile(r"linux-(?:image|modules)-\d[^\s,|]*")


class Package(NamedTuple):
    """One archive: ``size`` in bytes, ``sha256`` as the signed package lists say it, empty where it was not asked."""

    name: str
    version: str
    size: int
    sha256: str = ""


def parse_uris(output: str) -> list[Package]:
    """The packages that ``apt-get --print-uris`` names; its other lines are talk."""
    packages = []
    for line in output.splitlines():
        if match := _URI.match(line):
            name, version, _ = unquote(match["file"]).rsplit("_", 2)
            packages.append(Package(name, version, int(match["size"])))
    return packages


def parse_kernel_parts(control: str) -> list[str]:
    """The packages with a kernel's image and modules that a metapackage depends on, from its control fields."""
    depends = next((line for line in control.splitlines() if line.startswith("Depends:")), "")
    return list(dict.fromkeys(_KERNEL_PART.findall(depends)))


class Apt:
    """apt with private directories below ``cache``; nothing of the host's is changed.

    The host's package lists serve as long as they do; :meth:`update` fetches lists of our own. With a ``suite``
    ("backports") it knows that suite of the host's release alone, by a source list of its own. With ``status`` (a
    dpkg status file) it plans for another host than this one.
    """

    def __init__(
        self, cache: Path, progress: Progress, suite: str | None = None, status: Path | None = None
    ) -> None:
        if not available():
            raise LabUnavailable("the lab needs apt-get and dpkg-deb (Debian or Ubuntu) to fetch a guest kernel")
        self.archives = cache / "archives"
        self.progress = progress
        self.updated = False
        self._suite = suite
        self._status = status
        part = f"-{suite}" if suite else ""
        self._sources = cache / f"apt{part}.sources"
        self._lists = cache / f"apt-lists{part}"
        self._cache = cache / "apt-cache" / (suite or "")
        self._complaint = ""
        for directory in (self.archives, self._lists / "partial", self._cache / "archives/partial"):
            directory.mkdir(parents=True, exist_ok=True)

    def update(self) -> None:
        """Fetches package lists. A failure is only remembered: the other lists may do (a foreign source is down)."""
        self.progress(f"fetching the package lists of {self._suite}" if self._suite else "fetching package lists")
        self.updated = True
        if self._suite:
            command = ("apt-get", "indextargets", "--format", FORMAT, "Created-By: Packages")
            self._sources.write_text(source_list(parse_targets(run_apt(command).stdout), self._suite))
        result = self._call("apt-get", "update", own_lists=True)
        complaints = [line[3:] for line in result.stderr.splitlines() if "Failed to fetch" in line]
        self._complaint = f"; apt-get update: {complaints[0]}" if complaints else ""

    def lacking(self, names: Iterable[str]) -> list[Package]:
        """What must be fetched so that ``names`` and all they depend on are there, beside what the host has."""
        plan = ("--print-uris", "-y", "--no-install-recommends", "--no-upgrade", "install")
        return parse_uris(self._run("apt-get", *plan, *names))

    def kernel(self, metapackages: Sequence[str]) -> list[Package]:
        """The packages that hold the newest kernel that one of ``metapackages`` names, image and modules."""
        if self._suite and not any(self._lists.glob("*Release")):
            self.update()
        for metapackage in metapackages:
            shown = self._call("apt-cache", "show", "--no-all-versions", metapackage)
            names = parse_kernel_parts(shown.stdout)
            packages = []
            for name in names:
                control = self._run("apt-cache", "show", "--no-all-versions", name)
                packages.append(_package(name, control))
                names += [part for part in parse_kernel_parts(control) if part not in names]
            if packages:
                return packages
        raise LabUnavailable(f"apt knows none of {', '.join(metapackages)}: no guest kernel{self._complaint}")

    def known(self, name: str, version: str) -> Package | None:
        """That very version if the package lists still name it."""
        shown = self._call("apt-cache", "show", f"{name}={version}")
        return None if shown.returncode or not shown.stdout.strip() else _package(name, shown.stdout)

    def described(self, packages: Sequence[Package]) -> list[Package]:
        """The same packages with their SHA-256."""
        shown = self._run("apt-cache", "show", *(f"{package.name}={package.version}" for package in packages))
        return [_package("", stanza) for stanza in shown.split("\n\n") if stanza.strip()]

    def download(self, packages: Sequence[Package]) -> None:
        """Fetches into the archive directory what is not there yet; apt checks signatures and sums."""
        missing = [package for package in packages if self._find(package) is None]
        if missing:
            size = sum(package.size for package in missing) / 1e6
            self.progress(f"fetching {len(missing)} packages, {size:.1f} MB")
            self._run("apt-get", "download", *(f"{package.name}={package.version}" for package in missing))

    def archive(self, package: Package) -> Path:
        found = self._find(package)
        if found is None:
            raise LabUnavailable(f"apt-get download left {package.name} {package.version} out; run it again")
        return found

    def _find(self, package: Package) -> Path | None:
        pattern = f"{package.name}_{package.version.replace(':', '%3a')}_*.deb"
        return next((path for path in self.archives.glob(pattern) if path.stat().st_size == package.size), None)

    def _run(self, program: str, *arguments: str) -> str:
        result = self._call(program, *arguments)
        if result.returncode:
            action = next(word for word in arguments if not word.startswith("-"))
            raise LabUnavailable(f"{program} {action} failed: {apt_error(result.stderr)}{self._complaint}")
        return result.stdout

    def _call(self, program: str, *arguments: str, own_lists: bool = False) -> subprocess.CompletedProcess[str]:
        options = [*_PRIVATE, f"Dir::Cache={self._cache}"]
        if own_lists or self._suite or any(self._lists.glob("*Release")):
            options.append(f"Dir::State::lists={self._lists}")
        if self._suite:
            options += [f"Dir::Etc::sourcelist={self._sources}", "Dir::Etc::sourceparts=/dev/null"]
        if self._status:
            options.append(f"Dir::State::status={self._status}")
        # apt that goes on after its caller was killed would write into a directory that another set-up has by then.
        dying = ["setpriv", "--pdeathsig", "KILL", "--"] if shutil.which("setpriv") else []
        command = [*dying, program, *arguments, *(word for option in options for word in ("-o", option))]
        return run_apt(command, self.archives)


def _package(name: str, control: str) -> Package:
    stanza = control.split("\n\n", 1)[0]
    fields = dict(line.split(": ", 1) for line in stanza.splitlines() if _FIELD.match(line))
    return Package(name or fields["Package"], fields["Version"], int(fields["Size"]), fields.get("SHA256", ""))


def available() -> bool:
    """Whether this host has the programs that fetch and unpack packages."""
    return shutil.which("apt-get") is not None and shutil.which("dpkg-deb") is not None


def run_apt(command: Sequence[str], directory: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    try:
        return subprocess.run(
            command, cwd=directory, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
    except OSError as error:
        raise LabUnavailable(f"{command[0]} cannot be run: {error.strerror}") from None


def apt_error(stderr: str) -> str:
    """The first error line of apt's, without its prefix."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line.removeprefix("E: ") for line in lines if line.startswith("E: ")]
    return (errors or lines[-1:] or ["no reason given"])[0]


def unpack(archive: Path, root: Path, wanted: Callable[[str], bool]) -> None:
    """Unpacks the files of a package that are ``wanted`` (asked with the path on a merged /usr) below ``root``."""
    process = subprocess.Popen(
        ["dpkg-deb", "--fsys-tarfile", str(archive)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            with tarfile.open(fileobj=process.stdout, mode="r|") as tar:
                for member in tar:
                    path = merged_path(member.name)
                    if path and not path.startswith(UNWANTED) and (member.isdir() or wanted(path)):
                        _extract(tar, member, root, path)
            while process.stdout.read(1 << 16):
                pass
        except tarfile.TarError:
            process.kill()
        message = process.stderr.read().decode(errors="replace").strip().splitlines()
    if process.returncode:
        archive.unlink(missing_ok=True)
        raise LabUnavailable(f"{archive.name} cannot be unpacked ({(message or ['damaged'])[-1]}); run it again")


def merged_path(name: str) -> str | None:
    """A package's path on a merged /usr, without a leading slash; None for the root and for one that escapes."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if not parts or ".." in parts:
        return None
    if parts[0] in MERGED:
        parts.insert(0, "usr")
    return "/".join(parts)


def link_merged(root: Path) -> None:
    """Gives a tree the links of a merged /usr, for programs that look below it (depmod) and the overlay's root."""
    for name in MERGED:
        (root / "usr" / name).mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(f"usr/{name}")


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, root: Path, path: str) -> None:
    target = root / path
    if member.isdir():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if member.issym():
        target.symlink_to(member.linkname)
    elif member.islnk():
        target.hardlink_to(root / (merged_path(member.linkname) or ""))
    elif member.isfile():
        source = tar.extractfile(member)
        assert source is not None
        with target.open("wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
        target.chmod(member.mode & 0o777 | 0o400)
