"""Versions of the menus as pages show them: see, compare, check, propose, put into service, go back.

The file in the menus' folder is in service until another version is chosen here. A version may be chosen that was in service before
(to go back), or one that was proposed: written on the page, checked as `ivr menu check` does, and put into service by somebody
else than who wrote it (`RELIABILITY.md` 3.2). A choice ends when it is taken back, and when the file changes after it: who edits the
file means it. Calls in progress finish on the version they began with; nothing is restarted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.core.errors import Problem, RequestError
from ivr.core.menu_rows import ChoiceRow, VersionRow
from ivr.core.menus import MenuTree
from ivr.workflows.ports import Clock, MenuSource

LARGEST = 256 * 1024


class Book(Protocol):
    """Raises `Unavailable`."""

    def versions(self, hotline: str) -> Sequence[VersionRow]:
        """Newest first."""

    def find(self, version: str) -> MenuSource | None: ...

    def propose(self, source: MenuSource, *, who: str, at: datetime) -> None: ...

    def choose(self, one: ChoiceRow, *, before: str) -> None: ...

    def let_go(self, hotline: str, *, before: str, who: str, at: datetime) -> None: ...


class Choices(Protocol):
    def choices(self) -> Sequence[ChoiceRow]:
        """Raises `Unavailable`."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A text, judged as a menu file."""

    tree: MenuTree | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True)
class KeepMenus:
    book: Book
    chosen: Choices
    live: Callable[[], Sequence[MenuTree]]
    """In service now."""
    files: Callable[[], Sequence[MenuTree]]
    """As the folder has them."""
    judge: Callable[[str, str], Judged]
    """A text under the name of a file."""
    rebuilt: Callable[[MenuSource], MenuTree | None]
    compare: Callable[[MenuTree, MenuTree], Iterable[str]]
    look: Callable[[], None]
    """Take up at once what was chosen, here or at another process."""
    clock: Clock

    def tree(self, hotline: str) -> MenuTree:
        """In service; of the first hotline for no name. Raises `RequestError`."""
        found = [tree for tree in self.live() if not hotline or tree.hotline == hotline]
        if not found:
            raise RequestError("there is no such hotline", status=404, error_id="hotline_unknown")
        return found[0]

    def choice(self, hotline: str) -> ChoiceRow | None:
        """What is chosen here instead of the file, if it is in service."""
        found = [one for one in self.chosen.choices() if one.hotline == hotline]
        return found[0] if found and found[0].version == self.tree(hotline).version else None

    def source(self, version: str) -> MenuSource:
        """Raises `RequestError`."""
        found = self.book.find(version)
        if found is None:
            raise RequestError("there is no such version", status=404, error_id="version_unknown")
        return found

    def difference(self, old: str, new: str) -> Sequence[str]:
        """One line for each difference. Raises `RequestError`."""
        trees = [self.rebuilt(self.source(version)) for version in (old, new)]
        if trees[0] is None or trees[1] is None:
            raise RequestError("this version cannot be read any more", status=409, error_id="version_unreadable")
        return list(self.compare(trees[0], trees[1]))

    def check(self, hotline: str, text: str) -> Judged:
        """As a file of this hotline. Raises `RequestError`."""
        tree = self.tree(hotline)
        if len(text.encode()) > LARGEST:
            raise RequestError("a menu has at most 256 KiB", status=413, error_id="menu_large")
        return self.judge(text, self._file(tree))

    def propose(self, hotline: str, text: str, *, who: str) -> Judged:
        """Keep it, when nothing refuses it. Raises `RequestError`."""
        tree, judged = self.tree(hotline), self.check(hotline, text)
        if judged.tree is None:
            return judged
        if judged.tree.hotline != tree.hotline:
            raise RequestError("this is the menu of another hotline", status=422, error_id="menu_hotline")
        if judged.tree.version == tree.version:
            raise RequestError("this is what is in service", status=409, error_id="menu_same")
        source = MenuSource(hotline=tree.hotline, version=judged.tree.version, file=self._file(tree), text=text)
        self.book.propose(source, who=who, at=self.clock.now())
        return judged

    def activate(self, hotline: str, version: str, *, who: str) -> None:
        """From the next call on. Raises `RequestError`."""
        self.look()  # somebody else may just have chosen, at another process
        tree, source = self.tree(hotline), self.source(version)
        row = next((one for one in self.book.versions(tree.hotline) if one.version == version), None)
        if row is None or source.hotline != tree.hotline:
            raise RequestError("there is no such version", status=404, error_id="version_unknown")
        if row.first_used is None and row.proposed_by == who:
            raise RequestError("somebody else must look at it", status=403, error_id="menu_own")
        if version == tree.version:
            return
        judged = self.judge(source.text, source.file)
        if judged.tree is None:
            raise RequestError("this version is refused today", status=409, error_id="version_refused")
        over = next((one.version for one in self.files() if one.hotline == tree.hotline), "")
        choice = ChoiceRow(hotline=tree.hotline, version=version, over=over, chosen_at=self.clock.now(), chosen_by=who)
        if version == over:
            self.book.let_go(tree.hotline, before=tree.version, who=who, at=self.clock.now())
        else:
            self.book.choose(choice, before=tree.version)
        self.look()

    def back_to_file(self, hotline: str, *, who: str) -> None:
        """Raises `RequestError`."""
        self.look()
        tree = self.tree(hotline)
        if self.choice(tree.hotline) is not None:
            self.book.let_go(tree.hotline, before=tree.version, who=who, at=self.clock.now())
            self.look()

    def _file(self, tree: MenuTree) -> str:
        found = self.book.find(tree.version)
        return found.file if found else f"{tree.hotline}.yaml"
