"""What is joined for the time after a call: ratings, and what a supervisor follows up. Part of the switchboard."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ivr.core.consents import ConsentNoted
from ivr.core.message_orders import MessagePromised
from ivr.core.survey_orders import FollowUpPromised, SurveyAsking
from ivr.storage.redis.tallies import Tallies
from ivr.telephony.numbers import e164, masked, spelled
from ivr.workflows.ask_to_rate import AskToRate, TellOfSurveys
from ivr.workflows.hear_message import HearMessage, ReviewMessage
from ivr.workflows.look_after import LookAfter
from ivr.workflows.my_day import ShowMyDay
from ivr.workflows.open_matter import OpenMatter
from ivr.workflows.own_follow_ups import OwnFollowUps
from ivr.workflows.plan_breaks import PlanBreaks
from ivr.workflows.report_promises import ReportPromises
from ivr.workflows.reveal_number import RevealNumber
from ivr.workflows.take_text import TakeText
from ivr.workflows.transcribe import Transcribe

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from ivr.storage.sql.consents import Consents
    from ivr.storage.sql.follow_ups import FollowUps
    from ivr.storage.sql.message_box import MessageBox
    from ivr.storage.sql.surveys import Surveys
    from ivr.telephony.twilio.sounds import TwilioSounds
    from ivr.wiring import Switchboard

HEARD = "heard"
"""What an address is sealed for that leads to a sound."""


class AfterTheCall:
    """Made when it is first asked for; opens nothing."""

    def __init__(self, of: Switchboard) -> None:
        self._of = of

    def surveys(self, engine: Engine) -> Surveys:
        from ivr.storage.sql.surveys import Surveys

        return Surveys(engine, self._of.seals)

    def consents(self, engine: Engine) -> Consents:
        from ivr.storage.sql.consents import Consents

        return Consents(engine, self._of.seals)

    @cached_property
    def follow_ups(self) -> FollowUps:
        from ivr.storage.sql.follow_ups import FollowUps

        return FollowUps(self._of.engine)

    @cached_property
    def messages(self) -> MessageBox:
        from ivr.storage.sql.message_box import MessageBox

        return MessageBox(self._of.engine, self._of.seals)

    @cached_property
    def _sounds(self) -> TwilioSounds:
        from ivr.telephony.twilio.sounds import TwilioSounds

        return TwilioSounds(client=self._of.carrier.client, base=self._of.settings.twilio_api_base)

    def sound(self, recording: str) -> bytes:
        """Only who hears something loads the carrier's library."""
        return self._sounds.sound(recording)

    @cached_property
    def review_message(self) -> ReviewMessage:
        of = self._of
        return ReviewMessage(
            sessions=of.sessions,
            clock=of.clock,
            sound=self.sound,
            seal=lambda text: of.seals.seal(text, place=HEARD),
            unseal=lambda sealed: of.seals.open(sealed, place=HEARD),
        )

    @cached_property
    def hear_message(self) -> HearMessage:
        return HearMessage(messages=self.messages, sound=self.sound, audit=self._of.people.audit, clock=self._of.clock)

    @cached_property
    def reveal(self) -> RevealNumber:
        of = self._of
        return RevealNumber(
            presences=of.presences,
            sessions=of.sessions,
            tallies=Tallies(of.link, of.settings.secret),
            audit=of.people.audit,
            clock=of.clock,
            spelled=spelled,
        )

    @cached_property
    def open_matter(self) -> OpenMatter:
        of = self._of
        return OpenMatter(
            cases=of.desk_cases,
            trees=lambda: of.menus.trees,
            tallies=Tallies(of.link, of.settings.secret),
            audit=of.people.audit,
            clock=of.clock,
            parsed=e164,
            mask=masked,
        )

    @property
    def my_day(self) -> ShowMyDay:
        from ivr.storage.sql.my_day import MyDayRows

        return ShowMyDay(rows=MyDayRows(self._of.engine), clock=self._of.clock, zone=self._of.menus.trees[0].zone)

    @cached_property
    def cases(self) -> LookAfter:
        of = self._of
        return LookAfter(cases=of.desk_cases, trees=lambda: of.menus.trees, clock=of.clock, mask=masked)

    @cached_property
    def own_follow_ups(self) -> OwnFollowUps:
        return OwnFollowUps(own=self._of.desk_cases, cases=self.cases, clock=self._of.clock)

    @cached_property
    def breaks(self) -> PlanBreaks:
        from ivr.storage.sql.my_day import MyDayRows
        from ivr.storage.sql.planned_breaks import PlannedBreaks

        of = self._of
        return PlanBreaks(
            book=PlannedBreaks(of.engine),
            states=MyDayRows(of.engine),
            roster=of.people_roster,
            audit=of.people.audit,
            clock=of.clock,
            zone=of.menus.trees[0].zone,
            new_id=lambda: secrets.token_hex(8),
        )

    def transcribe(self) -> int:
        """Messages written down; none without something that does it."""
        from ivr.storage.transcriber import Transcriber

        command = self._of.settings.transcribe_command
        if not command:
            return 0
        return Transcribe(messages=self.messages, sound=self.sound, write_down=Transcriber(command))()

    @cached_property
    def promises_report(self) -> ReportPromises:
        from ivr.storage.sql.promise_rows import PromiseRows

        return ReportPromises(PromiseRows(self._of.engine), self._of.clock)

    @cached_property
    def writers(self) -> Mapping[type[Any], Any]:
        """How what is promised here is stored, for who has somebody on the line."""
        return {
            SurveyAsking: self.surveys(self._of.voice_engine).write_asking,
            FollowUpPromised: self.follow_ups.write_promise,
            MessagePromised: self.messages.write_promise,
            ConsentNoted: self.consents(self._of.voice_engine).write,
        }

    @cached_property
    def tell_of_surveys(self) -> TellOfSurveys:
        return TellOfSurveys(
            askings=self.surveys(self._of.voice_engine), sessions=self._of.sessions, menus=self._of.menus
        )

    @cached_property
    def take_text(self) -> TakeText:
        from ivr.storage.sql.text_log import TextLog

        of = self._of
        return TakeText(
            askings=self.surveys(of.voice_engine),
            low_ratings=self.follow_ups,
            promises=of.promises,
            log=TextLog(of.voice_engine, of.seals),
            take_call=of.take_call,
            menus=of.menus,
            memory=of.memory,
            facts=of.facts,
            clock=of.clock,
        )

    @cached_property
    def ask_to_rate(self) -> AskToRate:
        return AskToRate(
            askings=self.surveys(self._of.engine),
            low_ratings=self.follow_ups,
            sessions=self._of.sessions,
            menus=self._of.menus,
            texts=self._of.evidence.texts,
            facts=self._of.facts,
            clock=self._of.clock,
        )
