"""Everything joined together, once per process.

`connect(settings)` makes a `Switchboard`: each part is made when it is first asked for, so a process loads only
what it uses (webhook workers load neither the carrier's REST library nor the migrations). Making a part opens
nothing; connections open on first use.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from ivr.core.callback_orders import CallbackCancelled, CallbackPromised
from ivr.core.cases import CaseOpened
from ivr.core.evidence import LinkSent
from ivr.core.facts import LanguageChosen, Repaired, SpeedChosen, Verified
from ivr.core.ids import E164
from ivr.core.menus import Topic
from ivr.core.verification import CodeOrdered, CodeOver, Proof
from ivr.settings import Settings
from ivr.storage.files.menus_in_use import MenusInUse
from ivr.storage.redis.banners import Banners
from ivr.storage.redis.board import RedisBoard
from ivr.storage.redis.connection import Link, RedisClock
from ivr.storage.redis.facts import RedisFacts
from ivr.storage.redis.feed import FeedHub
from ivr.storage.redis.keys import Keys
from ivr.storage.redis.line import RedisLine
from ivr.storage.redis.matcher import RedisMatcher
from ivr.storage.redis.notes import RedisNotes
from ivr.storage.redis.outbox import RedisOutbox
from ivr.storage.redis.presence import RedisPresences
from ivr.storage.redis.registry import Registry
from ivr.storage.redis.repairs import Counts
from ivr.storage.redis.sessions import RedisSessions
from ivr.storage.redis.signs import Signs
from ivr.storage.redis.timers import RedisTimers
from ivr.telephony import policy
from ivr.telephony.numbers import caller_of, masked
from ivr.telephony.twilio.wire import TwilioWire
from ivr.wiring_after import AfterTheCall
from ivr.wiring_caller import codes_of, draw_code, look_up, notice_repeats, send_codes, tell_of_verification
from ivr.wiring_reports import Reports
from ivr.workflows.agent_presence import AgentDesk
from ivr.workflows.app_ticket import MakeTicket, TellOfTicket
from ivr.workflows.case_desk import CaseDesk
from ivr.workflows.estimate_wait import EstimateWait
from ivr.workflows.incident import SwitchIncident, TellOfIncident
from ivr.workflows.keep_case import KeepCase
from ivr.workflows.keep_record import KeepRecord
from ivr.workflows.match_calls import MatchCalls
from ivr.workflows.pace import Pace
from ivr.workflows.ports import Clock, FactRow
from ivr.workflows.promise_callback import TellOfCallbacks
from ivr.workflows.take_call import TakeCall
from ivr.workflows.take_house import TakeHouse
from ivr.workflows.take_notes import TakeNotes
from ivr.workflows.take_offer import TakeOffer
from ivr.workflows.tell_call import TellCall
from ivr.workflows.text_caller import TextCaller
from ivr.workflows.transfer_call import TransferCall
from ivr.workflows.watch_menus import WatchMenus
from ivr.workflows.wrap_up import EndWrapUp

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from ivr.storage.sql.callbacks import Callbacks
    from ivr.storage.sql.case_desk import DeskCases
    from ivr.storage.sql.cases import Cases
    from ivr.storage.sql.evidence import EvidenceBook
    from ivr.storage.sql.ledger import SqlLedger
    from ivr.storage.sql.memory import Memory
    from ivr.storage.sql.people import People
    from ivr.storage.sql.records import Records
    from ivr.storage.sql.roster import Roster
    from ivr.storage.sql.seals import Seals
    from ivr.storage.sql.tickets import Tickets, Tokens
    from ivr.storage.sql.waits import WaitStatistics
    from ivr.telephony.twilio.carrier import TwilioCarrier
    from ivr.telephony.twilio.rooms import TwilioRooms
    from ivr.web.doors import Site
    from ivr.web.voice import Line
    from ivr.wiring_calling import CallingOut
    from ivr.wiring_carrier import CarrierParts
    from ivr.wiring_evidence import EvidenceParts
    from ivr.wiring_room import RoomParts
    from ivr.wiring_rules import Rules
    from ivr.wiring_story import StoryParts
    from ivr.workflows.call_back import CallBack
    from ivr.workflows.dispatch import Dispatch
    from ivr.workflows.repair import Repair
    from ivr.workflows.watch_board import Board

VOICE_SQL = timedelta(milliseconds=500)
"""Longest that a voice request waits for SQL."""


class Switchboard:
    """All workflows of one process, ready to call."""

    def __init__(self, settings: Settings, *, redis_url: str, clock: Clock | None = None) -> None:
        self.settings = settings
        self.redis_url = redis_url
        self._given_clock = clock
        self.closing = threading.Event()

    # ---- stores ------------------------------------------------------------------------------------------------

    @cached_property
    def link(self) -> Link:
        return Link(self.redis_url, keys=Keys())

    @cached_property
    def clock(self) -> Clock:
        return self._given_clock or RedisClock(self.link)

    @cached_property
    def registry(self) -> Registry:
        return Registry(self.link)

    @cached_property
    def sessions(self) -> RedisSessions:
        return RedisSessions(self.link, self.registry, self.clock)

    @cached_property
    def presences(self) -> RedisPresences:
        return RedisPresences(self.link, self.registry, self.clock)

    @cached_property
    def matcher(self) -> RedisMatcher:
        return RedisMatcher(self.link, self.registry, self.clock)

    @cached_property
    def timers(self) -> RedisTimers:
        return RedisTimers(self.link, self.clock)

    @cached_property
    def outbox(self) -> RedisOutbox:
        return RedisOutbox(self.link, self.clock)

    @cached_property
    def facts(self) -> RedisFacts:
        return RedisFacts(self.link)

    @cached_property
    def feed_hub(self) -> FeedHub:
        return FeedHub(self.link)

    @cached_property
    def repair_counts(self) -> Counts:
        return Counts(self.link, "repairs")

    @cached_property
    def alert_counts(self) -> Counts:
        return Counts(self.link, "alerts")

    @cached_property
    def signs(self) -> Signs:
        return Signs(self.link)

    @cached_property
    def menus(self) -> MenusInUse:
        from ivr.storage.sql.menu_choices import MenuChoices
        from ivr.storage.sql.menu_versions import MenuVersions
        from ivr.storage.sql.overlay_book import OverlayBook

        return MenusInUse(
            self.settings.menus_dir,
            recordings=self.settings.recordings_dir,
            archive=MenuVersions(self.voice_engine, self.clock),
            settings=OverlayBook(self.voice_engine),
            choices=MenuChoices(self.voice_engine),
        )

    @cached_property
    def watch_menus(self) -> WatchMenus:
        return WatchMenus(menus=self.menus)

    @cached_property
    def engine(self) -> Engine:
        from ivr.storage.sql.engine import open_database

        return open_database(self.settings.database_url)

    @cached_property
    def voice_engine(self) -> Engine:
        """SQL for requests with a caller on the line: it answers soon or not at all."""
        from ivr.storage.sql.engine import open_database

        return open_database(self.settings.database_url, statement_timeout=VOICE_SQL)

    @cached_property
    def memory(self) -> Memory:
        from ivr.storage.sql.memory import Memory

        return Memory(self.voice_engine, self.settings.secret, self.clock, old=self.settings.old_secrets)

    def statistics(self, hotline: str) -> WaitStatistics:
        from ivr.storage.sql.waits import WaitStatistics

        return WaitStatistics(self.voice_engine, hotline)

    @cached_property
    def ledger(self) -> SqlLedger:
        from ivr.storage.sql.ledger import SqlLedger

        mine, codes = self.promises, codes_of(self, self.voice_engine)
        return SqlLedger(
            self.voice_engine,
            writers={
                CallbackPromised: mine.write_promise,
                CallbackCancelled: mine.write_cancel,
                CaseOpened: self.cases.write_opened,
                **self.after.writers,
                CodeOrdered: codes.write_order,
                CodeOver: codes.write_over,
                LinkSent: self.evidence_of(self.voice_engine).write_link,
            },
        )

    @cached_property
    def cases(self) -> Cases:
        """Cases, for who has somebody on the line."""
        return self._cases(self.voice_engine)

    @cached_property
    def desk_cases(self) -> DeskCases:
        """Cases for people at screens."""
        from ivr.storage.sql.case_desk import DeskCases

        return DeskCases(self.engine, self.seals)

    def _cases(self, engine: Engine) -> Cases:
        from ivr.storage.sql.cases import Cases

        return Cases(engine, self.seals)

    @cached_property
    def promises(self) -> Callbacks:
        """Callbacks, for who has somebody on the line."""
        return self.promises_of(self.voice_engine)

    @cached_property
    def seals(self) -> Seals:
        """What seals numbers and words, and finds them again."""
        from ivr.storage.sql.seals import Seals

        return Seals(self.settings.secret, self.settings.old_secrets)

    def promises_of(self, engine: Engine) -> Callbacks:
        from ivr.storage.sql.callbacks import Callbacks

        return Callbacks(engine, self.seals)

    def evidence_of(self, engine: Engine) -> EvidenceBook:
        from ivr.storage.sql.evidence import EvidenceBook

        return EvidenceBook(engine, self.seals)

    @cached_property
    def evidence(self) -> EvidenceParts:
        """Forms and files of callers: what receives, shows, scans and forgets them."""
        from ivr.wiring_evidence import EvidenceParts

        return EvidenceParts(self)

    @cached_property
    def story(self) -> StoryParts:
        """Lists and stories of single calls."""
        from ivr.wiring_story import StoryParts

        return StoryParts(self)

    @cached_property
    def at_carrier(self) -> CarrierParts:
        from ivr.wiring_carrier import CarrierParts

        return CarrierParts(self)

    @cached_property
    def calling(self) -> CallingOut:
        """What calls people: promises to call back, and agents who call out."""
        from ivr.wiring_calling import CallingOut

        return CallingOut(self)

    @cached_property
    def call_back(self) -> CallBack:
        return self.calling.call_back

    @cached_property
    def pace(self) -> Pace:
        """One pace for all that this process dials."""
        return Pace(per_second=self.settings.twilio_calls_per_second)

    @cached_property
    def _tell_of_callbacks(self) -> TellOfCallbacks:
        return TellOfCallbacks(
            promises=self.promises,
            policy=policy,
            sessions=self.sessions,
            menus=self.menus,
            estimates=self.estimates,
            draw=draw_code,
            case=self.cases.prepare,
        )

    @cached_property
    def _tell_of_incident(self) -> TellOfIncident:
        from ivr.storage.sql.incidents import Incidents

        return TellOfIncident(banners=Banners(self.link), incidents=Incidents(self.voice_engine), menus=self.menus)

    @cached_property
    def incident(self) -> SwitchIncident:
        from ivr.storage.files.phrases import banned
        from ivr.storage.sql.incidents import Incidents

        return SwitchIncident(
            banners=Banners(self.link),
            incidents=Incidents(self.engine, self.people.chain),
            trees=lambda: self.menus.trees,
            banned=banned,
            draw=lambda: secrets.token_hex(8),
            clock=self.clock,
        )

    @cached_property
    def _keep_case(self) -> KeepCase:
        from ivr.storage.sql.case_guesses import CaseGuesses

        return KeepCase(
            cases=self.cases,
            guesses=CaseGuesses(self.voice_engine, self.seals),
            promise=self.promises.find,
            sessions=self.sessions,
        )

    @cached_property
    def _tell_of_ticket(self) -> TellOfTicket:
        return TellOfTicket(tickets=self._tickets(self.voice_engine))

    def _tickets(self, engine: Engine) -> Tickets:
        from ivr.storage.sql.tickets import Tickets

        return Tickets(engine, self.seals)

    @cached_property
    def tickets(self) -> MakeTicket:
        return MakeTicket(
            tickets=self._tickets(self.engine),
            trees=lambda: self.menus.trees,
            caller_of=caller_of,
            draw=lambda: secrets.token_hex(8),
            clock=self.clock,
        )

    @cached_property
    def tokens(self) -> Tokens:
        from ivr.storage.sql.tickets import Tokens

        return Tokens(self.engine, self.people.chain)

    @cached_property
    def people(self) -> People:
        from ivr.storage.sql.people import People

        return People(self.engine, self.settings.secret, self.settings.old_secrets)

    @cached_property
    def records(self) -> Records:
        from ivr.storage.sql.records import Records

        return Records(self.engine, self.settings.secret, self.settings.old_secrets)

    # ---- the carrier -------------------------------------------------------------------------------------------

    @cached_property
    def wire(self) -> TwilioWire:
        tokens = (self.settings.twilio_auth_token, self.settings.twilio_auth_token_secondary)
        return TwilioWire(
            origin=self.settings.public_url,
            tokens=tuple(token.get_secret_value() for token in tokens if token.get_secret_value()),
            account=self.settings.twilio_account_sid,
        )

    @cached_property
    def carrier(self) -> TwilioCarrier:
        from ivr.telephony.twilio.carrier import TwilioCarrier, client_for

        client = client_for(
            account=self.settings.twilio_account_sid,
            token=self.settings.twilio_auth_token.get_secret_value(),
            key=self.settings.twilio_api_key,
            secret=self.settings.twilio_api_secret.get_secret_value(),
            base=self.settings.twilio_api_base,
            told=self.at_carrier.note_request,
        )
        return TwilioCarrier(client=client, public_url=self.settings.public_url)

    @cached_property
    def rules(self) -> Rules:
        """Alerts, what goes out to others, administration."""
        from ivr.wiring_rules import Rules

        return Rules(self)

    @cached_property
    def after(self) -> AfterTheCall:
        return AfterTheCall(self)

    # ---- workflows ---------------------------------------------------------------------------------------------

    @cached_property
    def match(self) -> MatchCalls:
        return MatchCalls(
            matcher=self.matcher,
            sessions=self.sessions,
            menus=self.menus,
            facts=self.facts,
            clock=self.clock,
        )

    @cached_property
    def estimates(self) -> EstimateWait:
        return EstimateWait(queues=RedisLine(self.link, self.registry), menus=self.menus, past=self.statistics)

    @cached_property
    def take_call(self) -> TakeCall:
        return TakeCall(
            sessions=self.sessions,
            menus=self.menus,
            match=self.match,
            memory=self.memory,
            estimates=self.estimates,
            ledger=self.ledger,
            clock=self.clock,
            inform={
                "callback": self._tell_of_callbacks.asked,
                "wait": self._tell_of_callbacks.waits,
                "out": self._tell_of_callbacks.out,
                "case": self._keep_case.asked,
                "room": self._keep_case.answered,
                "message": self._keep_case.recorded,
                "review": self.after.review_message.asked,
                "bye": self.after.tell_of_surveys,
                "verify": tell_of_verification(self),
                "link": self.evidence.tell_of_links,
                "lookup": look_up(self),
            },
            inform_all=(self._tell_of_incident.asked,),
            greet=(
                self._tell_of_incident.arrived,
                self._tell_of_ticket.arrived,
                self._keep_case.arrived,
                notice_repeats(self).arrived,
            ),
        )

    @cached_property
    def take_offer(self) -> TakeOffer:
        return TakeOffer(
            take_call=self.take_call,
            presences=self.presences,
            sessions=self.sessions,
            menus=self.menus,
            match=self.match,
            clock=self.clock,
        )

    @cached_property
    def end_wrap_up(self) -> EndWrapUp:
        return EndWrapUp(
            presences=self.presences,
            sessions=self.sessions,
            menus=self.menus,
            facts=self.facts,
            notes=self.notes.kept,
            cases=CaseDesk(cases=self.desk_cases),
            match=self.match,
            clock=self.clock,
        )

    @cached_property
    def rooms(self) -> TwilioRooms:
        from ivr.telephony.twilio.rooms import TwilioRooms

        return TwilioRooms(self.carrier.client, public_url=self.settings.public_url)

    @cached_property
    def notes(self) -> TakeNotes:
        return TakeNotes(kept=RedisNotes(self.link), presences=self.presences)

    @cached_property
    def dispatch(self) -> Dispatch:
        from ivr.workflows.dispatch import Dispatch
        from ivr.workflows.record_talk import RecordTalk

        return Dispatch(
            outbox=self.outbox,
            timers=self.timers,
            sessions=self.sessions,
            presences=self.presences,
            menus=self.menus,
            carrier=self.carrier,
            rooms=self.rooms,
            texts=self.evidence.texts,
            take_call=self.take_call,
            match=self.match,
            end_wrap_up=self.end_wrap_up,
            call_back=self.call_back,
            dial_house=self.calling.dial_house,
            record_talk=RecordTalk(
                recorder=self.carrier, sessions=self.sessions, take_call=self.take_call, clock=self.clock
            ),
            ask_to_rate=self.after.ask_to_rate,
            messages=self.after.messages,
            send_code=send_codes(self),
            follow_visit=self.room.follow_visit,
            pace=self.pace,
            clock=self.clock,
        )

    @cached_property
    def repair(self) -> Repair:
        from ivr.workflows.repair import Repair

        return Repair(
            sessions=self.sessions,
            presences=self.presences,
            menus=self.menus,
            carrier=self.carrier,
            rooms=self.rooms,
            open_calls=self.records,
            sign_in=self.desk.open,
            take_call=self.take_call,
            match=self.match,
            facts=self.facts,
            clock=self.clock,
        )

    @cached_property
    def keep_record(self) -> KeepRecord:
        return KeepRecord(facts=self.facts, records=Remembering(self))

    @cached_property
    def tell_call(self) -> TellCall:
        return TellCall(records=self.records, menus=self.menus, consents=self.after.consents(self.engine))

    @cached_property
    def desk(self) -> AgentDesk:
        return AgentDesk(
            presences=self.presences,
            sessions=self.sessions,
            menus=self.menus,
            roster=self.people_roster,
            facts=self.facts,
            calls=self.take_offer,
            clock=self.clock,
            mask=masked,
            evidence=self.evidence.shelf,
            cases=CaseDesk(cases=self.desk_cases),
            notes=self.notes,
            note_for=self.room.notes.find,
            line="simulator" if self.settings.in_the_box else "twilio",
        )

    @cached_property
    def text_caller(self) -> TextCaller:
        return TextCaller(
            take_call=self.take_call,
            presences=self.presences,
            sessions=self.sessions,
            menus=self.menus,
            clock=self.clock,
            fresh_link=self.evidence.tell_of_links.fresh,
        )

    @cached_property
    def transfer(self) -> TransferCall:
        return TransferCall(
            take_call=self.take_call,
            presences=self.presences,
            sessions=self.sessions,
            menus=self.menus,
            match=self.match,
            queues=RedisBoard(self.link),
            roster=self.people_roster,
            estimates=self.estimates,
            clock=self.clock,
            draw=lambda: secrets.token_hex(8),
        )

    @cached_property
    def take_house(self) -> TakeHouse:
        return TakeHouse(take_call=self.take_call, menus=self.menus, clock=self.clock)

    @cached_property
    def people_roster(self) -> Roster:
        from ivr.storage.sql.roster import Roster

        return Roster(self.engine)

    @property
    def board(self) -> Board:
        return self.room.board

    @cached_property
    def room(self) -> RoomParts:
        from ivr.wiring_room import RoomParts

        return RoomParts(self)

    @cached_property
    def reports(self) -> Reports:
        return Reports(self)

    def topics(self) -> Sequence[Topic]:
        return [topic for tree in self.menus.trees for topic in tree.topics.values()]

    # ---- web ---------------------------------------------------------------------------------------------------

    @cached_property
    def line(self) -> Line:
        from ivr.web.voice import Line

        return Line(
            wire=self.wire,
            take_call=self.take_call,
            take_offer=self.take_offer,
            take_house=self.take_house,
            presences=self.presences,
            clock=self.clock,
            take_text=self.after.take_text,
            heard=self.after.review_message.heard,
            visit=self.room.visit,
        )

    @cached_property
    def site(self) -> Site:
        from ivr.wiring_site import make_site

        return make_site(self)

    @property
    def simulator_origin(self) -> str:
        return self.settings.simulator_url if self.settings.starts_simulator else ""

    def schema_is_current(self) -> bool:
        """Asked in the way and with the patience of a voice request. Raises `Unavailable` when the database is away."""
        from ivr.storage.sql.migrate import is_current

        return is_current(self.voice_engine)

    def missing_recordings(self) -> list[str]:
        """Files that menus name and that are missing or empty; the words are spoken instead."""
        from ivr.storage.files.references import pieces_of

        names = {
            segment.audio
            for tree in self.menus.trees
            for prompt in tree.prompts.values()
            for segments in prompt.segments.values()
            for segment in segments
            if segment.audio
        }
        names |= {piece for topic in self.topics() if topic.music for piece in pieces_of(topic.music)}
        folder = self.settings.recordings_dir
        return [
            f"recordings/{name} is missing or empty"
            for name in sorted(names)
            if not (folder / name).is_file() or not (folder / name).stat().st_size
        ]

    def close(self) -> None:
        self.closing.set()
        if "feed_hub" in self.__dict__:
            self.feed_hub.close()
        if "link" in self.__dict__:
            self.link.close()


class Remembering:
    """The records, and with them the language and the speed that each number chose last."""

    def __init__(self, switchboard: Switchboard) -> None:
        self._board = switchboard

    def write(self, facts: Sequence[FactRow]) -> int:
        new = self._board.records.write(facts)
        self._board.rules.tell_of(facts)
        for row in facts:
            if new and isinstance(row.fact, Repaired):
                self._board.repair_counts.add(row.fact.what)
            if isinstance(row.fact, LanguageChosen | SpeedChosen):
                self._remember(row.fact)
            if new and isinstance(row.fact, Verified) and row.fact.result in (Proof.FAILED, Proof.LOCKED):
                self._board.alert_counts.add("code_guessing")
        return new

    def _remember(self, chosen: LanguageChosen | SpeedChosen) -> None:
        session = self._board.sessions.find(chosen.call)
        if session is None or session.caller.number is None:
            return
        number, memory = E164(session.caller.number), self._board.memory
        if isinstance(chosen, LanguageChosen):
            memory.remember_language(number, chosen.language)
        else:
            memory.remember_slow(number, chosen.slow)


def connect(settings: Settings, *, clock: Clock | None = None) -> Switchboard:
    """The switchboard of this process. Opens nothing."""
    from ivr.embedded import running_url

    return Switchboard(settings, redis_url=settings.redis_url or running_url(settings.redis_dir), clock=clock)
