"""The page in a real browser: nothing it complains of, no sideways scrolling on a wide or a narrow screen, and parts
that can be reached with the keyboard. Skipped where there is no Chromium."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from report_sample import hub, run

from sapper.lab.page.document import lab_page

WIDTHS = (1280, 390)
_HARNESS = """<!doctype html><meta charset="utf-8"><title>measuring</title><body><script>
const found = {};
async function measure(width) {
  const frame = document.createElement("iframe");
  frame.style.cssText = `width:${width}px;height:900px;border:0`;
  frame.src = "page.html";
  const loaded = new Promise(resolve => frame.onload = resolve);
  document.body.append(frame);
  await loaded;
  const page = frame.contentDocument, root = page.documentElement;
  const closed = root.scrollWidth;
  page.querySelectorAll("details").forEach(part => part.open = true);
  const marks = page.querySelectorAll(".timeline .mark > title").length;
  const boxes = [...page.querySelectorAll(".wide")];
  found[width] = {closed, open: root.scrollWidth, marks,
    unreachable: boxes.filter(box => box.scrollWidth > box.clientWidth + 1 && box.tabIndex !== 0).length,
    hidden: [...page.querySelectorAll("main svg")].filter(part => part.getBoundingClientRect().width < 10).length};
  frame.remove();
}
(async () => {
  for (const width of WIDTHS) await measure(width);
  const result = document.createElement("pre");
  result.textContent = "found:" + JSON.stringify(found) + ":end";
  document.body.append(result);
})();
</script>"""


@pytest.fixture(scope="module")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium")
    return found


def browse(chromium: str, directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"]
    command += [
        f"--user-data-dir={directory / 'profile'}",
        "--enable-logging=stderr",
        "--disable-extensions",
        *words,
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def measured(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """What the harness measured at each width, and what the browser complained of."""
    directory = tmp_path_factory.mktemp("page")
    (directory / "page.html").write_text(lab_page([run(nat=True), hub(6)], made="2024-05-06"))
    harness = directory / "harness.html"
    harness.write_text(_HARNESS.replace("WIDTHS", json.dumps(WIDTHS)))
    done = browse(
        chromium,
        directory,
        "--window-size=1400,1000",
        "--virtual-time-budget=20000",
        "--dump-dom",
        harness.as_uri(),
    )
    told = re.search(r"found:(\{.*?\}):end</pre>", done.stdout)
    assert told is not None, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(told.group(1))
    return found, done.stderr


def test_the_browser_has_nothing_to_complain_of(measured: tuple[dict[str, Any], str]) -> None:
    assert not [line for line in measured[1].splitlines() if "CONSOLE" in line]


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_does_not_scroll_sideways(measured: tuple[dict[str, Any], str], width: int) -> None:
    found = measured[0][str(width)]
    assert found["closed"] <= width
    assert found["open"] <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_what_scrolls_by_itself_can_be_reached_with_the_keyboard(
    measured: tuple[dict[str, Any], str], width: int
) -> None:
    found = measured[0][str(width)]
    assert found["unreachable"] == 0
    assert found["hidden"] == 0
    assert found["marks"] > 100
