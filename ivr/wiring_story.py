"""What is joined for the pages of single calls. Part of the switchboard."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from ivr.core.ids import Language
from ivr.telephony.numbers import e164, masked
from ivr.web.story_doors import StoryDoors
from ivr.workflows.call_story import TellStory
from ivr.workflows.find_calls import FindCalls
from ivr.workflows.hear_recording import HearRecording
from ivr.workflows.menu_labels import path_labels
from ivr.workflows.report_abandons import ReportAbandons
from ivr.workflows.share_call import ShareCall

if TYPE_CHECKING:
    from ivr.storage.sql.free_rows import FreeRows
    from ivr.wiring import Switchboard


class StoryParts:
    """Made when it is first asked for; opens nothing."""

    def __init__(self, of: Switchboard) -> None:
        self._of = of

    @cached_property
    def find(self) -> FindCalls:
        from ivr.storage.sql.call_list import CallList

        of = self._of
        return FindCalls(
            stored=CallList(of.engine, of.seals),
            clock=of.clock,
            audit=of.people.audit,
            limits=of.reports.limits,
            short=lambda: {topic: limits.short for topic, limits in of.reports.all_limits().items()},
            parsed=e164,
            mask=masked,
        )

    @cached_property
    def tell(self) -> TellStory:
        from ivr.storage.sql.call_books import CallBooks

        of = self._of
        return TellStory(
            records=of.records,
            menus=of.menus,
            consents=of.after.consents(of.engine),
            books=CallBooks(of.engine, of.seals),
            clock=of.clock,
            mask=masked,
        )

    @cached_property
    def hear(self) -> HearRecording:
        of = self._of
        return HearRecording(records=of.records, sound=of.after.sound, audit=of.people.audit, clock=of.clock)

    @cached_property
    def share(self) -> ShareCall:
        from ivr.storage.sql.call_links import CallLinks
        from ivr.wiring_evidence import draw_token

        of = self._of
        return ShareCall(
            links=CallLinks(of.engine, of.seals),
            tell=self.tell,
            audit=of.people.audit,
            clock=of.clock,
            draw=draw_token,
            new_id=lambda: secrets.token_hex(8),
            origin=of.settings.public_url,
        )

    @cached_property
    def _free(self) -> FreeRows:
        from ivr.storage.sql.free_rows import FreeRows

        return FreeRows(self._of.engine)

    @cached_property
    def abandons(self) -> ReportAbandons:
        return ReportAbandons(self._free, lambda: self._of.menus.trees, self._of.clock)

    def keep_roster(self) -> int:
        """Agents whose skills or languages differ from what was noted last; they are noted."""
        return self._free.keep(at=self._of.clock.now())

    @cached_property
    def doors(self) -> StoryDoors:
        return StoryDoors(
            find=self.find, tell=self.tell, hear=self.hear, share=self.share, abandons=self.abandons, path=self._path
        )

    def _path(self, version: str, path: Sequence[str], language: Language) -> tuple[str, ...]:
        return path_labels(self._of.menus.by_version(version), path, language)
