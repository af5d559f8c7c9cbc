"""What is joined for the pages of administration and for the API's lists. Part of the switchboard."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ivr.core.menus import MenuTree
from ivr.storage.files.menus import check_menu, clashes
from ivr.storage.files.menus_in_use import rebuild
from ivr.storage.sql.api_lists import ApiLists
from ivr.storage.sql.menu_choices import MenuChoices
from ivr.storage.sql.overlay_book import OverlayBook
from ivr.storage.sql.password_links import PasswordLinks
from ivr.storage.sql.shift_book import ShiftBook
from ivr.telephony.numbers import e164, masked
from ivr.workflows.keep_menus import Judged, KeepMenus
from ivr.workflows.keep_people import KeepPeople
from ivr.workflows.keep_queues import KeepQueues
from ivr.workflows.keep_shifts import KeepShifts
from ivr.workflows.keep_teams import KeepTeams
from ivr.workflows.serve_programs import ServePrograms

if TYPE_CHECKING:
    from ivr.wiring import Switchboard


class Administration:
    """Made when it is first asked for; opens nothing."""

    def __init__(self, of: Switchboard) -> None:
        self._of = of

    @cached_property
    def lists(self) -> ApiLists:
        return ApiLists(self._of.engine, self._of.seals)

    @cached_property
    def people(self) -> KeepPeople:
        of = self._of
        return KeepPeople(
            staff=of.people_roster,
            people=of.people,
            resets=PasswordLinks(of.engine),
            presences=of.presences,
            desk=of.desk,
            trees=lambda: of.menus.trees,
            number_of=e164,
            mask=masked,
            set_password=of.people.set_password,
            audit=of.people.audit,
            clock=of.clock,
            draw=lambda: secrets.token_urlsafe(48),
        )

    @cached_property
    def queues(self) -> KeepQueues:
        of = self._of
        return KeepQueues(
            book=OverlayBook(of.engine, of.people.chain),
            files=lambda: of.menus.plain,
            look=self._look,
            clock=of.clock,
        )

    @cached_property
    def teams(self) -> KeepTeams:
        of = self._of
        return KeepTeams(staff=of.people_roster, audit=of.people.audit, clock=of.clock)

    @cached_property
    def shifts(self) -> KeepShifts:
        of = self._of
        return KeepShifts(
            book=ShiftBook(of.engine, of.people.chain),
            staff=of.people_roster,
            zone=lambda: of.menus.trees[0].zone,
            clock=of.clock,
            new_id=lambda: secrets.token_hex(8),
        )

    @cached_property
    def menus(self) -> KeepMenus:
        of, book = self._of, MenuChoices(self._of.engine, self._of.people.chain)
        return KeepMenus(
            book=book,
            chosen=book,
            live=lambda: of.menus.trees,
            files=lambda: of.menus.files,
            judge=self._judged,
            rebuilt=rebuild,
            compare=_compared,
            look=self._look,
            clock=of.clock,
        )

    def _look(self) -> None:
        self._of.menus.look_over()
        self._of.menus.keep()

    def _judged(self, text: str, file: str) -> Judged:
        """As `ivr menu check` does, beside the other hotlines."""
        with tempfile.TemporaryDirectory(prefix="ivr-menu-") as folder:
            path = Path(folder) / "proposed.yaml"
            path.write_text(text, encoding="utf-8")
            checked = check_menu(path, recordings=self._of.settings.recordings_dir, name=file)
        problems = list(checked.problems)
        tree = checked.tree
        if tree is not None:
            others = [(Path(f"{one.hotline}.yaml"), one) for one in self._of.menus.trees if one.hotline != tree.hotline]
            problems += clashes([*others, (Path(file), tree)])
        refused = any(not problem.warning for problem in problems)
        return Judged(tree=None if refused else tree, problems=tuple(problems))

    @cached_property
    def programs(self) -> ServePrograms:
        of = self._of
        return ServePrograms(
            lists=self.lists,
            staff=of.people_roster,
            presences=of.presences,
            mask=masked,
            audit=of.people.audit,
            clock=of.clock,
        )


def _compared(old: MenuTree, new: MenuTree) -> Iterable[str]:
    from ivr.storage.files.menu_diff import compare

    return compare(old, new)
