"""A hotline whose menu is changed while people are on the line."""

from __future__ import annotations

from pathlib import Path

import requests

from tests.stories.town import Town


class Hotline:
    """A town with a menu of its own that can be changed."""

    def __init__(self, town: Town, folder: Path):
        self.town = town
        self.menu = folder / "wallet.yaml"

    def changes(self, *pairs: tuple[str, str]) -> None:
        """The file is saved anew; every process looks at it."""
        self.town.passes(1)
        text = self.menu.read_text(encoding="utf-8")
        for old, new in pairs:
            assert old in text, old
            text = text.replace(old, new)
        self.menu.write_text(text, encoding="utf-8")
        self.looks()

    def looks(self) -> None:
        """Twice: a folder is taken up when it is at rest."""
        for _ in range(2):
            self.town.switchboard.watch_menus.look()

    def told(self, path: str) -> str:
        return requests.get(self.town.switchboard.settings.public_url + path, timeout=10).text
