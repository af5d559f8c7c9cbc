"""The map on paper: the SVG as it is, or a PDF made by a browser of this machine.

A PDF carries its letters with it. Chinese needs a font of many megabytes that no Python package may bring along, and PDF
libraries that only name one leave blanks where the reader's machine lacks it. A browser has the fonts of its machine and
puts the letters used into the file; where there is none, the SVG is opened in any browser and printed on A3.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from ivr.core.errors import OperatorError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
PATIENCE_S = 120
PAGE = """<!doctype html><meta charset="utf-8"><style>@page{{size:420mm 297mm;margin:0}}body{{margin:0}}
svg{{display:block}}</style>{svg}"""


def save(svg: str, target: Path) -> None:
    """Write the map; the ending says how. Raises `OperatorError` for another ending, or a PDF without a browser."""
    if target.suffix == ".svg":
        target.write_text(svg, encoding="utf-8")
    elif target.suffix == ".pdf":
        _print(svg, target)
    else:
        raise OperatorError(f"{target}: a map is written as .svg or .pdf")


def _print(svg: str, target: Path) -> None:
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise OperatorError(
            f"{target}: a PDF with Chinese letters is made by a browser, and this machine has none ({', '.join(BROWSERS[:3])}); "
            f"write {target.with_suffix('.svg').name}, open it in a browser and print it on A3 landscape"
        )
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "map.html"
        page.write_text(PAGE.format(svg=svg), encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile"]
        printing = [f"--print-to-pdf={target.resolve()}", "--no-pdf-header-footer", page.as_uri()]
        done = subprocess.run([browser, *options, *printing], capture_output=True, check=False, timeout=PATIENCE_S)  # noqa: S603 - the page is ours, and loads nothing
    if done.returncode or not target.is_file():
        raise OperatorError(
            f"{target}: {browser} could not print it: {done.stderr.decode(errors='replace')[-200:].strip()}"
        )
