"""``sapper check --certificate FILE`` and ``--verify FILE``: files and messages; what is proved is in the room below.

Exit status of ``--verify``: 0 the certificate fits and no property fails; 1 it does not fit (one line says why), or it
fits and a property in it is refuted or unknown; 2 the file is no certificate.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Literal

import msgspec

from sapper import __version__
from sapper.certificate.check import verify
from sapper.certificate.document import Certificate, decoded, encoded, reason_of
from sapper.certificate.given import Given
from sapper.certificate.refused import Misfit, NoCertificate
from sapper.cli.failure import FINDINGS, Unusable
from sapper.cli.model_version import model_version
from sapper.cli.output import write_file
from sapper.cli.project import Projects
from sapper.cli.source import Input
from sapper.cli.terminal import print_json, write
from sapper.config.source import UnreadableText, printable
from sapper.proof.verdict import PropertyVerdict
from sapper.rules.check import fails

_LARGEST_BYTES = 1024 * 1024 * 1024


class VerificationReport(msgspec.Struct, frozen=True, kw_only=True):
    """The document of ``--verify``. ``reason`` says why the certificate does not fit.

    ``members`` counts the packets that were walked again; ``failing`` names the properties that are not proved.
    """

    schema: Literal["sapper/verify/1"] = "sapper/verify/1"
    certificate: str
    fits: bool
    reason: str | None = None
    tunnels: int = 0
    verdicts: int = 0
    cells: int = 0
    members: int = 0
    failing: tuple[str, ...] = ()


def write_certificate(file: str, inputs: Sequence[Input], projects: Projects, target: str | None) -> None:
    """Prove the inputs once more, and put down what that covers."""
    from sapper.certificate.write import certify

    try:
        certificate = certify(_given(inputs, projects), target, model_version(), __version__)
    except UnreadableText as error:
        raise Unusable(f"{error}; so no certificate is written", None) from None
    write_file(Path(file), encoded(certificate).decode())


def verify_certificate(options: Namespace, inputs: Sequence[Input], projects: Projects) -> int:
    """Hold a certificate against the inputs and say what comes of it; the exit status."""
    form = options.format
    if options.certificate is not None:
        raise Unusable("--certificate writes one and --verify reads one: say one of them", "check")
    if form not in ("text", "json"):
        raise Unusable(f"--verify gives text or json, not {form}", "check")
    certificate = _read(options.verify)
    name = printable(options.verify)
    try:
        found = verify(certificate, _given(inputs, projects), options.target, model_version())
    except UnreadableText as error:
        raise Unusable(str(error), None) from None
    except Misfit as misfit:
        reason = printable(" ".join(str(misfit).split()))
        if form == "json":
            print_json(VerificationReport(certificate=name, fits=False, reason=reason))
        sys.stderr.write(f"{name}: does not fit: {reason}\n")
        return FINDINGS
    failing = tuple(_failing(certificate))
    report = VerificationReport(certificate=name, fits=True, failing=failing, **msgspec.structs.asdict(found))
    if form == "json":
        print_json(report)
    else:
        write(_text(report))
    return FINDINGS if failing else 0


def _text(report: VerificationReport) -> str:
    counted = f"{report.tunnels} tunnels, {report.verdicts} verdicts, {report.cells} cells"
    lines = [f"{report.certificate}: fits: {counted}; {report.members} of their packets were walked again"]
    lines += [f"  {line}" for line in report.failing]
    return "\n".join(lines) + "\n"


def _failing(certificate: Certificate) -> list[str]:
    found = []
    for router in certificate.routers:
        for tunnel in router.tunnels:
            for name, part in tunnel.properties.items():
                verdict = PropertyVerdict(verdict=part.verdict, reason=reason_of(certificate, part))
                if fails(verdict):
                    where = f" in {', '.join(part.failing_states)}" if part.failing_states else ""
                    found.append(f"{router.path}: {tunnel.name} {name}: {part.verdict}{where}")
    return found


def _given(inputs: Sequence[Input], projects: Projects) -> list[Given]:
    found = []
    for entry in inputs:
        if entry.failure is not None:
            place = f"{entry.path}:{entry.place.line}:{entry.place.column}"
            raise Unusable(f"{place}: {entry.failure}; a certificate needs every input", None)
        project = projects.of(entry.path)
        text = next((text for known, text in projects.texts() if known is project), None)
        found.append(Given(PurePath(entry.path).name, entry.text, project, text))
    return found


def _read(file: str) -> Certificate:
    name = printable(file)
    try:
        with Path(file).open("rb") as stream:
            text = stream.read(_LARGEST_BYTES)
        return decoded(text)
    except OSError as error:
        raise Unusable(f"{name}:1:1: {error.strerror}", None) from None
    except NoCertificate as error:
        raise Unusable(f"{name}:1:1: {error}", None) from None
