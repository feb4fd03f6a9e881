"""What a lab run leaves on disk where it is asked to: captures below a directory, and one HTML page."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sapper.cli.failure import Refused
from sapper.lab.pcap import Capture, write_captures
from sapper.lab.result import LabRun

Page = Callable[[Sequence[Capture], Path, str], str]


def write_files(
    runs: Sequence[LabRun], pcap: Path | None, report: Path | None, page: Page, progress: Callable[[str], None]
) -> None:
    """Write the captures and the page, where they are wanted. Raises Refused where the system says no.

    ``page`` makes its text from the captures that were written, the directory that it will lie in, and a date.
    """
    try:
        captures = write_captures(runs, pcap) if pcap else []
        if pcap:
            progress(f"{len(captures)} captures below {pcap}")
        if report:
            report.parent.mkdir(parents=True, exist_ok=True)
            text = page(captures, report.parent, time.strftime("%Y-%m-%d %H:%M %Z"))
            report.write_text(text, "utf-8", "backslashreplace")
            progress(f"page in {report}")
    except OSError as error:
        raise Refused(f"{error.filename or pcap or report}: {error.strerror}", "lab run") from None
