"""Pictures of pages, for the documents and for eyes. A picture costs as much as a small test: without a folder none is taken."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page


@dataclass(frozen=True)
class Pictures:
    folder: Path | None

    def take(self, page: Page, name: str, *, full_page: bool = False) -> None:
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=self.folder / name, full_page=full_page)
