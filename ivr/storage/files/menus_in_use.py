"""The menus in service, taken up anew while calls go on.

A changed folder is read when it has come to rest; it is taken whole or not at all, and what was good stays. Every
version that has been in service is kept with its source (`MenuArchive`), so that a call finishes in the words it began
with, also in another process or after a restart, and what it was told can be read later. A process that starts
beside a broken file goes on with the version that was last in service.

Over the folder stand what pages have chosen (a version that was in service before, or one that was proposed) and what
they have set (`core.overlays`). Both are read from SQL at every look; while SQL is away the last known hold.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from ivr.core.errors import Problem, Unavailable
from ivr.core.menu_rows import ChoiceRow
from ivr.core.menus import MenuTree
from ivr.core.overlays import Overlay, laid
from ivr.storage.files import build, yaml_nodes
from ivr.storage.files.menus import Menus, check_menu, clashes, menu_files
from ivr.storage.files.problems import Problems, refusal
from ivr.storage.files.schema import MenuFile
from ivr.workflows.ports import MenuArchive, MenuSource

KEPT = 50
"""Older versions kept in memory; a call outlives few changes of the menu."""
Signature = tuple[tuple[str, int, int], ...]


class Settings(Protocol):
    def read(self) -> Overlay:
        """Raises `Unavailable`."""


class Choices(Protocol):
    """Raises `Unavailable`."""

    def choices(self) -> Sequence[ChoiceRow]: ...

    def find(self, version: str) -> MenuSource | None: ...


class MenusInUse:
    """The port `Menus`, and what `WatchMenus` asks of it."""

    def __init__(
        self,
        folder: Path,
        *,
        recordings: Path | None = None,
        archive: MenuArchive | None = None,
        settings: Settings | None = None,
        choices: Choices | None = None,
    ) -> None:
        """Raises `OperatorError` when a file is wrong of which no good version is known."""
        self._folder = folder
        self._recordings = recordings
        self._archive = archive
        self._settings = settings
        self._choices = choices
        self._overlay = Overlay()
        self._chosen: tuple[ChoiceRow, ...] = ()
        self._shown: dict[str, MenuTree] = {}
        self._lock = threading.Lock()
        self._older: dict[str, MenuTree] = {}
        self._unknown: set[str] = set()
        self._unkept: tuple[MenuSource, ...] = ()
        self._seen = self._loaded = _signature(folder)
        self.refused: tuple[Problem, ...] = ()
        """What is wrong with the folder as it stands; the menus in service are those of before."""
        self._files = self._plain = self._first()
        self._menus = Menus(trees=self._files)
        self._read_over()
        self._settle()

    # ---- the port ------------------------------------------------------------------------------------------------

    @property
    def trees(self) -> tuple[MenuTree, ...]:
        return self._menus.trees

    def by_number(self, dialled: str) -> MenuTree:
        return self._menus.by_number(dialled)

    def by_version(self, version: str) -> MenuTree | None:
        """A version in service, or one that was; None when nobody knows it, or it cannot be read now."""
        found = self._menus.by_version(version)
        if found is not None:
            return found
        older = self._older.get(version) or self._from_archive(version)
        return self._laid(older) if older is not None else None

    def by_hotline(self, hotline: str) -> MenuTree | None:
        return self._menus.by_hotline(hotline)

    @property
    def plain(self) -> tuple[MenuTree, ...]:
        """In service, without what was set over them."""
        return self._plain

    @property
    def files(self) -> tuple[MenuTree, ...]:
        """As the folder has them, whatever was chosen."""
        return self._files

    # ---- changes -------------------------------------------------------------------------------------------------

    def changed(self) -> bool:
        """Whether the folder differs from what was read last and is at rest since the last look."""
        now, before = _signature(self._folder), self._seen
        self._seen = now
        return now == before and now != self._loaded

    def reload(self) -> bool:
        """Read the folder; True when other versions are in service now. Raises `OperatorError` and keeps what was good."""
        with self._lock:
            self._loaded = self._seen = _signature(self._folder)
            self._unknown.clear()
            fresh, sources, self.refused = _read(self._folder, self._recordings)
            if self.refused:
                raise refusal(self.refused)
            self._unkept = sources
            self._files = fresh
            taken = self._settle()
            self._keep()
            return taken

    def look_over(self) -> bool:
        """Take up what pages have set or chosen; True when other versions are in service now."""
        with self._lock:
            return self._read_over() and self._settle()

    def _read_over(self) -> bool:
        """Whether something is other than before."""
        before = (self._overlay, self._chosen)
        try:
            if self._settings is not None:
                self._overlay = self._settings.read()
            if self._choices is not None:
                self._chosen = tuple(self._choices.choices())
        except Unavailable:
            return False
        return before != (self._overlay, self._chosen)

    def _settle(self) -> bool:
        """Put into service what folder, choices and settings come to."""
        before = {tree.version: tree for tree in self._plain}
        self._plain = tuple(self._in_place_of(tree) for tree in self._files)
        self._older = dict(list({**self._older, **before}.items())[-KEPT:])
        self._shown = {}
        self._menus = Menus(trees=tuple(self._laid(tree) for tree in self._plain))
        return set(before) != {tree.version for tree in self._plain}

    def _in_place_of(self, tree: MenuTree) -> MenuTree:
        """The version that was chosen over this one of the folder; itself when there is none, or it cannot be read."""
        chosen = next((one for one in self._chosen if (one.hotline, one.over) == (tree.hotline, tree.version)), None)
        if chosen is None or self._choices is None:
            return tree
        try:
            source = self._choices.find(chosen.version)
        except Unavailable:
            return self._older.get(chosen.version, tree)
        found = rebuild(source) if source else None
        if source is None or found is None or found.hotline != tree.hotline:
            return tree
        self._unkept = (*(one for one in self._unkept if one.version != source.version), source)
        return found

    def _laid(self, tree: MenuTree) -> MenuTree:
        shown = self._shown.get(tree.version)
        if shown is None:
            shown = self._shown[tree.version] = laid(tree, self._overlay)
        return shown

    def keep(self) -> None:
        """Put what is in service into the archive, if that is still to be done."""
        with self._lock:
            self._unknown.clear()
            self._keep()

    def _keep(self) -> None:
        if self._archive is None:
            return
        try:
            self._archive.keep(self._unkept)
        except Unavailable:
            return  # it is tried again at the next look
        self._unkept = ()

    def _first(self) -> tuple[MenuTree, ...]:
        trees, self._unkept, problems = _read(self._folder, self._recordings)
        if not problems:
            return trees
        self.refused = problems
        if (last := self._last_good()) is None:
            raise refusal(problems)
        self._unkept = ()
        return last

    def _last_good(self) -> tuple[MenuTree, ...] | None:
        """Each file's version that was last in service, where the folder cannot be used; None when one is missing."""
        if self._archive is None:
            return None
        trees = []
        for file in menu_files(self._folder):
            try:
                source = self._archive.newest(file.name)
            except Unavailable:
                return None
            if source is None or (tree := rebuild(source)) is None:
                return None
            trees.append(tree)
        return tuple(trees) or None

    def _from_archive(self, version: str) -> MenuTree | None:
        if self._archive is None or not version or version in self._unknown:
            return None
        try:
            source = self._archive.source(version)
        except Unavailable:
            source = None
        tree = rebuild(source) if source else None
        with self._lock:
            if tree is None:
                self._unknown.add(version)  # asked again after the next look
            else:
                self._older[version] = tree
        return tree


def rebuild(source: MenuSource) -> MenuTree | None:
    """The tree of a version that was judged when it came into service; None when this program cannot read it any more."""
    problems = Problems(source.file)
    document = yaml_nodes.parse(source.text.encode(), problems)
    if document is None:
        return None
    try:
        return build.build(MenuFile.model_validate(document.value), source.version, problems)
    except (ValidationError, LookupError, ValueError):
        return None


def _read(
    folder: Path, recordings: Path | None
) -> tuple[tuple[MenuTree, ...], tuple[MenuSource, ...], tuple[Problem, ...]]:
    """The trees of a folder, their sources, and what keeps it from being used as a whole."""
    files = menu_files(folder)
    if not files:
        return (), (), (Problem(file=str(folder), line=1, path=(), message="holds no menu: put a .yaml file there"),)
    checked = {file: check_menu(file, recordings=recordings) for file in files}
    trees = {file: result.tree for file, result in checked.items() if result.tree is not None}
    problems = [problem for result in checked.values() for problem in result.problems if not problem.warning]
    problems += clashes(trees.items())
    sources = [
        MenuSource(hotline=tree.hotline, version=tree.version, file=file.name, text=checked[file].text)
        for file, tree in trees.items()
    ]
    return tuple(trees.values()), tuple(sources), tuple(problems)


def _signature(folder: Path) -> Signature:
    """What changes when a file does: its name, its time, its size."""
    found = []
    for file in menu_files(folder):
        try:
            stat = file.stat()
        except OSError:
            continue
        found.append((file.name, stat.st_mtime_ns, stat.st_size))
    return tuple(found)
