"""The menu file as pydantic models: what may be written, with types, ranges and defaults.

The models only say what a file may look like; `build` turns them into the core's values and `checks` asks whether
the whole makes sense. The JSON Schema for editors is made from these models (`json_schema.py`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, RootModel, model_validator

from ivr.storage.files.asking import LookupModel, VerifyModel
from ivr.storage.files.channels import ChannelModel
from ivr.storage.files.fields import (
    Audio,
    Country,
    Day,
    Dialled,
    Duration,
    Hotline,
    Name,
    Number,
    Spans,
    Strict,
    Zone,
    wanted,
)

Text = Annotated[str, Field(min_length=1, max_length=4000)]
Words = dict[str, Annotated[str, Field(min_length=1, max_length=500)]]
Level = Annotated[int, Field(ge=1, le=5)]
Accepted = Annotated[int, Field(ge=0, le=5)]


class VoiceModel(Strict):
    locale: str
    """The carrier's name of the language: `cmn-CN`, `en-US`."""
    voice: str
    name: Text
    """The language in its own words."""
    countries: list[Country] = Field(default_factory=list)


class CalendarModel(Strict):
    zone: Zone | None = None
    always: bool = False
    weekly: dict[str, Spans] = Field(default_factory=dict)
    """`mon-fri: '09:00-18:00'`; a day that is not named is closed."""
    country: Country | None = None
    """Its public holidays count, beside the dates under `holidays`."""
    region: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,3}$")] | None = None
    """Part of the country with holidays of its own: `BY`, `CA`."""
    holidays: list[Day] = Field(default_factory=list)
    holiday_hours: Spans = ()
    exceptions: dict[Day, Spans] = Field(default_factory=dict)
    """`'2026-12-31': '09:00-12:00'` or `closed`."""
    says: Words = Field(default_factory=dict)
    """Own words for `{hours:…}`; needed in languages other than Chinese and English."""


class SegmentModel(Strict):
    """Text, or a mapping with `text` and `audio`."""

    text: str = Field(default="", max_length=4000)
    audio: Audio | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value


class PromptModel(Strict):
    """A segment per language; or `both`: segments in several languages, one after another, said to everybody."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)
    __pydantic_extra__: dict[str, SegmentModel] = Field(init=False)

    both: list[dict[str, SegmentModel]] | None = None
    interruptible: bool = True


class RelaxModel(Strict):
    after: Duration
    level: Accepted | None = None
    language_level: Accepted | None = None


class AnnouncementsModel(Strict):
    enter: Name | None = None
    enter_unknown: Name | None = None
    night: Name | None = None
    prepare: Name | None = None
    update: Name | None = None
    update_longer: Name | None = None
    next: Name | None = None
    options: Name | None = None
    still: Name | None = None
    connect: Name | None = None


class OverflowModel(Strict):
    after: Duration
    goto: Name


Reasons = Annotated[list[Name], Field(min_length=1)]


class DispositionModel(RootModel[dict[Name, Reasons | None]]):
    """A result: its name, or one line `name: [reasons]`."""

    model_config = ConfigDict(strict=True, frozen=True, json_schema_extra={"minProperties": 1, "maxProperties": 1})

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {value: None}
        if not isinstance(value, dict) or len(value) != 1:
            raise wanted("must be one result, or `result: [reasons]`")
        return value

    @property
    def result(self) -> str:
        return next(iter(self.root))

    @property
    def reasons(self) -> list[str]:
        return self.root[self.result] or []


class TopicDefaults(Strict):
    """What topics share; a topic's own value wins, announcements one by one."""

    calendar: Name | None = None
    night: Name | None = None
    language_level: Level | None = None
    priority: int | None = Field(default=None, ge=0, le=100)
    relax: list[RelaxModel] | None = None
    ring_time: Duration | None = None
    wrap_up: Duration | None = None
    turn: Duration | None = None
    music: Audio | None = None
    announcements: AnnouncementsModel = AnnouncementsModel()
    options: dict[str, Name] | None = None
    options_after: Duration | None = None
    overflow: OverflowModel | None = None
    ceiling: Duration | None = None
    closing: Name | None = None
    recording: Literal["off", "on_request", "opt_out", "opt_in"] | None = None
    service_level: Duration | None = None
    short_abandon: Duration | None = None
    dispositions: list[DispositionModel] | None = Field(default=None, min_length=1)
    """Results an agent chooses from, each with the reasons beneath it, if it has some."""
    steps: Name | None = None
    """A text message that an agent may send in the talk."""
    listening: bool | None = None
    """Whether supervisors may listen in; left out: where the caller has heard `listening_notice`."""
    survey: Name | None = None
    reply_within: Duration | None = None


class TopicModel(TopicDefaults):
    name: Words
    short: Words = Field(default_factory=dict)
    """As whispered to an agent; the name where it is missing."""
    skills: dict[Name, Level] = Field(min_length=1)


class ChoiceModel(Strict):
    """Where a key leads: a node, or a mapping with `goto`."""

    goto: Name
    label: Words = Field(default_factory=dict)
    path: Name | None = None
    sets: dict[Name, str] = Field(default_factory=dict)
    language: str | None = None
    other_language: bool = False
    recording: bool | None = None
    """This key says yes (true) or no (false) to being recorded."""

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return {"goto": value} if isinstance(value, str) else value


class MenuModel(Strict):
    prompt: Name
    choices: dict[str, ChoiceModel]
    timeout: Duration | None = None
    back: Name | None = None
    silence: Name | None = None
    others: Name | None = None
    person: Name | None = None
    free: list[str] = Field(default_factory=list)
    """Keys left free on purpose, so that the numbering may have a gap."""


class CollectModel(Strict):
    prompt: Name
    store: Name
    goto: Name
    digits: int | None = Field(default=None, ge=1, le=32)
    """The exact count; or `min_digits` and `max_digits`."""
    min_digits: int = Field(default=1, ge=1, le=32)
    max_digits: int = Field(default=20, ge=1, le=32)
    check: Literal["luhn", "mod97"] | None = None
    confirm: Name | None = None
    bad: Name | None = None
    skip: Name | None = None
    tries: int = Field(default=3, ge=1, le=5)
    failed: Name | None = None
    timeout: Duration | None = None
    secret: bool = False


class SayModel(Strict):
    prompts: list[Name] = Field(min_length=1)
    goto: Name

    @model_validator(mode="before")
    @classmethod
    def _one(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("prompts"), str):
            return {**value, "prompts": [value["prompts"]]}
        return value


class HoursModel(Strict):
    calendar: Name
    open: Name
    closed: Name


class QueueModel(Strict):
    topic: Name
    priority: int | None = Field(default=None, ge=0, le=100)
    prompts: list[Name] = Field(default_factory=list)
    overflow: OverflowModel | None = None


class VoicemailModel(Strict):
    topic: Name
    prompt: Name
    done: Name
    goto: Name
    review: Name | None = None
    max_length: Duration | None = None


class CallbackModel(Strict):
    topic: Name
    unable: Name | None = None
    dial: Literal["reserve", "agent_first", "customer_first"] = "reserve"
    """Who is on the line first."""
    priority: int | None = Field(default=None, ge=0, le=100)


class CallbacksModel(Strict):
    """Rules for calling people back; all of them have defaults."""

    hours: Spans | None = None
    """Decent hours on the callee's own clock, one span: `08:00-21:00`."""
    country_hours: dict[Country, Spans] = Field(default_factory=dict)
    attempts: int | None = Field(default=None, ge=1, le=5)
    delays: list[Duration] | None = Field(default=None, min_length=1)
    busy_delay: Duration | None = None
    later: Duration | None = None
    ring: Duration | None = None
    per_hour: int | None = Field(default=None, ge=1, le=100)
    most_open: int | None = Field(default=None, ge=1, le=100_000)
    offer_over: Duration | None = None
    regions: list[Country] | None = None
    """Only these countries are called."""
    denied: list[Country] | None = None
    """Never these; replaces the standard list."""


class RepeatModel(Strict):
    """Who rings again within this time is served sooner."""

    within: Duration | None = None
    calls: int | None = Field(default=None, ge=2, le=100)
    """From this call on."""
    priority: int | None = Field(default=None, ge=1, le=99)
    """Points more, each worth ten seconds of waiting."""
    most: int | None = Field(default=None, ge=2, le=1000)
    """With more calls than this nothing is raised: a switchboard, or a machine."""


class SurveyModel(Strict):
    score: Name
    solved: Name
    low: Name
    text: Name
    every: Duration | None = None
    follow_up: Duration | None = None


class ReturningModel(Strict):
    found: Name
    """Where callers go whose number has an open case."""
    goto: Name


class ProgressModel(Strict):
    goto: Name
    """Something else."""
    person: Name | None = None


class SmsModel(Strict):
    text: Name
    goto: Name
    unable: Name | None = None
    valid: Duration | None = None


class EvidenceModel(Strict):
    goto: Name
    text: Name | None = None
    unable: Name | None = None
    valid: Duration | None = None


class GotoModel(Strict):
    """A node's name, or a mapping with `goto`."""

    goto: Name

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return {"goto": value} if isinstance(value, str) else value


class IncidentModel(Strict):
    """A place for the incident banner; with a topic, for those about it."""

    goto: Name
    topic: Name | None = None


class TransferModel(Strict):
    number: Dialled
    failed: Name
    prompt: Name | None = None
    timeout: Duration | None = None


class HangupModel(Strict):
    prompt: Name | None = None


class NodeModel(Strict):
    """One node: a mapping with one key, which names its kind."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, json_schema_extra={"minProperties": 1, "maxProperties": 1}
    )

    menu: MenuModel | None = None
    collect: CollectModel | None = None
    say: SayModel | None = None
    hours: HoursModel | None = None
    queue: QueueModel | None = None
    voicemail: VoicemailModel | None = None
    sms: SmsModel | None = None
    callback: CallbackModel | None = None
    incident: IncidentModel | None = None
    survey: SurveyModel | None = None
    verify: VerifyModel | None = None
    evidence: EvidenceModel | None = None
    lookup: LookupModel | None = None
    returning: ReturningModel | None = None
    progress: ProgressModel | None = None
    goto: GotoModel | None = None
    transfer: TransferModel | None = None
    hangup: HangupModel | None = None


KINDS = tuple(NodeModel.model_fields)


class DestinationModel(Strict):
    """An outside number that agents may call."""

    name: Words
    number: Dialled
    topic: Name | None = None
    """What a call there counts as; left out: the first topic."""


class DeskTextModel(Strict):
    """Words that an agent may text the caller in the talk."""

    name: Words
    text: Name
    """A prompt."""
    topics: list[Name] = Field(default_factory=list)
    """Left out: every topic."""


class MenuFile(Strict):
    """A whole menu file: one hotline."""

    hotline: Hotline
    title: Words
    numbers: list[Number] = Field(min_length=1)
    zone: Zone
    languages: dict[str, VoiceModel] = Field(min_length=1)
    default_language: str
    start: Name
    person: Name
    recording_notice: Name | None = None
    """Who has heard it in full knows that the talk may be recorded; keys must not cut it off."""
    listening_notice: Name | None = None
    """Who has heard it in full knows that a supervisor may listen in; may be the recording notice."""
    notice: Name | None = None
    """Said to callers who skip the menu: what agents never ask for, and whether calls are recorded."""
    calendars: dict[Name, CalendarModel] = Field(default_factory=dict)
    topic_defaults: TopicDefaults = TopicDefaults()
    topics: dict[Name, TopicModel] = Field(min_length=1)
    reasons: dict[Name, Words] = Field(default_factory=dict)
    """What else a call can be about, for the agent to choose at wrap-up beside the topics."""
    results: dict[Name, Words] = Field(default_factory=dict)
    """Words for results and their reasons; without them the name is shown."""
    callbacks: CallbacksModel = CallbacksModel()
    test_numbers: list[Number] = Field(default_factory=list)
    """Calls from these numbers are tests: recorded and flagged, and left out of every figure."""
    repeat: RepeatModel | None = None
    """Left out: nobody is served sooner for ringing again."""
    texts: dict[Name, Words] = Field(default_factory=dict)
    """Own slots: `{reset_link}` is filled from here."""
    channels: dict[Name, ChannelModel] = Field(default_factory=dict)
    """The other ways to reach the house; each fills slots: `{chat}`, `{chat_hours}`, `{email_within}`."""
    destinations: dict[Name, DestinationModel] = Field(default_factory=dict)
    """Outside numbers that agents may call."""
    desk_texts: dict[Name, DeskTextModel] = Field(default_factory=dict)
    """What agents may text callers in the talk, beside the steps of the topic."""
    links: list[str] = Field(default_factory=list)
    """Hosts that texts and prompts may name."""
    prompts: dict[Name, PromptModel]
    nodes: dict[Name, NodeModel] = Field(min_length=1)
