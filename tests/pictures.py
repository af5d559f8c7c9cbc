"""Pictures of pages, for the documents and for eyes. A picture costs as much as a small test: without a folder none is taken.

`python -m tests.pictures TAKEN` puts those that the documents show where they show them.
"""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page

ROOT = Path(__file__).parent.parent
SHOWN = re.compile(r"pictures/([\w-]+)\.png")


@dataclass(frozen=True)
class Pictures:
    folder: Path | None

    def take(self, page: Page | Locator, name: str, *, full_page: bool = False) -> None:
        """Of a page, or of a part of one."""
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            options = {"full_page": True} if full_page else {}
            page.screenshot(path=self.folder / name, **options)


def shown() -> set[str]:
    """Names of the pictures in README and the guides."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    return {name for page in pages for name in SHOWN.findall(page.read_text(encoding="utf-8"))}


def main(taken: Path) -> int:
    """Copy what is shown, the English one of a pair. 1: some were not taken, or are shown nowhere any more."""
    folder = ROOT / "docs" / "pictures"
    missing = []
    for name in sorted(shown()):
        found = next((one for one in (taken / f"{name}.png", taken / f"{name}-en.png") if one.exists()), None)
        if found is None:
            missing.append(name)
        else:
            shutil.copyfile(found, folder / f"{name}.png")
    old = sorted(one.stem for one in folder.glob("*.png") if one.stem not in shown())
    for names, words in ((missing, "not taken"), (old, "shown in no document")):
        if names:
            print(f"{words}: {', '.join(names)}", file=sys.stderr)
    return 1 if missing or old else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
