"""What the pages need from the rest, as protocols, and `Site`, the one thing that `wiring` hands over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event
from typing import Any, Protocol
from urllib.parse import urlsplit

from ivr.core.follow_ups import FollowUp, Which
from ivr.core.ids import AgentId
from ivr.core.message_orders import Message
from ivr.core.people import Account, Throttled, Token
from ivr.web.carrier_doors import CarrierDoors
from ivr.web.figure_doors import FigureDoors
from ivr.web.room_doors import RoomDoors
from ivr.web.rules_doors import RulesDoors
from ivr.web.shelf_doors import Shelf
from ivr.web.story_doors import StoryDoors
from ivr.workflows.agent_presence import AgentDesk
from ivr.workflows.app_ticket import MakeTicket
from ivr.workflows.call_out import CallSomebody
from ivr.workflows.hand_over import HandOver
from ivr.workflows.incident import SwitchIncident
from ivr.workflows.keep_evidence import OpenFile
from ivr.workflows.look_after import LookAfter
from ivr.workflows.my_day import ShowMyDay
from ivr.workflows.open_matter import OpenMatter
from ivr.workflows.own_follow_ups import OwnFollowUps
from ivr.workflows.plan_breaks import PlanBreaks
from ivr.workflows.ports import Feed
from ivr.workflows.receive_evidence import ReceiveEvidence
from ivr.workflows.report_callbacks import ReportCallbacks
from ivr.workflows.report_hours import ReportHours
from ivr.workflows.report_results import ReportResults
from ivr.workflows.report_topics import ReportTopics
from ivr.workflows.reports import ReportWaits
from ivr.workflows.reveal_number import RevealNumber
from ivr.workflows.text_caller import TextCaller
from ivr.workflows.transfer_call import TransferCall
from ivr.workflows.watch_board import Board


class People(Protocol):
    """Accounts and their sessions (`storage.sql.people`)."""

    def check_password(
        self, login: str, password: str, *, at: datetime, address: str = ""
    ) -> Account | Throttled | None: ...

    def open_session(self, account: Account, *, at: datetime) -> str: ...

    def session(self, token: str, at: datetime, *, touch: bool = True) -> Account | None: ...

    def close_session(self, token: str) -> None: ...

    def set_preferences(self, account_id: str, *, language: str, theme: str) -> None: ...

    def set_choices(self, account_id: str, choices: Mapping[str, Any]) -> None: ...

    def audit(
        self,
        *,
        at: datetime,
        who: str,
        what: str,
        object: str = "",  # noqa: A002 - the word of the audit
        detail: Mapping[str, Any] | None = None,
    ) -> None: ...


class FollowUps(Protocol):
    """Low ratings and who wishes for a contact (`storage.sql.follow_ups`)."""

    def newest(
        self, hotline: str | None = None, *, only: Which | None = None, at: datetime | None = None
    ) -> Sequence[FollowUp]: ...

    def counts(self) -> tuple[int, int]: ...

    def mark(self, follow_up: str, status: str, *, who: str, at: datetime) -> bool: ...


class Tokens(Protocol):
    """Tokens of programs (`storage.sql.tickets`)."""

    def find(self, token: str, at: datetime) -> Token | None: ...


class Tallies(Protocol):
    """Counts that all processes share (`storage.redis.tallies`)."""

    def count(self, what: str, who: str, *, at: datetime, window: timedelta) -> int:
        """One more: how many within this window. Raises `Unavailable`."""


class MessageBox(Protocol):
    """Messages that wait for an answer (`storage.sql.message_box`)."""

    def newest(self) -> Sequence[Message]: ...

    def find(self, message: str) -> Message | None: ...

    def take(self, message: str, *, who: str, at: datetime) -> bool: ...

    def give_back(self, message: str, *, who: str) -> bool: ...

    def answered(self, message: str, *, who: str, at: datetime) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class Softphone:
    """What the page needs to be a telephone."""

    kind: str
    """`simulator` or `twilio`."""
    token: str
    base: str
    """Origin of the simulator; empty with `twilio`."""
    expires_s: int


@dataclass(frozen=True, kw_only=True)
class HotlineCard:
    titles: Mapping[str, str]
    """Its name by language."""
    number: str
    """E.164."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """Everything behind the pages."""

    people: People
    desk: AgentDesk
    transfer: TransferCall
    reveal: RevealNumber
    text_caller: TextCaller
    call_somebody: CallSomebody
    my_day: ShowMyDay
    breaks: PlanBreaks
    board: Board
    room: RoomDoors
    waits: ReportWaits
    figures: FigureDoors
    callbacks: ReportCallbacks
    follow_ups: FollowUps
    messages: MessageBox
    hear_message: Callable[[str, str], bytes]
    """The sound of a message as WAV, for whom; in the audit. Raises RequestError."""
    incident: SwitchIncident
    cases: LookAfter
    own_follow_ups: OwnFollowUps
    topics_report: ReportTopics
    results: ReportResults
    hours: ReportHours
    carrier: CarrierDoors
    shelf: Shelf
    evidence: ReceiveEvidence
    open_file: OpenFile
    hand_over: HandOver
    hotline: Callable[[str], HotlineCard]
    """What a stranger may know of the hotline with this number; of the first one for a number that is not ours."""
    open_matter: OpenMatter
    tickets: MakeTicket
    tokens: Tokens
    tallies: Tallies
    softphone: Callable[[AgentId], Softphone]
    feed: Callable[[], Feed]
    """A fresh subscription for one stream."""
    now: Callable[[], datetime]
    secret: str
    """`IVR_SECRET_KEY`."""
    public_url: str
    """`IVR_PUBLIC_URL`; https decides about cookie names and flags."""
    zone: str
    """The site's zone, default of the reports."""
    topics: Callable[[str], dict[str, str]]
    """Topic ids and names in a language, for filters."""
    reasons: Callable[[str], dict[str, str]]
    """What else agents may say a call was about."""
    result_names: Callable[[str], dict[str, str]]
    """The menus' own words for results and the reasons beneath them, in a language."""
    story: StoryDoors
    """Lists and stories of single calls."""
    rules: RulesDoors
    """Alerts, webhooks, tokens, administration."""
    simulator: str = ""
    """Origin of the simulator as the browser reaches it; empty on a real number."""
    embed_origins: tuple[str, ...] = ()
    """Origins whose pages may frame the desk."""
    uploads: int = 4
    """Forms with files that one process reads at once: each may hold 25 MiB."""
    streams_per_person: int = 5
    streams: int = 400
    closing: Event = field(default_factory=Event)
    """Set at shutdown: streams end within a second."""

    @property
    def secure(self) -> bool:
        return urlsplit(self.public_url).scheme == "https"
